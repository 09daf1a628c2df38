package io.sietch.redis;

/**
 * Decides whether the loop looks once more at its sockets before it sleeps.
 *
 * <p>Under load the next request is there after some microseconds. A loop that sleeps until then has to be woken, which
 * takes as long again, and its processor may have to be woken, too; both sides then wait for each other in turn. So
 * while requests mostly come back within {@link #LOOK_NANOS}, the loop asks again for so long, and offers the processor
 * to others between two looks. Where requests are rarer it sleeps at once.
 *
 * <p>Nor does it look while there are writers: it would execute their requests one by one as they come, and each flush
 * would serve fewer of them.
 *
 * <p>One thread. Times are those of one clock that never goes backwards, in nanoseconds.
 */
final class Lookout {
    /** How long to look: about what sleeping and being woken takes. */
    static final long LOOK_NANOS = 50_000;

    /** For so long after a write others may follow. */
    static final long WRITERS_NANOS = 10_000_000;

    /** A longer wait counts as this long, so that one pause does not outweigh many requests. */
    private static final long LONGEST_NANOS = 4 * LOOK_NANOS;

    /** The part of the average that each wait makes up. */
    private static final int PART = 8;

    private long workedAt;
    private long wroteAt;
    private long appended;
    private boolean waits;

    /** How long the loop waits for work, on average. */
    private long waitNanos = LONGEST_NANOS;

    Lookout(long nowNanos, long appended) {
        this.workedAt = nowNanos;
        this.wroteAt = nowNanos;
        this.appended = appended;
    }

    /**
     * After a turn of the loop.
     *
     * @param nowNanos when the turn began
     * @param work what it did
     * @param appendedNow the position that clients have written up to
     * @return whether to look again instead of sleeping; only if nothing was done
     */
    boolean looks(long nowNanos, int work, long appendedNow) {
        if (appendedNow != appended) {
            appended = appendedNow;
            wroteAt = nowNanos;
        }
        if (work > 0) {
            if (waits) {
                waitNanos += (Math.min(nowNanos - workedAt, LONGEST_NANOS) - waitNanos) / PART;
            }
            workedAt = nowNanos;
            waits = false;
            return false;
        }
        waits = true;
        return waitNanos < LOOK_NANOS && nowNanos - workedAt < LOOK_NANOS && nowNanos - wroteAt > WRITERS_NANOS;
    }
}
