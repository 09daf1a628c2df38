package io.sietch.persistent;

import java.lang.foreign.MemorySegment;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/**
 * Removes what has expired, a slice at a time: walks through segments in which something has, and appends removals. So
 * the index is at all times what replaying the log gives, and what was removed does not come back with another clock.
 *
 * <p>Threads: that of the table.
 */
final class TableExpiry {
    private static final int SLICE_BYTES = 64 << 10;
    private static final long NANOS = 1_000_000;
    private static final long IDLE_MILLIS_MAX = 3_600_000;

    private final TableCore table;
    private final LogCore log;
    private final LogGeometry geometry;
    private final SegmentExpiries expiries;
    private final InstantSource clock;
    private final TableItem item;

    private @Nullable LogCursor cursor;
    private long segment;
    private boolean held;

    /** Of what stays in the segment, when the first will expire. */
    private long first;

    TableExpiry(TableCore table, LogCore log, SegmentExpiries expiries, InstantSource clock) {
        this.table = table;
        this.log = log;
        this.geometry = log.geometry();
        this.expiries = expiries;
        this.clock = clock;
        this.item = new TableItem(log);
    }

    /** Writes an item that removes another's key. */
    static void writeRemoval(TableItem of, MemorySegment target, long at) {
        TableRecordFormat.writeHeader(target, at, TableRecordFormat.REMOVE, of.keyLength(), 0);
        long to = at + TableRecordFormat.KEY;
        MemorySegment.copy(of.segment(), of.keyOffset(), target, to, of.keyLength());
        long end = at + TableRecordFormat.itemBytes(of.keyLength(), 0);
        target.asSlice(to + of.keyLength(), end - to - of.keyLength()).fill((byte) 0);
    }

    /** Does a slice if something has expired. Returns how much was done. */
    int poll() {
        if (cursor == null && expiries.nextDue() == SegmentExpiries.NONE) {
            return 0;
        }
        long now = clock.millis();
        if (cursor == null) {
            long due = expiries.takeDue(now);
            if (due < 0) {
                return 0;
            }
            begin(due);
        }
        if (segment < geometry.segmentOf(log.head())) {
            cursor = null; // cleaned meanwhile
            return 1;
        }
        try {
            return walk(now);
        } catch (LogCorruptException damaged) {
            // Cleaning will come across it and tell; nothing of this segment is removed any more.
            end(now);
            return 1;
        }
    }

    private void begin(long due) {
        segment = due;
        first = SegmentExpiries.NONE;
        held = false;
        cursor = log.cursor(Math.max(log.head(), geometry.positionOf(due, 0)));
    }

    private int walk(long now) throws LogCorruptException {
        LogCursor records = cursor;
        int walked = 0;
        while (records != null && walked < SLICE_BYTES) {
            if (!held && !records.next()) {
                end(now);
                return walked + 1;
            }
            held = true;
            if (geometry.segmentOf(records.start()) > segment || records.end() > table.applied()) {
                end(now);
                return walked + 1;
            }
            if (!remove(records, now)) {
                return walked;
            }
            held = false;
            walked += LogFormat.recordBytes(records.length());
        }
        return walked;
    }

    private void end(long now) {
        cursor = null;
        expiries.walked(segment, first, now);
    }

    /** Removes what has expired of a record's items. Returns false if there is no room now. */
    private boolean remove(LogCursor record, long now) {
        int bytes = removals(record, null, 0, now);
        if (bytes == 0) {
            return true;
        }
        long end = table.claim(bytes, TableCore.RESERVED_FOR_CLEANING);
        if (end <= 0) {
            return false;
        }
        removals(record, log.claimedSegment(), log.claimedOffset(), now);
        table.publish(bytes);
        log.commit();
        return true;
    }

    private int removals(LogCursor record, @Nullable MemorySegment target, long offset, long now) {
        int bytes = 0;
        long position = record.start() + LogFormat.RECORD_PAYLOAD;
        for (long rest = record.length(); rest > 0; rest -= item.itemBytes()) {
            item.moveTo(position);
            position += item.itemBytes();
            if (item.kind() != TableRecordFormat.PUT_UNTIL || !table.isAlive(item)) {
                continue;
            }
            if (item.expiry() > now) {
                first = Math.min(first, item.expiry());
                continue;
            }
            if (target != null) {
                writeRemoval(item, target, offset + bytes);
            }
            bytes += (int) TableRecordFormat.itemBytes(item.keyLength(), 0);
        }
        return bytes;
    }

    /** How long nothing will expire that is to be removed. */
    long idleNanos() {
        long due = cursor == null ? expiries.nextDue() : 0;
        if (due == SegmentExpiries.NONE || log.isFailed() || log.isReadOnly()) {
            return Long.MAX_VALUE;
        }
        return Math.clamp(due - clock.millis(), 1, IDLE_MILLIS_MAX) * NANOS;
    }
}
