package io.sietch.redis;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Takes every record and keeps none, so that what is measured is the keyspace. */
final class NoJournal implements Journal {
    private static final int MAX_RECORD = 1 << 16;

    private final MemorySegment memory = Arena.ofAuto().allocate(MAX_RECORD, 8);
    private long appended;
    private int claimed;

    @Override
    public long claim(int length) {
        claimed = length;
        return appended + length;
    }

    @Override
    public MemorySegment segment() {
        return memory;
    }

    @Override
    public long offset() {
        return 0;
    }

    @Override
    public long publish() {
        appended += claimed;
        return appended;
    }

    @Override
    public void abandon() {
        claimed = 0;
    }

    @Override
    public long durable() {
        return appended;
    }

    @Override
    public long appended() {
        return appended;
    }

    @Override
    public int maxRecordBytes() {
        return MAX_RECORD;
    }

    @Override
    public boolean isFailed() {
        return false;
    }

    @Override
    public String refusal(long code) {
        throw new IllegalStateException("nothing was refused, and yet there is code " + code);
    }
}
