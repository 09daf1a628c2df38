package io.sietch.persistent;

import org.jspecify.annotations.Nullable;

/**
 * Makes room at the front of a log: shows its owner the records of the oldest segment, a slice at a time; the owner
 * appends again what is alive of them; when that is durable, the segment is trimmed.
 *
 * <p>The oldest first, always. So what is alive goes round, and each turn of the log costs what is alive in it: where
 * the log may hold {@code n} bytes for each living one, at most {@code 1 / (n - 1)} bytes are appended again for each
 * that comes free. In return a record that says that something is gone never has to be kept: what it speaks of lies
 * before it and went first.
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>The log is trimmed to where a segment begins, after everything that had been appended when the last record
 *       before that was looked at is settled: durable, and known to all readers.
 *   <li>Only settled records are looked at.
 *   <li>While cleaning is due, each byte that others append is a debt of {@value #PACE} bytes to be looked at, or more
 *       where the owner says so. Who may wait waits while the debt is more than {@value #DEBT_MAX} bytes, from when
 *       cleaning was due until a segment's bytes were appended since: so no speed of appending leaves cleaning behind,
 *       and none gets far ahead of it in between.
 *   <li>Cleaning goes on while the segments before settle, so that nobody waits for that; but not where room is short,
 *       since what it appends then is what they shall give back.
 * </ol>
 *
 * <p>Threads: that of the log.
 */
final class SegmentCleaner {
    /** What is cleaned at once while others wait for room: a commit may follow each. */
    static final int SLICE_BYTES = 64 << 10;

    /**
     * What is cleaned at once beside a record that is appended: some microseconds of it, so that who appends one after
     * another hardly waits, and who waits for the reply need not sleep.
     */
    private static final int LEAST_BYTES = 2 << 10;

    /**
     * Bytes to clean for each byte appended while cleaning is due, at least: keeps up when three quarters are alive.
     */
    static final int PACE = 4;

    private static final long CREDIT_MAX = 1024L * SLICE_BYTES;

    /** Small, so that who waits for cleaning waits often and shortly, not for whole segments now and then. */
    private static final int DEBT_MAX = 4 * SLICE_BYTES;

    /** Segments that were cleaned and wait to be settled: so many that a flush of some milliseconds holds nobody up. */
    private static final int SETTLING_MAX = 4;

    /** Whose log it is: it knows what is alive. */
    interface Owner {
        /** Whether more is dead than shall be. */
        boolean isCleaningDue();

        /** Whether others wait for room: then it is cleaned as fast as it goes. */
        boolean isUrgent();

        /** Bytes to clean for each byte appended now, {@value SegmentCleaner#PACE} or more. */
        default int pace() {
            return PACE;
        }

        /** A segment is to be cleaned: appends what the log must always hold. Returns an END position or a refusal. */
        long beginSegment();

        /**
         * Appends again what is alive of a record; if that is refused, the record is shown again later. Returns an END
         * position, 0 if nothing is alive, or a refusal.
         */
        long relocate(LogCursor record);

        /** Everything before this position is durable, and readers know of it. */
        long settled();
    }

    private final LogCore log;
    private final LogGeometry geometry;
    private final Owner owner;

    private @Nullable LogCursor cursor;
    private boolean held;
    private boolean begun;
    private long segment;

    // Segments that were cleaned, the oldest first: what goes is before keepFrom, when waitsFor is settled.
    private final long[] keepFrom = new long[SETTLING_MAX];
    private final long[] waitsFor = new long[SETTLING_MAX];
    private int oldest;
    private int settling;

    private @Nullable LogCorruptException damage;
    private boolean outOfRoom;
    private long credit;
    private boolean wasDue;

    /** That of the owner as of the last turn, so that a debt never becomes larger by itself. */
    private int pace = PACE;

    private long seenAppended;
    private long pacedUpTo;

    /** A cleaner at the front of a log, which it alone trims. */
    SegmentCleaner(LogCore log, Owner owner) {
        this.log = log;
        this.geometry = log.geometry();
        this.owner = owner;
        this.seenAppended = log.appended();
    }

    /** Why nothing is cleaned any more: a record that fails its checksum. Null while all is well. */
    @Nullable
    LogCorruptException damage() {
        return damage;
    }

    /** Whether a segment was cleaned and goes as soon as what was appended for it is settled. */
    boolean isWaiting() {
        return settling > 0;
    }

    /** Everything before this position was cleaned, and goes when it is settled. */
    long cleaned() {
        return settling == 0 ? log.head() : keepFrom[(oldest + settling - 1) % SETTLING_MAX];
    }

    /** Whether there was no room for what had to be appended again last. It is tried again. */
    boolean isOutOfRoom() {
        return outOfRoom;
    }

    /**
     * So many of the bytes appended last are nobody's debt: not of those who wait, who would otherwise wait for all of
     * a long piece of work that goes on beside theirs.
     */
    void forgive(long bytes) {
        seenAppended += bytes;
    }

    /** Whether so much was appended while cleaning is due that it should catch up before more is. */
    boolean isBehind() {
        long debt = credit + (log.appended() - seenAppended) * pace;
        return log.appended() < pacedUpTo && damage == null && !outOfRoom && debt > DEBT_MAX;
    }

    /**
     * Does a slice in proportion to what was appended since the last call; to be called in every turn. It cleans while
     * others append, and in proportion: so what it copies becomes durable with what they append, and no flush is begun
     * that they would wait for.
     *
     * @return how much was done
     */
    int poll() {
        int work = trimSettled();
        long owed = (log.appended() - seenAppended) * pace;
        boolean due = owner.isCleaningDue();
        // What came before cleaning was due held nobody up, and shall not do so now.
        credit = due ? Math.min(credit + owed, wasDue ? CREDIT_MAX : DEBT_MAX) : 0;
        wasDue = due;
        pacedUpTo = due ? log.appended() + geometry.segmentBytes() : pacedUpTo;
        boolean urgent = due && owner.isUrgent();
        if (due && credit > 0 || urgent) {
            // Twice as much as what is new, so that a debt shrinks; and in good time where nothing new is taken.
            int least = urgent || credit > DEBT_MAX ? SLICE_BYTES : LEAST_BYTES;
            long slice = Math.clamp(2 * owed, least, Math.max(owed, DEBT_MAX));
            int walked = clean((int) Math.min(slice, geometry.segmentBytes()), urgent);
            credit -= walked;
            work += walked;
        }
        seenAppended = log.appended();
        pace = owner.pace();
        return work;
    }

    /** Trims when everything that it depends on is settled. Returns how many segments. */
    private int trimSettled() {
        int trimmed = 0;
        while (settling > 0 && owner.settled() >= waitsFor[oldest]) {
            log.trim(keepFrom[oldest]);
            oldest = (oldest + 1) % SETTLING_MAX;
            settling--;
            trimmed++;
        }
        return trimmed;
    }

    /**
     * Looks at records of about so many bytes.
     *
     * @return how many; 0 if there is nothing to do now
     */
    private int clean(int bytes, boolean urgent) {
        if (settling == SETTLING_MAX || settling > 0 && urgent || damage != null) {
            return 0;
        }
        try {
            return walk(bytes);
        } catch (LogCorruptException e) {
            damage = e;
            return 0;
        }
    }

    private int walk(int bytes) {
        if (cursor == null) {
            cursor = log.cursor(log.head());
            segment = geometry.segmentOf(log.head());
        }
        if (!begun) {
            if (segment >= geometry.segmentOf(log.appended())) {
                return 0; // What is appended for it would lie in it, and go with it.
            }
            long end = owner.beginSegment();
            if (end < 0) {
                outOfRoom = end == LogCore.NO_SPACE;
                return 0;
            }
            begun = true;
        }
        int walked = 0;
        while (walked < bytes) {
            if (!held && !cursor.next()) {
                return walked;
            }
            held = true;
            if (geometry.segmentOf(cursor.start()) > segment) {
                endSegment(cursor.start());
                return walked + 1;
            }
            if (cursor.end() > owner.settled()) {
                return walked;
            }
            long end = owner.relocate(cursor);
            outOfRoom = end == LogCore.NO_SPACE;
            if (end < 0) {
                return walked;
            }
            held = false;
            walked += LogFormat.recordBytes(cursor.length());
        }
        return walked;
    }

    private void endSegment(long next) {
        segment = geometry.segmentOf(next);
        begun = false;
        int at = (oldest + settling) % SETTLING_MAX;
        keepFrom[at] = next;
        waitsFor[at] = log.appended();
        settling++;
        log.commit();
    }
}
