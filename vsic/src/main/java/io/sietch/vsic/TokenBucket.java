package io.sietch.vsic;

/**
 * One rate. Holds time instead of tokens, as the generic cell rate algorithm does: {@code paidUntil} is the moment at
 * which all that was admitted has been paid for, so there is nothing to refill and no rounding to gather. Exact to a
 * nanosecond for each command, and the remainder of the division is carried on.
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

    /** How long until the next command is admitted, whatever its cost; 0 for now. */
    long waitNanos(long now) {
        return perSecond == RateLimit.UNLIMITED ? 0 : Math.max(0, paidUntil - now);
    }

    /** Charges an admitted command. */
    void charge(long cost, long now) {
        if (perSecond == RateLimit.UNLIMITED) {
            return;
        }
        if (now - paidUntil > burstNanos) {
            paidUntil = now - burstNanos;
            remainder = 0;
        }
        // cost * NANOS fits: a command moves less than 2^31 bytes and NANOS is below 2^30.
        long due = cost * NANOS + remainder;
        paidUntil += due / perSecond;
        remainder = due % perSecond;
    }
}
