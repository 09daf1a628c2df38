package io.sietch.persistent;

import java.time.InstantSource;

/**
 * What applying a table's items in their order gives: where the newest item of each key is, and how much they are
 * together.
 *
 * <p>Threads: changed by one; index and figures say who may read them.
 */
final class TableContents {
    /** Items that are replayed together. */
    private static final int GATHERED = 64;

    private final TableIndex index;
    private final TableFigures figures;
    private final LogCore log;
    private final TableItem probe;
    private final LiveSums sums;
    private final SegmentExpiries expiries;

    private final long[] positions = new long[GATHERED];
    private final long[] hashes = new long[GATHERED];
    private int gathered;
    private long touched;
    private final IndexHint hint = new IndexHint();

    /** What is applied before this position is in the sums already. */
    private long countedTo;

    TableContents(LogCore log, TableIndex index, KeyHash hash, InstantSource clock) {
        this.log = log;
        this.index = index;
        this.figures = new TableFigures(log.metrics());
        this.probe = new TableItem(log, hash);
        this.sums = new LiveSums(log);
        this.expiries = new SegmentExpiries(log, clock);
    }

    /** When items expire. */
    SegmentExpiries expiries() {
        return expiries;
    }

    TableIndex index() {
        return index;
    }

    TableFigures figures() {
        return figures;
    }

    LiveSums sums() {
        return sums;
    }

    /** The newest items of a segment are so much together, once everything before a position is applied. */
    void count(long segment, long data, long items, long position) {
        sums.addTo(segment, data, items);
        figures.add(data, items);
        countedTo = position;
    }

    /**
     * Applies what the log has from a position on. Returns whether it says there that it is a table's.
     *
     * @throws LogFormatException if there is anything that is no table's, or damaged
     */
    boolean replay(long from, KeyHash hash, long base) throws LogFormatException {
        boolean isTable = false;
        TableItem item = new TableItem(log);
        try (LogCursor cursor = log.cursor(from)) {
            while (cursor.next()) {
                long end = cursor.offset() + cursor.length();
                long position = cursor.start() + LogFormat.RECORD_PAYLOAD;
                for (long at = cursor.offset(); at < end; at += item.itemBytes()) {
                    TableRecordFormat.check(cursor.segment(), at, end);
                    item.moveTo(position);
                    isTable |= item.kind() == TableRecordFormat.FORMAT;
                    gather(position, hash.of(item.segment(), item.keyOffset(), item.keyLength()), item, base);
                    position += item.itemBytes();
                }
            }
        } catch (LogCorruptException e) {
            throw new LogFormatException("the table is damaged: " + e.getMessage());
        }
        applyGathered(item, base);
        return isTable;
    }

    private void gather(long position, long keyHash, TableItem item, long base) {
        if (gathered == GATHERED) {
            long here = item.position();
            applyGathered(item, base);
            item.moveTo(here);
        }
        positions[gathered] = position;
        hashes[gathered++] = keyHash;
    }

    /**
     * Applies what was gathered. Each item needs two places of memory that are nowhere near: its line of the index, and
     * the item that it replaces. Read for many items in a row, they are waited for together.
     */
    private void applyGathered(TableItem item, long base) {
        for (int i = 0; i < gathered; i++) {
            touched += index.touch(hashes[i]);
        }
        for (int i = 0; i < gathered; i++) {
            long replaced = index.first(hashes[i], base, hint);
            if (replaced > 0) {
                touched += probe.moveTo(replaced).keyLength();
            }
        }
        for (int i = 0; i < gathered; i++) {
            apply(item.moveTo(positions[i]), hashes[i], base);
        }
        gathered = 0;
    }

    /** Takes an entry over whose key is not there. It is not counted. */
    void load(long hash, long position) {
        index.insert(hash, position);
    }

    /**
     * Applies an item.
     *
     * @param hash of its key
     * @param base no living item is before it
     */
    void apply(TableItem item, long hash, long base) {
        probe.wanting(item.segment(), item.keyOffset(), item.keyLength());
        boolean counts = item.position() >= countedTo;
        switch (item.kind()) {
            case TableRecordFormat.PUT, TableRecordFormat.PUT_UNTIL -> {
                if (item.kind() == TableRecordFormat.PUT_UNTIL) {
                    expiries.add(item.position(), item.expiry());
                }
                boolean replaced = index.put(hash, item.position(), base, probe);
                if (counts) {
                    figures.put(item, replaced ? probe : null);
                    count(item, 1);
                }
                if (counts && replaced) {
                    count(probe, -1);
                }
            }
            case TableRecordFormat.REMOVE -> {
                if (index.remove(hash, base, probe) && counts) {
                    figures.remove(probe);
                    count(probe, -1);
                }
            }
            case TableRecordFormat.CLEAR -> {
                index.clear();
                if (counts) {
                    figures.clear();
                    sums.clear();
                }
            }
            default -> {}
        }
    }

    /** An item is there now, or is not any more. */
    private void count(TableItem item, int sign) {
        long data = item.keyLength() + (long) item.valueLength();
        sums.add(item.position(), sign * data, sign * item.itemBytes());
    }
}
