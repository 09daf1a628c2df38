package io.sietch.redis;

import io.sietch.persistent.LogCore;
import io.sietch.persistent.LogPlace;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * A journal in memory alone, so that what is measured is the keyspace. It keeps what came first, and of what came later
 * the newest 64 MiB; whoever uses it sets no other keys later than those that are set again and again.
 */
final class NoJournal implements Journal {
    private static final int MAX_RECORD = 1 << 16;
    private static final int HEADER = 8;
    private static final long PART = 1 << 26;

    private final MemorySegment memory = Arena.ofAuto().allocate(2 * PART, 64);
    private long start;
    private long appended;
    private int claimed;

    @Override
    public long claim(int length) {
        claimed = length;
        int bytes = LogCore.recordBytes(length);
        start = appended % PART + bytes <= PART ? appended : (appended / PART + 1) * PART;
        return start + bytes;
    }

    private static long at(long position) {
        return position < PART ? position : PART + position % PART;
    }

    @Override
    public void locate(long position, LogPlace place) {
        place.set(memory, at(position));
    }

    @Override
    public long head() {
        return 0;
    }

    @Override
    public MemorySegment segment() {
        return memory;
    }

    @Override
    public long offset() {
        return at(start) + HEADER;
    }

    @Override
    public long publish() {
        memory.set(ValueLayout.JAVA_INT, at(start), claimed);
        appended = start + LogCore.recordBytes(claimed);
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
