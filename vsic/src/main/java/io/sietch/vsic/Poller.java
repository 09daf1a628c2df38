package io.sietch.vsic;

/**
 * Something that moves by being polled. Devices, structures and server loops are pollers; threads exist only at the
 * edge and run them ({@link PollerThread}), so a test can drive a whole stack on one thread.
 */
@FunctionalInterface
public interface Poller {
    /**
     * Does one bounded slice of the work at hand and returns. Never blocks.
     *
     * @return how much was done, in no particular unit; 0 says that there was nothing to do
     */
    int poll();

    /**
     * How long this poller may be left alone if nobody wakes its loop, in nanoseconds: the time to its next deadline,
     * or {@link Long#MAX_VALUE} if only others can give it work. Asked after a {@link #poll} that found nothing to do.
     */
    default long idleNanos() {
        return Long.MAX_VALUE;
    }
}
