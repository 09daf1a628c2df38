package io.sietch.persistent;

import java.lang.foreign.MemorySegment;
import java.time.InstantSource;

/**
 * Reads a table from any thread, without a lock: what it finds is durable, and stays as it is until {@link #close}. To
 * be closed soon and by the thread that got it: while it is open, space that was cleaned is not used again.
 */
public final class TableReader implements AutoCloseable {
    /** Finds the entry of a key; the item is then at it. */
    interface Finder {
        boolean find(TableItem wanting, MemorySegment key, long offset, int length);
    }

    /** Shows the next few entries of a walk, possibly none. */
    interface Walker {
        void next(TableIndex.Walk walk, LogIndex.Visitor visitor);
    }

    private final ReadEpochs epochs;
    private final int seat;
    private final TableItem item;
    private final Finder finder;
    private final Walker walker;
    private final InstantSource clock;
    private boolean open;

    TableReader(ReadEpochs epochs, int seat, TableItem item, Finder finder, Walker walker, InstantSource clock) {
        this.epochs = epochs;
        this.seat = seat;
        this.item = item;
        this.finder = finder;
        this.walker = walker;
        this.clock = clock;
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

    /**
     * Whether the key is there; {@link #item} then shows it.
     *
     * @throws LogCorruptException if what the index shows was damaged since the table was opened
     */
    public boolean find(MemorySegment key, long offset, int length) {
        requireOpen();
        if (!finder.find(item.wanting(key, offset, length), key, offset, length)) {
            return false;
        }
        item.requirePut();
        return !item.isExpired(clock);
    }

    /** Shows the next few items of a walk, possibly none. */
    void next(TableIndex.Walk walk, LogIndex.Visitor visitor) {
        requireOpen();
        walker.next(walk, position -> {
            if (!item.moveTo(position).isExpired(clock)) {
                visitor.visit(position);
            }
        });
    }

    /** What was found last. */
    public TableItem item() {
        return item;
    }

    @Override
    public void close() {
        if (open) {
            open = false;
            epochs.leave(seat);
        }
    }
}
