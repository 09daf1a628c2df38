package io.sietch.persistent;

import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** What a table holds durably, and what cleaning has cost. Written by the table's thread, read by any. */
public final class TableFigures {
    private final AtomicLong keyAndValueBytes = new AtomicLong();
    private final AtomicLong itemBytes = new AtomicLong();
    private final AtomicLong relocatedBytes = new AtomicLong();

    TableFigures() {}

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

    void relocated(long bytes) {
        add(relocatedBytes, bytes);
    }

    private static void add(AtomicLong counter, long more) {
        counter.setOpaque(counter.getPlain() + more);
    }
}
