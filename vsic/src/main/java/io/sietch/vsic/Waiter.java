package io.sietch.vsic;

/**
 * The one place where a loop may wait. Whoever finishes work for the loop calls {@link #wake()}.
 *
 * <p>A wake that comes before the wait is not lost: the next {@link #await} returns at once. So a loop that polls,
 * finds nothing and then waits cannot sleep through work that arrived in between.
 */
public interface Waiter {
    /** A waiter that never waits, for loops that a test steps or that poll all the time. */
    Waiter BUSY = new Waiter() {
        @Override
        public void await(long maxNanos) {
            Thread.onSpinWait();
        }

        @Override
        public void wake() {
            // nobody sleeps here
        }
    };

    /**
     * Waits until woken, or until the time is over. Called by the thread of the loop alone.
     *
     * @param maxNanos upper bound in nanoseconds; {@link Long#MAX_VALUE} for none
     */
    void await(long maxNanos);

    /** Ends the present wait, or else the next one. Any thread. */
    void wake();
}
