package io.sietch.persistent;

import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A thread that waits for one thing to be over: by looking for a short while if it may, then parked.
 *
 * <p>Who is woken may have others to wake, see {@link WakeUps}.
 */
class Sleeper implements CallerTurn.Awaited {
    private final Thread caller = Thread.currentThread();
    private volatile boolean parked;
    private volatile boolean over;

    // Set before it is over, and not afterwards.
    private @Nullable Sleeper left;
    private @Nullable Sleeper right;

    /** Any thread. */
    @Override
    public final boolean isOver() {
        return over;
    }

    /** Those to be woken by this one. Before {@link #end}. */
    final void wakes(@Nullable Sleeper one, @Nullable Sleeper other) {
        left = one;
        right = other;
    }

    /** The wait is over; the thread sees all that was done before. It still has to be {@link #wake woken}. */
    final void end() {
        over = true;
    }

    /**
     * Wakes the thread, and so those that it wakes. One that is awake may be far from doing so: then it is done here.
     */
    final void wake() {
        if (parked) {
            LockSupport.unpark(caller);
        } else {
            wakeOthers();
        }
    }

    private void wakeOthers() {
        if (left != null) {
            left.wake();
        }
        if (right != null) {
            right.wake();
        }
    }

    /**
     * Waits, whatever interrupts. An interrupt is kept for afterwards.
     *
     * @param spinNanos how long to look before parking
     */
    final void awaitEnd(long spinNanos) {
        if (spinNanos > 0) {
            long start = System.nanoTime();
            while (!over && System.nanoTime() - start < spinNanos) {
                Thread.yield();
            }
        }
        boolean interrupted = false;
        if (!over) {
            // The sleeper is announced before the last look; end() comes before wake() looks for a sleeper.
            parked = true;
            while (!over) {
                LockSupport.park(this);
                interrupted |= Thread.interrupted();
            }
        }
        wakeOthers();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
