package io.sietch.vsa;

/**
 * Whether the control plane may grow the device when an area needs more than is free.
 *
 * @param maxBytes up to which size; 0 for never
 * @param stepBytes sizes are rounded up to multiples of this (but not beyond {@code maxBytes}), because a device that
 *     grows in few large steps lies together better and stalls less often
 */
public record GrowthPolicy(long maxBytes, long stepBytes) {
    /** The device stays as large as it is. */
    public static final GrowthPolicy NEVER = new GrowthPolicy(0, 1);

    /** The usual step, 64 MiB. */
    public static final long DEFAULT_STEP_BYTES = 64L << 20;

    public GrowthPolicy {
        if (maxBytes < 0 || stepBytes <= 0) {
            throw new IllegalArgumentException("growth up to " + maxBytes + " bytes in steps of " + stepBytes);
        }
    }

    /** Growth up to a size, in the usual steps. */
    public static GrowthPolicy upTo(long maxBytes) {
        return new GrowthPolicy(maxBytes, DEFAULT_STEP_BYTES);
    }

    /** How large to make a device that needs so many bytes; less than that if it may not have them. */
    long sizeFor(long neededBytes) {
        if (neededBytes >= maxBytes) {
            return maxBytes;
        }
        long steps = (neededBytes - 1) / stepBytes + 1;
        return steps > maxBytes / stepBytes ? maxBytes : steps * stepBytes;
    }

    @Override
    public String toString() {
        return maxBytes == 0 ? "never" : "up to " + maxBytes + " bytes in steps of " + stepBytes;
    }
}
