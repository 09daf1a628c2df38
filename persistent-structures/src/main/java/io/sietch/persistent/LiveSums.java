package io.sietch.persistent;

import java.util.Arrays;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;

/**
 * Two sums over what is alive in each segment of a log: what is known of a segment goes with it. Who takes out what he
 * put in leaves zeros for a segment that is freed.
 *
 * <p>Threads: that of the log.
 */
public final class LiveSums {
    private final int segmentShift;
    private final IntSupplier segments;
    private final LongSupplier head;
    private long[] firsts = new long[0];
    private long[] seconds = new long[0];

    /** Zeros for a log. */
    public LiveSums(LogCore log) {
        this(Integer.numberOfTrailingZeros(log.geometry().segmentBytes()), log::segments, log::head);
    }

    /**
     * Zeros for something that is like a log.
     *
     * @param segmentShift a segment has two to the power of this many positions
     * @param segments how many there are at a time
     * @param head where the first one is
     */
    public LiveSums(int segmentShift, IntSupplier segments, LongSupplier head) {
        this.segmentShift = segmentShift;
        this.segments = segments;
        this.head = head;
    }

    /** So much more, or less, is in the segment of a position. */
    public void add(long position, long first, long second) {
        addTo(position >>> segmentShift, first, second);
    }

    /** So much more, or less, is in a segment. */
    public void addTo(long segment, long first, long second) {
        if (firsts.length < segments.getAsInt()) {
            grow();
        }
        int at = (int) (segment & firsts.length - 1);
        firsts[at] += first;
        seconds[at] += second;
    }

    private void grow() {
        int length = Integer.highestOneBit(2 * segments.getAsInt() - 1);
        long[] moreFirsts = new long[length];
        long[] moreSeconds = new long[length];
        long from = head.getAsLong() >>> segmentShift;
        for (long segment = from; segment < from + firsts.length; segment++) {
            moreFirsts[(int) (segment & length - 1)] = first(segment);
            moreSeconds[(int) (segment & length - 1)] = second(segment);
        }
        firsts = moreFirsts;
        seconds = moreSeconds;
    }

    /** Nothing is alive. */
    public void clear() {
        Arrays.fill(firsts, 0);
        Arrays.fill(seconds, 0);
    }

    boolean isEmpty(long segment) {
        return first(segment) == 0 && second(segment) == 0;
    }

    /** The first sum of a segment: a table's is of the bytes of keys and values. */
    long first(long segment) {
        return firsts.length == 0 ? 0 : firsts[(int) (segment & firsts.length - 1)];
    }

    /** The second: a table's is of the bytes of items. */
    long second(long segment) {
        return seconds.length == 0 ? 0 : seconds[(int) (segment & seconds.length - 1)];
    }
}
