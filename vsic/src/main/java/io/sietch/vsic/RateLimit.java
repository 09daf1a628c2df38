package io.sietch.vsic;

/**
 * The share of the device that one VSIC may use. Each limit is a token bucket: it fills at the given rate up to
 * {@code burstNanos} worth of it.
 *
 * @param bytesPerSecond bytes read and written, or {@link #UNLIMITED}
 * @param commandsPerSecond commands of any kind, or {@link #UNLIMITED}
 * @param burstNanos how much unused share is kept, in nanoseconds of the rate
 */
public record RateLimit(long bytesPerSecond, long commandsPerSecond, long burstNanos) {
    /** Stands for no limit. */
    public static final long UNLIMITED = 0;

    /** No limit at all. */
    public static final RateLimit NONE = new RateLimit(UNLIMITED, UNLIMITED, 0);

    /**
     * Limits above this are refused, so that a bucket's arithmetic stays exact in 64 bits: one TiB or 10^12 a second.
     */
    public static final long MAX_PER_SECOND = 1L << 40;

    /** The longest burst, one second. */
    public static final long MAX_BURST_NANOS = 1_000_000_000L;

    public RateLimit {
        if (bytesPerSecond < 0
                || bytesPerSecond > MAX_PER_SECOND
                || commandsPerSecond < 0
                || commandsPerSecond > MAX_PER_SECOND) {
            throw new IllegalArgumentException("rate limit of " + bytesPerSecond + " bytes/s and " + commandsPerSecond
                    + " commands/s: each must be 0 (unlimited) to " + MAX_PER_SECOND);
        }
        if (burstNanos < 0 || burstNanos > MAX_BURST_NANOS) {
            throw new IllegalArgumentException("burst of " + burstNanos + " ns: must be 0 to " + MAX_BURST_NANOS);
        }
    }

    /** Limits with the usual burst of 10 ms. */
    public static RateLimit of(long bytesPerSecond, long commandsPerSecond) {
        return new RateLimit(bytesPerSecond, commandsPerSecond, 10_000_000);
    }
}
