package io.sietch.redis;

/**
 * Decides when the next commit begins. One commit is under way at a time; what is executed meanwhile goes into the
 * next.
 *
 * <p>On a slow medium the clients would fall into two halves: one half waits for the present flush, the other for the
 * next, and each flush serves half of them. So after a commit whose flush took long, the next one waits a little for
 * the clients that have just got their replies: until as many requests have come as replies were let go, and at most an
 * eighth of a flush. On a fast medium there is nothing to gain, and no waiting.
 *
 * <p>The flush has a thread of its own, so that those who only read are served meanwhile. While there are hardly any,
 * the loop runs the flush itself: with one core for the clients and one for the server, the flusher's thread would have
 * to wait for a core, and the two changes of threads cost as much as a third of a flush.
 *
 * <p>On a quick medium, which is memory, the loop runs all flushes, and does not wait with them until all clients are
 * served: those that are answered early work while the others are served. One thread.
 */
final class CommitPace {
    /** Flushes that are faster are over before the clients could come back. */
    private static final long SLOW_NANOS = 400_000;

    /** The loop hears nobody while it flushes: never for longer than this on average. */
    private static final long DEAF_NANOS = 2_000_000;

    /** Flushes that are faster cost less than to have others do them. */
    private static final long QUICK_NANOS = 20_000;

    /** What part of a flush may be spent waiting; and what part of the clients may wait for a flush of the loop's. */
    private static final int PART = 8;

    private long begunAt;
    private boolean underWay;
    private long flushNanos;
    private long gatherUntil;
    private long gatherRequests;
    private long servedBefore;
    private long waitedBefore;
    private long lastTick = -1;
    private boolean overdue;

    /**
     * A commit begins.
     *
     * @param served connections that were served so far, summed over the turns
     * @param waited those of them whose replies had to wait for the log
     * @return whether the loop shall run the flush itself
     */
    boolean begun(long nowNanos, long served, long waited) {
        long others = served - servedBefore - (waited - waitedBefore);
        boolean alone = others * PART <= waited - waitedBefore;
        servedBefore = served;
        waitedBefore = waited;
        begunAt = nowNanos;
        underWay = true;
        overdue = false;
        gatherUntil = 0;
        return isQuick() || alone && flushNanos < DEAF_NANOS;
    }

    /** To be called ten times a second or so, with the position up to which commits were begun. */
    void tick(long committed) {
        overdue = committed == lastTick;
        lastTick = committed;
    }

    /** Whether no commit has begun for so long that what there is shall not wait for another reason. */
    boolean isOverdue() {
        return overdue;
    }

    /** Whether a flush takes hardly any time, as far as is known. */
    boolean isQuick() {
        return flushNanos > 0 && flushNanos < QUICK_NANOS;
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
