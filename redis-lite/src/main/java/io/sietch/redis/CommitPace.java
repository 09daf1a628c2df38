package io.sietch.redis;

/**
 * Decides when the next commit begins. One commit is under way at a time; what is executed meanwhile goes into the
 * next.
 *
 * <p>On a slow medium the clients would fall into two halves: one half waits for the present flush, the other for the
 * next, and each flush serves half of them. So after a commit whose flush took long, the next one waits a little for
 * the clients that have just got their replies: until as many requests have come as replies were let go, and at most an
 * eighth of a flush. On a fast medium there is nothing to gain, and no waiting. One thread.
 */
final class CommitPace {
    /** Flushes that are faster are over before the clients could come back. */
    private static final long SLOW_NANOS = 400_000;

    /** What part of a flush may be spent waiting. */
    private static final int PART = 8;

    private long begunAt;
    private boolean underWay;
    private long flushNanos;
    private long gatherUntil;
    private long gatherRequests;

    /** A commit begins. */
    void begun(long nowNanos) {
        begunAt = nowNanos;
        underWay = true;
        gatherUntil = 0;
    }

    /** Whether a commit is under way. */
    boolean isUnderWay() {
        return underWay;
    }

    /**
     * The commit under way is durable.
     *
     * @param requests executed so far
     * @param released replies that it let go
     */
    void ended(long nowNanos, long requests, long released) {
        underWay = false;
        flushNanos += (nowNanos - begunAt - flushNanos) / 4;
        if (flushNanos >= SLOW_NANOS) {
            gatherUntil = nowNanos + flushNanos / PART;
            gatherRequests = requests + released;
        }
    }

    /** Whether the next commit shall wait for more requests. */
    boolean isGathering(long nowNanos, long requests) {
        return gatherUntil != 0 && nowNanos - gatherUntil < 0 && requests < gatherRequests;
    }
}
