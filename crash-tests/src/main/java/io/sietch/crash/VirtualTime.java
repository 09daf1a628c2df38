package io.sietch.crash;

import io.sietch.vsic.NanoClock;
import io.sietch.vsic.Waiter;

/**
 * Time that passes only when somebody waits. A loop that waits for ever on one thread waits for nobody: that is
 * reported as {@link Stuck}, as is one that waits more often than its budget allows.
 */
public final class VirtualTime implements NanoClock, Waiter {
    /** The code under test does not come to an end. */
    public static final class Stuck extends AssertionError {
        private static final long serialVersionUID = 1L;

        Stuck(String message) {
            super(message);
        }
    }

    /** Far more waits than any recovery here has commands. */
    private static final int WAITS_MAX = 1_000_000;

    private long now;
    private int waits;
    private boolean woken;

    /** Time that begins at 0. */
    public VirtualTime() {}

    @Override
    public long nanoTime() {
        return now;
    }

    /** Lets time pass. */
    public void advance(long nanos) {
        now += nanos;
    }

    @Override
    public void await(long maxNanos) {
        if (++waits > WAITS_MAX) {
            throw new Stuck("waited " + WAITS_MAX + " times");
        }
        if (woken) {
            woken = false;
        } else if (maxNanos == Long.MAX_VALUE) {
            throw new Stuck("waits for ever, and nothing is under way that could end it");
        } else {
            now += Math.max(1, maxNanos);
        }
    }

    @Override
    public void wake() {
        woken = true;
    }
}
