package io.sietch.vnic;

/**
 * The share of the wire that one VNIC may use for sending. Each limit is a token bucket: it fills at the given rate up
 * to {@code burstNanos} worth of it. A frame above the limit is not dropped; it waits in the transmit ring.
 *
 * @param bytesPerSecond bytes of frames, headers included, or {@link #UNLIMITED}
 * @param framesPerSecond frames, or {@link #UNLIMITED}
 * @param burstNanos how much unused share is kept, in nanoseconds of the rate
 */
public record RateLimit(long bytesPerSecond, long framesPerSecond, long burstNanos) {
    /** Stands for no limit. */
    public static final long UNLIMITED = 0;

    /** No limit at all. */
    public static final RateLimit NONE = new RateLimit(UNLIMITED, UNLIMITED, 0);

    /** Limits above this, one TiB or 10^12 a second, are refused. */
    public static final long MAX_PER_SECOND = 1L << 40;

    /** The longest burst, one second. */
    public static final long MAX_BURST_NANOS = 1_000_000_000L;

    public RateLimit {
        if (bytesPerSecond < 0
                || bytesPerSecond > MAX_PER_SECOND
                || framesPerSecond < 0
                || framesPerSecond > MAX_PER_SECOND) {
            throw new IllegalArgumentException("rate limit of " + bytesPerSecond + " bytes/s and " + framesPerSecond
                    + " frames/s: each must be 0 (unlimited) to " + MAX_PER_SECOND);
        }
        if (burstNanos < 0 || burstNanos > MAX_BURST_NANOS) {
            throw new IllegalArgumentException("burst of " + burstNanos + " ns: must be 0 to " + MAX_BURST_NANOS);
        }
    }

    /**
     * Limits with a burst of one millisecond: enough for a loop that polls now and then, little enough to be smooth.
     */
    public static RateLimit of(long bytesPerSecond, long framesPerSecond) {
        return new RateLimit(bytesPerSecond, framesPerSecond, 1_000_000);
    }
}
