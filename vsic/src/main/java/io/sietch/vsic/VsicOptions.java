package io.sietch.vsic;

/**
 * How a VSIC is set up.
 *
 * @param depth commands that may be under way at once, a power of two from 2 to {@value #MAX_DEPTH}
 * @param rateLimit the VSIC's share of the device
 * @param waiter woken when completions were posted by another thread than the owner's; {@link Waiter#BUSY} where owner
 *     and device share a thread
 */
public record VsicOptions(int depth, RateLimit rateLimit, Waiter waiter) {
    /** As deep as an NVMe queue may be (64 Ki entries, NVM Express base specification 2.0, section 3.3.3.1). */
    public static final int MAX_DEPTH = 1 << 16;

    /** 64 commands, no rate limit, one thread. */
    public static final VsicOptions DEFAULTS = new VsicOptions(64, RateLimit.NONE, Waiter.BUSY);

    public VsicOptions {
        if (depth < 2 || depth > MAX_DEPTH || Integer.bitCount(depth) != 1) {
            throw new IllegalArgumentException(
                    "queue depth " + depth + ": must be a power of two from 2 to " + MAX_DEPTH);
        }
    }

    public VsicOptions withDepth(int newDepth) {
        return new VsicOptions(newDepth, rateLimit, waiter);
    }

    public VsicOptions withRateLimit(RateLimit newLimit) {
        return new VsicOptions(depth, newLimit, waiter);
    }

    public VsicOptions withWaiter(Waiter newWaiter) {
        return new VsicOptions(depth, rateLimit, newWaiter);
    }
}
