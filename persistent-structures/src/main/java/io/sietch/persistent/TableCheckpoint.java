package io.sietch.persistent;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * Copies a table's index into its log a slice at a time, while the table is changed, so that opening has to replay only
 * what was appended since. What is copied is not of one moment; it need not be, see {@link TableCheckpointReader}.
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>When a checkpoint begins, the index is what replaying everything before {@code begin} gives.
 *   <li>An entry that is there all the time is copied once. Only what is durable is copied. No item is read for it.
 *   <li>The log's mark is moved to a checkpoint's end when that is durable.
 *   <li>The last segments, which cleaning and removing need, are never begun for a checkpoint: it is abandoned.
 * </ol>
 *
 * <p>Threads: that of the table.
 */
final class TableCheckpoint {
    /** Of one turn, at most. */
    private static final int PARTS_MAX = 16;

    /** What an entry takes, with its share of what tells home lines. */
    private static final long ENTRY_BYTES = 10;

    /**
     * Bytes to append before the next checkpoint for each byte of the last: so at most half as much is written for it.
     */
    private static final long SPACING = 2;

    private static final int TURNS_WITHOUT_ROOM = 3;

    private final TableCore table;
    private final LogCore log;
    private final long interval;
    private final int partWords;
    private final long secret0;
    private final long secret1;

    /** Since the last one began, without its own bytes. */
    private long changed;

    private long relocated;
    private boolean running;
    private long begin;
    private TableIndex.Walk walk = new TableIndex.Walk();
    private long[] part = new long[16];
    private int words;
    private long total;
    private int home;
    private int parts;
    private long previous;
    private long base;
    private long seenAppended;
    private long endStart;
    private long endsAt;

    TableCheckpoint(TableCore table, LogCore log, long interval, long secret0, long secret1) {
        this.table = table;
        this.log = log;
        this.interval = interval;
        this.partWords = table.index().lines();
        this.secret0 = secret0;
        this.secret1 = secret1;
    }

    /** The last one began here. */
    void startsFrom(long position) {
        changed = log.appended() - position;
    }

    /** So many bytes were appended by whoever changes the table. */
    void changed(long bytes) {
        changed += bytes;
    }

    /** So many of these were appended by cleaning. */
    void relocated(long bytes) {
        changed -= bytes;
        relocated += bytes;
    }

    /** Does a slice, if there is something to do. */
    int poll() {
        if (!running) {
            return isDue(spacing()) && table.isCaughtUp() ? begin() : 0;
        }
        if (endsAt == 0) {
            return copy();
        }
        if (log.durable() < endsAt) {
            return 0;
        }
        running = false;
        log.mark(endStart);
        return 1;
    }

    private long spacing() {
        return Math.max(interval, SPACING * ENTRY_BYTES * table.size());
    }

    /** Whether so much is to be replayed. What follows from a checkpoint alone never makes another due. */
    private boolean isDue(long bytes) {
        return changed + Math.min(changed, relocated) >= bytes;
    }

    /** Makes a last one if that is worth it. Waits for the device; everything is applied. */
    void finish() {
        if (!running && isDue(spacing() / 8) && table.isCaughtUp()) {
            begin();
        }
        for (int idle = 0; running && idle < TURNS_WITHOUT_ROOM && !log.isFailed(); ) {
            idle = poll() > 0 ? 0 : idle + 1;
            if (idle > 0) {
                log.awaitDurable();
            }
        }
        running = false;
    }

    private int begin() {
        running = true;
        changed = 0;
        relocated = 0;
        begin = log.durable();
        base = table.base();
        walk = new TableIndex.Walk();
        words = 0;
        home = -1;
        total = 0;
        parts = 0;
        previous = 0;
        endsAt = 0;
        seenAppended = log.appended();
        return 1;
    }

    /** Copies as much as others have appended since, but not nothing, and not so much that they would notice. */
    private int copy() {
        long wanted = (log.appended() - seenAppended) / (partWords * Long.BYTES);
        int copied = 0;
        do {
            while (words < partWords && !walk.isAtEnd()) {
                table.index().nextSlots(walk, this::gather);
            }
            int done = words > 0 ? appendPart() : appendEnd();
            copied += done;
            if (done == 0) {
                break;
            }
        } while (running && endsAt == 0 && copied < Math.min(wanted, PARTS_MAX));
        seenAppended = log.appended();
        return copied;
    }

    private void gather(int newHome, long slot) {
        if (words + 2 > part.length) {
            part = Arrays.copyOf(part, 2 * words);
        }
        if (newHome != home) {
            home = newHome;
            part[words++] = IndexPart.homeWord(home);
        }
        part[words++] = slot;
        total++;
    }

    private int appendPart() {
        if (!claim(TableCheckpointFormat.partBytes(words))) {
            return 0;
        }
        MemorySegment target = log.claimedSegment();
        long at = log.claimedOffset() + TableRecordFormat.KEY;
        TableCheckpointFormat.writeHeader(target, at, TableCheckpointFormat.PART, begin, previous, parts, words);
        for (int i = 0; i < words; i++) {
            TableCheckpointFormat.writeWord(target, at, i, part[i]);
        }
        previous = publish(TableCheckpointFormat.partBytes(words));
        parts++;
        words = 0;
        home = -1;
        return 1;
    }

    private int appendEnd() {
        long sumsAt = table.applied();
        LiveSums sums = table.contents().sums();
        long first = log.geometry().segmentOf(log.head());
        long last = log.geometry().segmentOf(sumsAt);
        SegmentExpiries expiries = table.contents().expiries();
        boolean expiring = false;
        int count = 0;
        for (long segment = first; segment <= last; segment++) {
            count += sums.items(segment) > 0 ? 1 : 0;
            expiring |= expiries.earliest(segment) != SegmentExpiries.NONE;
        }
        if (!claim(TableCheckpointFormat.endBytes(count, expiring))) {
            return 0;
        }
        MemorySegment target = log.claimedSegment();
        long at = log.claimedOffset() + TableRecordFormat.KEY;
        long magic = expiring ? TableCheckpointFormat.END_EXPIRING : TableCheckpointFormat.END;
        TableCheckpointFormat.writeHeader(target, at, magic, begin, previous, parts, count);
        TableCheckpointFormat.writeSecret(target, at, secret0, secret1);
        TableCheckpointFormat.writeIndex(target, at, total, base, table.index().lines(), sumsAt);
        int next = 0;
        for (long segment = first; segment <= last; segment++) {
            if (sums.items(segment) > 0) {
                if (expiring) {
                    TableCheckpointFormat.writeExpiry(target, at, next, expiries.earliest(segment));
                }
                TableCheckpointFormat.writeSegment(
                        target, at, next++, expiring, segment, sums.data(segment), sums.items(segment));
            }
        }
        endStart = publish(TableCheckpointFormat.endBytes(count, expiring));
        endsAt = log.appended();
        log.commit();
        return 1;
    }

    private boolean claim(int bytes) {
        long length = TableRecordFormat.itemBytes(0, bytes);
        long end = length > log.maxRecordBytes() ? LogCore.NO_SPACE : table.claim(length, TableCore.RESERVED_SEGMENTS);
        if (end < 0 && end != LogCore.BUSY) {
            fail();
        }
        return end > 0;
    }

    private int fail() {
        running = false;
        changed = 0; // tried again when as much has been appended again
        relocated = 0;
        return 0;
    }

    /** Appends what was claimed; returns where the record starts. */
    private long publish(int bytes) {
        TableRecordFormat.writeHeader(
                log.claimedSegment(), log.claimedOffset(), TableRecordFormat.CHECKPOINT, 0, bytes);
        int length = (int) TableRecordFormat.itemBytes(0, bytes);
        table.contents().figures().checkpointed(length);
        return LogCore.start(log.publish(), length);
    }
}
