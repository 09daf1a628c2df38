package io.sietch.persistent;

import org.jspecify.annotations.Nullable;

/**
 * The space of a log whose owner can append again what is alive of old records: says who may still append, and cleans
 * the log, its oldest segment first. A log that runs full without this can become one that nobody can clean, nor remove
 * anything from.
 *
 * <p>Defined words: what is <em>alive</em> is what cleaning would append again. What is <em>owed</em> is by how much
 * that is more than the records it now takes the place of, because they were added to by later ones. Space is
 * <em>reserved</em> for cleaning, and before that for removing.
 *
 * <ol>
 *   <li>Cleaning a segment needs no more room than the segment holds, plus what it is owed, plus the blocks that its
 *       commits leave unfilled. So as long as what adds leaves free what is reserved and owed, cleaning never runs out.
 *   <li>What adds is taken only while all that is alive would fit a clean log beside the reserve. So going round the
 *       log once always gives the reserve back, and what removes only ever waits.
 *   <li>Cleaning for want of room ends: when less than a segment is dead, or when a whole round gave nearly nothing
 *       back; then it rests until so much more is dead that another round is worth it.
 * </ol>
 *
 * <p>A log of fewer than {@value #FEW_SEGMENTS} segments is too small to reserve all that. Threads: that of the log.
 */
public final class LogSpace {
    /** Whose log it is: it knows what is alive. */
    public interface Owner {
        /** Bytes of records that cleaning would append; twice for those of more than an eighth of a segment. */
        long liveBytes();

        /** By how many bytes those are more than the records that they would take the place of. */
        long owedBytes();

        /**
         * Appends again what is alive of a record; if that is refused, the record is shown again later. Returns an END
         * position, 0 if nothing is alive, or a refusal as {@link LogCore#claim}'s.
         */
        long relocate(LogCursor record);
    }

    private static final int FEW_SEGMENTS = 8;

    /** Cleaning that nobody waits for begins when this much of the log, for each byte alive, is taken. */
    private static final int AMPLIFICATION = 2;

    private final LogCore log;
    private final Owner owner;
    private final SegmentCleaner cleaner;
    private final CleaningRounds rounds;
    private final LogGeometry geometry;
    private final long cleanFromBytes;
    private final int segmentRoom;
    private final int blocksLost;

    private int segments;
    private int forCleaning; // segments
    private int reserved; // for removing, too
    private long usable;

    /**
     * Looks after the space of a log.
     *
     * @param cleanFromBytes a log that takes less is cleaned only for want of room
     */
    public LogSpace(LogCore log, Owner owner, long cleanFromBytes) {
        this.log = log;
        this.owner = owner;
        this.cleaner = new SegmentCleaner(log, new Relocation());
        this.cleanFromBytes = cleanFromBytes;
        this.rounds = new CleaningRounds(log);
        this.geometry = log.geometry();
        this.segmentRoom = geometry.segmentBytes() - geometry.blockBytes();
        // Of each slice of cleaning, and of each end of a segment, one block may stay nearly empty.
        this.blocksLost = geometry.blockBytes() * (2 + geometry.segmentBytes() / SegmentCleaner.SLICE_BYTES);
    }

    private void learnSegments() {
        if (segments == log.segments()) {
            return;
        }
        segments = log.segments();
        boolean few = segments < FEW_SEGMENTS;
        int drift = (int) Math.ceilDiv((long) segments * blocksLost, segmentRoom);
        forCleaning = few ? 1 : 2 + drift;
        int forRemoving = segments < FEW_SEGMENTS / 2 ? 0 : 1;
        reserved = forCleaning + forRemoving;
        usable = Math.max(1, segments - reserved - 2) * (long) segmentRoom;
    }

    /** What so many living bytes take in a log that was just cleaned. */
    private long compact(long bytes) {
        return bytes + bytes / 8 + bytes / segmentRoom * blocksLost;
    }

    /** What is left of so many free bytes beside what is owed and what is reserved. */
    private long unreserved(long free, long owed) {
        return free - compact(owed) - (long) reserved * segmentRoom;
    }

    // ---- appending ----------------------------------------------------------------------------------------------

    /**
     * Whether there is room for a record that adds to what is alive, beside what is reserved.
     *
     * @param length of its payload
     * @param owing by how much more is owed with it
     */
    public boolean hasRoomToAdd(int length, long owing) {
        learnSegments();
        return unreserved(log.freeBytesAfter(length), owner.owedBytes() + owing) >= 0;
    }

    /**
     * Whether there is room for a record that removes something. It may take of what is reserved for cleaning if that
     * can give nothing back: only with more dead than now is there anything to clean.
     */
    public boolean hasRoomToRemove(int length) {
        learnSegments();
        long free = log.freeBytesAfter(length);
        return free - compact(owner.owedBytes()) >= (long) forCleaning * segmentRoom
                || free >= segmentRoom && !isRoomComing();
    }

    /** Whether there is room for a record that may as well not be appended, so that nobody has to wait after it. */
    public boolean hasRoomBeside(int length) {
        learnSegments();
        return unreserved(log.freeBytesAfter(length), owner.owedBytes()) >= 2L * segmentRoom;
    }

    /** Whether the log is too small to keep to rule 2. */
    public boolean isSmall() {
        learnSegments();
        return segments < FEW_SEGMENTS;
    }

    /** Whether what is alive, and so many bytes more, would fit a log that was just cleaned. */
    public boolean fits(long more) {
        learnSegments();
        return compact(owner.liveBytes() + owner.owedBytes() + more) <= usable;
    }

    /** Bytes that what adds may still take before it has to wait. Negative if some of the reserve is taken. */
    public long freeBytes() {
        learnSegments();
        return unreserved(log.freeBytes(), owner.owedBytes());
    }

    // ---- cleaning -----------------------------------------------------------------------------------------------

    /** Bytes of the log from its head to its end, with everything in between. */
    private long usedBytes() {
        return log.appended() - log.head();
    }

    /** Whether there is less room than should be kept, so that others may wait for it. */
    private boolean isUrgent() {
        return freeBytes() < 2L * segmentRoom;
    }

    /**
     * Cleans a slice if that is due, to be called in every turn.
     *
     * @return how much was done
     */
    public int poll() {
        return cleaner.poll();
    }

    /** Why nothing is cleaned any more: a record that fails its checksum. Null while all is well. */
    public @Nullable LogCorruptException damage() {
        return cleaner.damage();
    }

    /** Whether cleaning will make room: who needs it can wait. */
    public boolean isRoomComing() {
        return cleaner.isWaiting()
                || geometry.segmentOf(log.head()) > geometry.segmentOf(log.trimmed())
                || isCleaningDue() && !cleaner.isOutOfRoom();
    }

    /** Whether more is dead than shall be, and cleaning gets rid of it. */
    public boolean isCleaningDue() {
        if (cleaner.damage() != null) {
            return false;
        }
        long used = usedBytes();
        long live = owner.liveBytes();
        if (isUrgent()) {
            return rounds.canGain(used, live);
        }
        rounds.end();
        used = log.appended() - cleaner.cleaned();
        return used > cleanFromBytes && used > Math.max(AMPLIFICATION * live, compact(live) + 2L * segmentRoom);
    }

    /** Shows the owner what is cleaned. */
    private final class Relocation implements SegmentCleaner.Owner {
        @Override
        public boolean isCleaningDue() {
            return LogSpace.this.isCleaningDue();
        }

        @Override
        public boolean isUrgent() {
            return LogSpace.this.isUrgent();
        }

        @Override
        public long beginSegment() {
            return 0;
        }

        @Override
        public long relocate(LogCursor record) {
            long before = log.appended();
            long end = owner.relocate(record);
            rounds.copied(log.appended() - before);
            return end;
        }

        @Override
        public long settled() {
            return log.durable();
        }
    }
}
