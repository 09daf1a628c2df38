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
 * </ol>
 *
 * <p>Threads: that of the log.
 */
final class SegmentCleaner {
    /** Whose log it is. */
    interface Owner {
        /** A segment is to be cleaned: appends what the log must always hold. Returns an END position or a refusal. */
        long beginSegment();

        /** Appends again what is alive of a record. Returns an END position, 0 if nothing is, or a refusal. */
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
    private boolean waiting;
    private long waitsFor;
    private long keepFrom;
    private @Nullable LogCorruptException damage;

    SegmentCleaner(LogCore log, Owner owner) {
        this.log = log;
        this.geometry = log.geometry();
        this.owner = owner;
    }

    /** Why nothing is cleaned any more: a record that fails its checksum. Null while all is well. */
    @Nullable
    LogCorruptException damage() {
        return damage;
    }

    /** Trims when everything that it depends on is settled. Returns whether it did. */
    boolean trimSettled() {
        if (!waiting || owner.settled() < waitsFor) {
            return false;
        }
        waiting = false;
        log.trim(keepFrom);
        return true;
    }

    /**
     * Looks at records of about so many bytes.
     *
     * @return how many; 0 if there is nothing to do now
     */
    int clean(int bytes) {
        if (waiting || damage != null) {
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
        if (!begun && owner.beginSegment() < 0) {
            return 0;
        }
        begun = true;
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
            if (cursor.end() > owner.settled() || owner.relocate(cursor) < 0) {
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
        keepFrom = next;
        waitsFor = log.appended();
        waiting = true;
        log.commit();
    }
}
