package io.sietch.persistent;

import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** What a table holds durably, and what cleaning has cost. Written by the table's thread, read by any. */
public final class TableFigures {
    private final AtomicLong keyAndValueBytes = new AtomicLong();
    private final AtomicLong itemBytes = new AtomicLong();
    private final AtomicLong relocatedBytes = new AtomicLong();
    private final AtomicLong checkpointBytes = new AtomicLong();
    private final AtomicLong logBytes = new AtomicLong();
    private final AtomicLong heldBytes = new AtomicLong();
    private final LogMetrics log;

    TableFigures(LogMetrics log) {
        this.log = log;
    }

    /** Bytes of the keys and values that are there. */
    public long keyAndValueBytes() {
        return keyAndValueBytes.getOpaque();
    }

    /** The same with the header and padding of each. */
    public long itemBytes() {
        return itemBytes.getOpaque();
    }

    /** Bytes that cleaning has appended again since the table was opened. */
    public long relocatedBytes() {
        return relocatedBytes.getOpaque();
    }

    /** Bytes that copying the index to the log has appended since the table was opened. */
    public long checkpointBytes() {
        return checkpointBytes.getOpaque();
    }

    /** Bytes of the log from its head to its end, with everything in between, as of the last turn. */
    public long logBytes() {
        return logBytes.getOpaque();
    }

    /** Bytes of segments that could be used again but for open snapshots, as of the last turn. */
    public long snapshotBytes() {
        return heldBytes.getOpaque();
    }

    /** Bytes of items appended since the table was opened because somebody changed something. */
    public long changedBytes() {
        return log.payloadBytes() - relocatedBytes() - checkpointBytes();
    }

    /** Bytes appended, by cleaning and checkpoints too, for each that somebody changed; 0 before the first. */
    public double appendAmplification() {
        return ratio(log.payloadBytes(), changedBytes());
    }

    /** Bytes written to the device, padding included, for each that somebody changed; 0 before the first. */
    public double writeAmplification() {
        return ratio(log.writtenBytes(), changedBytes());
    }

    /** Bytes of log for each of the keys and values that are there; 0 if there are none. */
    public double spaceAmplification() {
        return ratio(logBytes(), keyAndValueBytes());
    }

    private static double ratio(long bytes, long each) {
        return each <= 0 ? 0 : (double) bytes / each;
    }

    /** Items are there that a checkpoint has told of. */
    void add(long data, long items) {
        add(keyAndValueBytes, data);
        add(itemBytes, items);
    }

    void put(TableItem item, @Nullable TableItem replaced) {
        if (replaced != null) {
            remove(replaced);
        }
        add(keyAndValueBytes, item.keyLength() + (long) item.valueLength());
        add(itemBytes, item.itemBytes());
    }

    void remove(TableItem item) {
        add(keyAndValueBytes, -(item.keyLength() + (long) item.valueLength()));
        add(itemBytes, -item.itemBytes());
    }

    void clear() {
        keyAndValueBytes.setOpaque(0);
        itemBytes.setOpaque(0);
    }

    void logTakes(long bytes, long held) {
        logBytes.setOpaque(bytes);
        heldBytes.setOpaque(held);
    }

    void relocated(long bytes) {
        add(relocatedBytes, bytes);
    }

    void checkpointed(long bytes) {
        add(checkpointBytes, bytes);
    }

    private static void add(AtomicLong counter, long more) {
        counter.setOpaque(counter.getPlain() + more);
    }
}
