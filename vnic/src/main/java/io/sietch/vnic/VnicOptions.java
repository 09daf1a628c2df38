package io.sietch.vnic;

/**
 * How a VNIC is set up.
 *
 * @param buffers how many, a power of two; half of them wait for frames to arrive
 * @param bufferBytes of each, a power of two; also the longest frame
 * @param rateLimit the VNIC's share of the wire, for what it sends
 */
public record VnicOptions(int buffers, int bufferBytes, RateLimit rateLimit) {
    /** 512 buffers of 2 KiB, no limit: what fits an Ethernet frame. */
    public static final VnicOptions DEFAULTS = new VnicOptions(512, 2048, RateLimit.NONE);

    public VnicOptions {
        VnicFormat.checkShape(buffers, bufferBytes);
    }

    public VnicOptions withBuffers(int number, int bytes) {
        return new VnicOptions(number, bytes, rateLimit);
    }

    public VnicOptions withRateLimit(RateLimit limit) {
        return new VnicOptions(buffers, bufferBytes, limit);
    }
}
