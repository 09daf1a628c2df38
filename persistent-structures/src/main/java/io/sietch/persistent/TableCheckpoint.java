package io.sietch.persistent;

import java.lang.foreign.MemorySegment;

/** What a table tells its {@link IndexCheckpoint}: a checkpoint's bytes are the value of an item without a key. */
record TableCheckpoint(TableCore table) implements IndexCheckpoint.Owner {
    static {
        assert IndexCheckpoint.HEAD_BYTES == TableRecordFormat.KEY;
    }

    @Override
    public boolean isCaughtUp() {
        return table.isCaughtUp();
    }

    @Override
    public long applied() {
        return table.applied();
    }

    @Override
    public long base() {
        return table.base();
    }

    @Override
    public LiveSums sums() {
        return table.contents().sums();
    }

    @Override
    public long earliest(long segment) {
        return table.contents().expiries().earliest(segment);
    }

    /** The last segments, which cleaning and removing need, are never begun for a checkpoint. */
    @Override
    public long claim(int length) {
        return table.claim(length, TableCore.RESERVED_SEGMENTS);
    }

    @Override
    public void writeHead(MemorySegment target, long at, int bytes) {
        TableRecordFormat.writeHeader(target, at, TableRecordFormat.CHECKPOINT, 0, bytes);
    }

    @Override
    public void checkpointed(int length) {
        table.figures().checkpointed(length);
    }

    @Override
    public long relocatedBytes() {
        return table.figures().relocatedBytes();
    }

    @Override
    public long detailBytes() {
        return 0;
    }

    @Override
    public long detail(long position, long[] detail) {
        return position;
    }
}
