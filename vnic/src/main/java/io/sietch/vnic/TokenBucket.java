package io.sietch.vnic;

/**
 * One rate. Instead of tokens it holds the moment at which everything admitted will have been paid for, so nothing has
 * to be refilled; the remainder of each division is carried on, so nothing is lost either.
 */
final class TokenBucket {
    private static final long NANOS = 1_000_000_000L;

    private final long perSecond;
    private final long burstNanos;
    private long paidUntil;
    private long remainder;

    TokenBucket(long perSecond, long burstNanos, long now) {
        this.perSecond = perSecond;
        this.burstNanos = burstNanos;
        this.paidUntil = now - burstNanos;
    }

    /** How long until the next frame may go, whatever its length; 0 for now. */
    long waitNanos(long now) {
        return perSecond == RateLimit.UNLIMITED ? 0 : Math.max(0, paidUntil - now);
    }

    /** Charges what goes. */
    void charge(long cost, long now) {
        if (perSecond == RateLimit.UNLIMITED) {
            return;
        }
        if (now - paidUntil > burstNanos) {
            paidUntil = now - burstNanos;
            remainder = 0;
        }
        // A frame has at most 64 KiB, so the product has at most 46 bits.
        long due = cost * NANOS + remainder;
        paidUntil += due / perSecond;
        remainder = due % perSecond;
    }
}
