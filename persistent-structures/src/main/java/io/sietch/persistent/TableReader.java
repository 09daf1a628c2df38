package io.sietch.persistent;

import java.lang.foreign.MemorySegment;

/**
 * Reads a table from any thread, without a lock: what it finds is durable, and stays as it is until {@link #close}. To
 * be closed soon and by the thread that got it: while it is open, space that was cleaned is not used again.
 */
public final class TableReader implements AutoCloseable {
    private final TableCore table;
    private final int seat;
    private final TableItem item;
    private boolean open;

    TableReader(TableCore table, int seat, TableItem item) {
        this.table = table;
        this.seat = seat;
        this.item = item;
    }

    /** The seat was taken. */
    TableReader opened() {
        open = true;
        return this;
    }

    private void requireOpen() {
        if (!open) {
            throw new IllegalStateException("the reader is closed");
        }
    }

    /** Whether the key is there; {@link #item} then shows it. */
    public boolean find(MemorySegment key, long offset, int length) {
        requireOpen();
        return table.findDurable(item.wanting(key, offset, length), key, offset, length);
    }

    /** Shows the next few items of a walk, possibly none. */
    void next(TableIndex.Walk walk, TableIndex.Visitor visitor) {
        requireOpen();
        table.nextDurable(walk, visitor);
    }

    /** What was found last. */
    public TableItem item() {
        return item;
    }

    @Override
    public void close() {
        if (open) {
            open = false;
            table.leave(seat);
        }
    }
}
