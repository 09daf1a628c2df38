package io.sietch.vsic;

/**
 * How long a command takes on an emulated device, in nanoseconds of the controller's clock. The controller performs the
 * command at once and holds its completion back until the time has come.
 *
 * @param readNanos time of a READ
 * @param writeNanos time of a WRITE or DEALLOCATE
 * @param flushNanos time of a flush of the medium
 */
public record LatencyModel(long readNanos, long writeNanos, long flushNanos) {
    /** Completes as soon as the medium has done its work. */
    public static final LatencyModel NONE = new LatencyModel(0, 0, 0);

    public LatencyModel {
        if (readNanos < 0 || writeNanos < 0 || flushNanos < 0) {
            throw new IllegalArgumentException(
                    "negative latency: read " + readNanos + " write " + writeNanos + " flush " + flushNanos + " ns");
        }
    }
}
