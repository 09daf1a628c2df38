package io.sietch.redis;

import io.sietch.persistent.LogCore;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/**
 * A journal in memory whose refusals and durability the test decides. Nothing is durable before {@link #makeDurable()}.
 */
final class FakeJournal implements Journal {
    /** A published record: its bytes and its position. */
    record Entry(byte[] bytes, long end) {}

    private final MemorySegment memory;
    private final List<Entry> entries = new ArrayList<>();
    private final int maxRecordBytes;
    private long appended;
    private long durable;
    private long refusal;
    private int claimed = -1;
    private boolean keeping = true;

    FakeJournal() {
        this(1 << 20);
    }

    FakeJournal(int maxRecordBytes) {
        this.maxRecordBytes = maxRecordBytes;
        this.memory = Arena.ofAuto().allocate(maxRecordBytes + 8L, 8);
    }

    /** From now on each claim gets {@code code}; 0: claims are granted again. {@link #FAILED} stays. */
    void refuse(long code) {
        refusal = code;
    }

    /** Makes everything appended durable. */
    void makeDurable() {
        durable = appended;
    }

    /** Forgets records instead of keeping them, for long runs; from then on the journal allocates nothing. */
    void keepNothing() {
        keeping = false;
    }

    List<Entry> entries() {
        return entries;
    }

    @Override
    public long claim(int length) {
        if (claimed >= 0 || length <= 0 || length > maxRecordBytes) {
            throw new IllegalStateException("claim of " + length + " bytes while " + claimed + " are claimed");
        }
        if (refusal != 0) {
            return refusal;
        }
        claimed = length;
        if (keeping) {
            memory.asSlice(8, length).fill((byte) 0x5a); // what lay there before must not matter
        }
        return appended + LogCore.recordBytes(length);
    }

    @Override
    public MemorySegment segment() {
        return memory;
    }

    @Override
    public long offset() {
        return 8;
    }

    @Override
    public long publish() {
        if (claimed < 0) {
            throw new IllegalStateException("nothing claimed");
        }
        appended += LogCore.recordBytes(claimed);
        if (keeping) {
            entries.add(new Entry(memory.asSlice(8, claimed).toArray(ValueLayout.JAVA_BYTE), appended));
        }
        claimed = -1;
        return appended;
    }

    @Override
    public long durable() {
        return durable;
    }

    @Override
    public long appended() {
        return appended;
    }

    @Override
    public boolean isFailed() {
        return refusal == FAILED;
    }

    @Override
    public int maxRecordBytes() {
        return maxRecordBytes;
    }

    @Override
    public void abandon() {
        if (claimed < 0) {
            throw new IllegalStateException("nothing claimed");
        }
        claimed = -1;
    }

    @Override
    public String refusal(long code) {
        return "MISCONF the test refuses with " + code;
    }
}
