package io.sietch.persistent;

import java.lang.foreign.MemorySegment;

/**
 * A queue's acknowledgements on their way from given to durable, and the lease horizon that their records hold. Where
 * the log has no room for a record, its mark stands for the horizon: a place up to which items may have been leased.
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>Acknowledgements become durable in the order in which they were given.
 *   <li>{@code horizonDurable <= horizonWritten <= horizon}, but for the last record of a clean close.
 *   <li>An item that may have been leased is below the durable horizon, or ends at the durable mark or before.
 * </ol>
 */
final class QueueAcks {
    private static final long LEAST_ITEM_BYTES = LogCore.recordBytes(QueueRecordFormat.itemLength(0));

    private final LogCore log;
    private final AckRanges ranges = new AckRanges();
    private final AckGroups groups = new AckGroups();
    private long given;
    private long durable;
    /** The highest position of an item whose acknowledgement no record tells of yet. */
    private long highest;

    private long horizon;
    private long horizonWritten;
    private long horizonDurable;

    /** Where the last item ends that is wanted below the horizon, and where so many more end at the earliest. */
    private long leaseEnd;

    private long aheadEnd;

    /** The last mark, durable or on its way. */
    private long marked;

    /** The last record, and the last one that is durable; -1 if there is none. */
    private long start;

    private long end;
    private long startDurable;
    private boolean wanted;

    QueueAcks(LogCore log, QueueRecovery recovered) {
        this.log = log;
        this.horizon = recovered.horizon();
        this.horizonWritten = recovered.horizonWritten();
        this.horizonDurable = horizonWritten;
        this.marked = log.marked();
        this.start = recovered.lastAcksStart();
        this.startDurable = start;
    }

    // ---- giving ----

    /** Whether there is no room for another one: what was given has to be written first. */
    boolean isFull() {
        return ranges.isFull();
    }

    /** The item that lies at this position is done. */
    void add(long id, long position) {
        if (ranges.isFull()) {
            throw new IllegalStateException("no room for an acknowledgement: hasAckRoom() has to be asked first");
        }
        ranges.add(id);
        highest = Math.max(highest, position);
        given++;
    }

    /** Adds what was acknowledged and no record tells of yet. */
    void addUnwrittenTo(IdSet ids) {
        ranges.addTo(ids);
    }

    /** How many were given. */
    long given() {
        return given;
    }

    /** How many of them, counted from the first, are durable. */
    long durable() {
        return durable;
    }

    // ---- writing ----

    /** A record is wanted, even if nothing was acknowledged. */
    void want() {
        wanted = true;
    }

    /** Whether a record is on its way that was not there before. */
    boolean isUnderWay() {
        return wanted || start != startDurable;
    }

    boolean isDue() {
        return !ranges.isEmpty() || wanted;
    }

    /** Appends a record, if there is room; else it stays due, and the mark stands for its horizon. */
    void write(long nextId) {
        int length = QueueRecordFormat.acksLength(ranges.count());
        long recordEnd = groups.isFull() ? LogCore.BUSY : log.claim(length);
        if (recordEnd < 0) {
            if (recordEnd == LogCore.NO_SPACE) {
                markHorizon();
            }
            return;
        }
        MemorySegment target = log.claimedSegment();
        QueueRecordFormat.writeAcks(target, log.claimedOffset(), ranges.count(), nextId, horizon);
        ranges.write(target, log.claimedOffset());
        log.publish();
        start = LogCore.start(recordEnd, length);
        end = recordEnd;
        wanted = false;
        horizonWritten = horizon;
        if (!ranges.isEmpty()) {
            groups.addRecord(given, recordEnd);
            clear();
        }
    }

    /** Whether trimming up to a position makes all durable that was given and not written; all else must be. */
    boolean canBeTrimmed(long target) {
        return !ranges.isEmpty() && highest < target && groups.isEmpty();
    }

    /** The log was told to trim up to there, instead of a record. */
    void trimmed(long target) {
        groups.addTrim(given, target);
        clear();
    }

    private void clear() {
        ranges.clear();
        highest = 0;
    }

    /** Takes note of what has become durable. */
    void settle() {
        if (end <= log.durable()) {
            startDurable = start;
            horizonDurable = horizonWritten;
        }
        durable = groups.settle(log.durable(), log.trimmed(), durable);
    }

    /** Where the last durable record starts: what lies before it is not needed for its sake. -1 if there is none. */
    long startDurable() {
        return startDurable;
    }

    // ---- the horizon ----

    /** Whether it is durable that the item may have been leased. */
    boolean isBelowHorizon(long id, long itemEnd) {
        return id < horizonDurable || itemEnd <= log.marked();
    }

    /** Items up to {@code beyond} ahead of this one may be leased soon; a record is wanted when half of it is used. */
    void approach(long id, long itemEnd, int beyond) {
        if (id + beyond / 2 >= horizonWritten) {
            horizon = Math.max(horizon, id + 1 + beyond);
            leaseEnd = itemEnd;
            aheadEnd = itemEnd + beyond * LEAST_ITEM_BYTES;
            wanted = true;
        }
    }

    /** A superblock needs no room: a log that is full of what waits for a lease can give no other. */
    private void markHorizon() {
        if (leaseEnd > marked) {
            marked = Math.min(aheadEnd, log.durable());
            log.mark(marked);
        }
    }

    /** The queue is being closed: where a record holds the exact horizon, nothing more is marked. */
    void unmark() {
        if (marked > 0 && !isDue()) {
            log.mark(0);
        }
    }

    /** Nothing is leased any more: the horizon is known exactly. */
    void settleHorizon(long exact) {
        horizon = exact;
        wanted |= horizon != horizonWritten;
    }
}
