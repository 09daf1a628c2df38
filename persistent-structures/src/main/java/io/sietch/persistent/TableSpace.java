package io.sietch.persistent;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * How much room a table takes in its log, and what is done about it: when its oldest segment is cleaned, whether it is
 * worth waiting for room, and when more is asked for.
 *
 * <p>While a snapshot holds the oldest segment, cleaning it gives nothing back yet. It goes on for the sake of what
 * comes after; but where room is short, growing helps, and cleaning would only use up the reserve.
 *
 * <p>Threads: that of the table.
 */
final class TableSpace implements SegmentCleaner.Owner {
    /** Segments beyond what is wanted, for what is on its way: the reserve, and as many for cleaning to come round. */
    private static final int SLACK_SEGMENTS = 2 * TableCore.RESERVED_SEGMENTS + 2;

    /** Below this many bytes for each that an item takes in the log, cleaning would run in circles. */
    private static final double LEAST_AMPLIFICATION = 4.0 / 3;

    /** So much of what was asked for may be room for what goes on while it is cleaned. */
    private static final double HEADROOM_SHARE_MAX = 1.0 / 8;

    /** Bytes to clean for each byte appended when hardly any room is left: keeps up when all but a few are alive. */
    private static final int PACE_MAX = 32;

    private final TableCore table;
    private final LogCore log;
    private final double amplification;
    private final int segmentBytes;
    private final TableItem item;
    private final SegmentCleaner cleaner;
    private final CleaningRounds rounds;
    private boolean noRoomToClean;

    TableSpace(TableCore table, LogCore log, double amplification) {
        this.table = table;
        this.log = log;
        this.amplification = amplification;
        this.segmentBytes = log.geometry().segmentBytes();
        this.item = new TableItem(log);
        this.cleaner = new SegmentCleaner(log, this);
        this.rounds = new CleaningRounds(log);
    }

    /** Cleans a slice, if that is due. */
    int poll() {
        return cleaner.poll();
    }

    /** So many bytes were appended by what goes on beside: nobody is to wait until they are made up for. */
    void forgive(long bytes) {
        cleaner.forgive(bytes);
    }

    /** Whether who may wait should, so that cleaning catches up. */
    boolean isBehind() {
        return cleaner.isBehind();
    }

    /** Whether it is worth waiting for room. */
    boolean isComing() {
        return cleaner.isWaiting() || table.isHeldByReaders() || canFree();
    }

    /** How large the log's area should be, so that cleaning always comes in time. */
    long wantedAreaBytes() {
        return (long) cleanFromBytes() + headroomBytes() + log.holds().bytes();
    }

    /**
     * How many bytes of log there may be before it is cleaned: what was asked for, of which the last part is room for
     * what goes on while it is cleaned. So the area need not be larger than what was asked for; but that of a small
     * table is, or cleaning would run in circles.
     */
    private double cleanFromBytes() {
        double asked = table.figures().keyAndValueBytes() * amplification;
        double beside = Math.min(segmentBytes + headroomBytes(), asked * HEADROOM_SHARE_MAX);
        return Math.max(asked - beside, Math.max(recordBytes() * LEAST_AMPLIFICATION, 2.0 * segmentBytes));
    }

    /** Room for what is appended while cleaning comes round, and for a checkpoint, which nobody waits for. */
    private long headroomBytes() {
        return (long) SLACK_SEGMENTS * segmentBytes + table.checkpointBytesWanted();
    }

    /** The less room is left, the more has to be cleaned for what is appended: so nobody ever waits for all of it. */
    @Override
    public int pace() {
        long plenty = Math.max(SLACK_SEGMENTS, headroomBytes() / segmentBytes) / 2;
        long room = log.spareSegments() - TableCore.RESERVED_SEGMENTS;
        return Math.clamp(SegmentCleaner.PACE * plenty / Math.max(1, room), SegmentCleaner.PACE, PACE_MAX);
    }

    /** What the living items would take in the log if each were alone in a record. */
    private long recordBytes() {
        return table.figures().itemBytes() + table.size() * LogFormat.RECORD_PAYLOAD;
    }

    /** Whether going round the log once would give a segment back. */
    private boolean canFree() {
        boolean stuck = noRoomToClean && log.spareSegments() == 0;
        return cleaner.damage() == null
                && !stuck
                && !log.holds().isHeadHeld()
                && rounds.canGain(table.logBytes(), recordBytes() + recordBytes() / 8);
    }

    // ---- cleaning -----------------------------------------------------------------------------------------------

    @Override
    public boolean isCleaningDue() {
        if (isUrgent()) {
            return canFree();
        }
        rounds.end();
        return log.appended() - cleaner.cleaned() > cleanFromBytes();
    }

    @Override
    public boolean isUrgent() {
        return log.spareSegments() <= TableCore.RESERVED_SEGMENTS;
    }

    @Override
    public long beginSegment() {
        long end = table.appendFormat();
        noRoomToClean = end == LogCore.NO_SPACE;
        return end;
    }

    @Override
    public long settled() {
        return table.applied();
    }

    @Override
    public long relocate(LogCursor record) {
        long now = table.clock().millis();
        int alive = copyAlive(record, null, 0, now);
        if (alive == 0) {
            return 0;
        }
        long before = log.appended();
        long end = log.claim(alive);
        noRoomToClean = end == LogCore.NO_SPACE;
        if (end > 0) {
            copyAlive(record, log.claimedSegment(), log.claimedOffset(), now);
            table.publish(alive);
            rounds.copied(log.appended() - before);
            table.relocated(alive);
        }
        return end;
    }

    /** Copies the living items of a record, and removes those that have expired; returns how many bytes that takes. */
    private int copyAlive(LogCursor record, @Nullable MemorySegment target, long offset, long now) {
        int alive = 0;
        long position = record.start() + LogFormat.RECORD_PAYLOAD;
        for (long rest = record.length(); rest > 0; rest -= item.itemBytes()) {
            item.moveTo(position);
            if (table.isAlive(item)) {
                boolean expired = item.expiry() <= now;
                if (target != null && expired) {
                    TableExpiry.writeRemoval(item, target, offset + alive);
                } else if (target != null) {
                    long at = item.keyOffset() - TableRecordFormat.KEY;
                    MemorySegment.copy(item.segment(), at, target, offset + alive, item.itemBytes());
                }
                alive += (int) (expired ? TableRecordFormat.itemBytes(item.keyLength(), 0) : item.itemBytes());
            }
            position += item.itemBytes();
        }
        return alive;
    }
}
