package io.sietch.persistent;

import java.util.Iterator;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A table as it was when {@link PersistentTable#snapshot} was called: every key with the value that was durable then,
 * batches whole or not at all. Writing and cleaning go on meanwhile and are not seen, nor does anything expire.
 *
 * <p>It has to be closed. Until then it costs
 *
 * <ul>
 *   <li>of the area, at most the segments that the log took when it was made, however long it is open; they are told by
 *       {@link TableFigures#snapshotBytes} as far as they could be used again. Where the table runs short of room for
 *       it, its area grows as far as it may; then changes fail with {@link LogFullException}, which names the snapshot
 *       as a cause, and succeed again after it was closed.
 *   <li>of memory, at most as much again as the index took, as parts of it are changed.
 * </ul>
 *
 * <p>Threads: all methods from any thread.
 */
public final class TableSnapshot<K, V> implements Iterable<Map.Entry<K, V>>, AutoCloseable {
    private final FrozenTable table;
    private final TableReads<K, V> reads;
    private final Runnable afterClose;

    TableSnapshot(FrozenTable table, TableReads<K, V> reads, Runnable afterClose) {
        this.table = table;
        this.reads = reads;
        this.afterClose = afterClose;
    }

    /** Where in the table's log it was made: later ones have a higher position, or nothing has changed. */
    public long position() {
        return table.position();
    }

    /** How many keys there are; those count that had expired and were not removed yet. */
    public long size() {
        return table.size();
    }

    /**
     * The value of a key, or null if it is not there.
     *
     * @throws IllegalStateException if the snapshot or the table is closed
     */
    public @Nullable V get(K key) {
        return reads.get(key);
    }

    /** Whether a key is there. Throws as {@link #get}. */
    public boolean containsKey(K key) {
        return reads.containsKey(key);
    }

    /**
     * Shows the value of a key without copying it. Throws as {@link #get}.
     *
     * @return whether it is there
     */
    public boolean read(K key, PersistentTable.ValueVisitor visitor) {
        return reads.read(key, visitor);
    }

    /** All entries, each once, in no order. Throws as {@link #get}, also while it is under way. */
    @Override
    public Iterator<Map.Entry<K, V>> iterator() {
        return reads.iterator();
    }

    /** Gives back what it kept, when those who read it at this moment are done. Does not wait. */
    @Override
    public void close() {
        table.close();
        afterClose.run();
    }
}
