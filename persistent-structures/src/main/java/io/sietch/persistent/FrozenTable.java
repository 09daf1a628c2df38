package io.sietch.persistent;

import java.lang.foreign.MemorySegment;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * A table as it was at a position: all that was durable then, and nothing since. {@link TableSnapshot} is its face.
 *
 * <p>Threads: any.
 */
final class FrozenTable implements AutoCloseable {
    private final TableSnapshots snapshots;
    private final ReadEpochs epochs;
    private final LogCore log;
    private final KeyHash hash;
    private final TableIndex.Frozen index;
    private final HeldSegments held;
    private final long base;
    private final long position;

    /** That of taking it, for ever. */
    private final InstantSource time;

    private final AtomicReferenceArray<TableReader> readers = new AtomicReferenceArray<>(ReadEpochs.SEATS);
    private volatile boolean closed;

    FrozenTable(TableSnapshots snapshots, TableCore table, TableIndex.Frozen index, HeldSegments held) {
        this.snapshots = snapshots;
        this.epochs = table.epochs();
        this.log = table.log();
        this.hash = table.hash();
        this.index = index;
        this.held = held;
        this.base = table.base();
        this.position = table.applied();
        this.time = InstantSource.fixed(table.clock().instant());
    }

    /** Everything before this position of the log is in it, and nothing else. */
    long position() {
        return position;
    }

    long size() {
        return index.size();
    }

    TableIndex.Frozen index() {
        return index;
    }

    HeldSegments held() {
        return held;
    }

    boolean isClosed() {
        return closed;
    }

    /**
     * Begins to read, as {@link TableCore#read}.
     *
     * @throws IllegalStateException if it is closed
     */
    TableReader read() {
        int seat = epochs.enter();
        if (closed) {
            epochs.leave(seat);
            throw new IllegalStateException("the snapshot is closed");
        }
        TableReader reader = readers.getPlain(seat);
        if (reader == null) {
            reader = new TableReader(epochs, seat, new TableItem(log, hash, held), this::find, this::next, time);
            readers.setPlain(seat, reader);
        }
        return reader.opened();
    }

    private boolean find(TableItem wanting, MemorySegment key, long offset, int length) {
        return index.find(hash.of(key, offset, length), base, wanting);
    }

    private void next(TableIndex.Walk walk, LogIndex.Visitor visitor) {
        index.next(walk, base, visitor);
    }

    /** What it kept is used again when those who read have left. */
    @Override
    public void close() {
        if (!closed) {
            closed = true;
            snapshots.closed(this);
        }
    }
}
