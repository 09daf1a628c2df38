package io.sietch.persistent;

import java.time.InstantSource;
import java.util.Arrays;

/**
 * When the first item of each segment expires, and when it is worth walking through the segment for it. So entries with
 * a time to live take no memory of their own.
 *
 * <p>A segment is walked when its first item has expired, but not before it has become half as old again as it was at
 * the last time. So a segment whose items expire all over a day is walked some thirty times, not once for each. An item
 * is removed after at most half of its time more, or a second; one that came into a segment later than others waits up
 * to half of the time since the first. Nobody sees it meanwhile.
 *
 * <p>Threads: that of the table.
 */
final class SegmentExpiries {
    static final long NONE = Long.MAX_VALUE;

    private static final long PAUSE_MILLIS = 1000;

    private final LogGeometry geometry;
    private final LogCore log;
    private final InstantSource clock;

    private long[] segments = new long[0];
    private long[] earliest = new long[0];
    private long[] bornAt = new long[0];
    private long[] notBefore = new long[0];

    /** Of all segments, at most. */
    private long nextDue = NONE;

    SegmentExpiries(LogCore log, InstantSource clock) {
        this.log = log;
        this.geometry = log.geometry();
        this.clock = clock;
    }

    /** An item expires. */
    void add(long position, long expiry) {
        addTo(geometry.segmentOf(position), expiry);
    }

    /** An item of a segment expires then, or later; or none does. */
    void addTo(long segment, long expiry) {
        if (expiry == NONE) {
            return;
        }
        if (segments.length < log.segments()) {
            grow();
        }
        int at = (int) (segment & segments.length - 1);
        if (segments[at] != segment) {
            segments[at] = segment;
            earliest[at] = NONE;
            bornAt[at] = clock.millis();
            notBefore[at] = 0;
        }
        if (expiry < earliest[at]) {
            earliest[at] = expiry;
            nextDue = Math.min(nextDue, due(at));
        }
    }

    private void grow() {
        int length = Integer.highestOneBit(2 * log.segments() - 1);
        long[] oldSegments = segments;
        long[] oldEarliest = earliest;
        long[] oldBorn = bornAt;
        long[] oldNotBefore = notBefore;
        segments = new long[length];
        earliest = new long[length];
        bornAt = new long[length];
        notBefore = new long[length];
        Arrays.fill(segments, -1);
        for (int i = 0; i < oldSegments.length; i++) {
            if (isThere(oldSegments[i])) {
                int at = (int) (oldSegments[i] & length - 1);
                segments[at] = oldSegments[i];
                earliest[at] = oldEarliest[i];
                bornAt[at] = oldBorn[i];
                notBefore[at] = oldNotBefore[i];
            }
        }
    }

    private boolean isThere(long segment) {
        return segment >= geometry.segmentOf(log.head());
    }

    private long due(int at) {
        return Math.max(earliest[at], notBefore[at]);
    }

    /** When the first item of a segment expires; {@link #NONE} if none does. */
    long earliest(long segment) {
        int at = segments.length == 0 ? -1 : (int) (segment & segments.length - 1);
        return at < 0 || segments[at] != segment ? NONE : earliest[at];
    }

    /** When the next segment is to be walked, or earlier; {@link #NONE} if none is. */
    long nextDue() {
        return nextDue;
    }

    /** The segment to walk now; -1 if there is none. */
    long takeDue(long now) {
        if (nextDue > now) {
            return -1;
        }
        nextDue = NONE;
        long found = -1;
        for (int i = 0; i < segments.length; i++) {
            if (!isThere(segments[i]) || earliest[i] == NONE) {
                continue;
            }
            if (found < 0 && due(i) <= now) {
                found = segments[i];
            } else {
                nextDue = Math.min(nextDue, due(i));
            }
        }
        return found;
    }

    /** A segment was walked; the first of those that are left there expires then. */
    void walked(long segment, long first, long now) {
        int at = (int) (segment & segments.length - 1);
        if (segments[at] == segment) {
            earliest[at] = first;
            notBefore[at] = now + Math.max(PAUSE_MILLIS, (now - bornAt[at]) / 2);
            nextDue = first == NONE ? nextDue : Math.min(nextDue, due(at));
        }
    }
}
