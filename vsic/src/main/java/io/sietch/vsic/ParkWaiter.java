package io.sietch.vsic;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Waits by parking the thread, after looking around for a short, bounded time: waking a parked thread costs tens of
 * microseconds on a virtual machine, so a loop whose next work is already under way does better to look again.
 */
public final class ParkWaiter implements Waiter {
    private static final VarHandle SIGNALLED;

    static {
        try {
            SIGNALLED = MethodHandles.lookup().findVarHandle(ParkWaiter.class, "signalled", boolean.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final long spinNanos;
    private volatile boolean signalled;
    private volatile @Nullable Thread parked;

    /** A waiter that parks at once. */
    public ParkWaiter() {
        this(0);
    }

    /**
     * @param spinNanos how long to look for a wake before parking, in nanoseconds; the core is yielded at every look
     */
    public ParkWaiter(long spinNanos) {
        this.spinNanos = spinNanos;
    }

    @Override
    public void await(long maxNanos) {
        if (!spin(Math.min(spinNanos, maxNanos)) && maxNanos > spinNanos) {
            // Announce the sleeper before looking a last time; wake() signals before it looks for a sleeper.
            parked = Thread.currentThread();
            if (!signalled) {
                if (maxNanos == Long.MAX_VALUE) {
                    LockSupport.park(this);
                } else {
                    LockSupport.parkNanos(this, maxNanos - spinNanos);
                }
            }
            parked = null;
        }
        // An exchange, not a store: it reads the signal that it clears, and so sees what the waker did before it.
        SIGNALLED.getAndSet(this, false);
    }

    private boolean spin(long nanos) {
        if (nanos <= 0) {
            return signalled;
        }
        long start = System.nanoTime();
        while (!signalled) {
            if (System.nanoTime() - start >= nanos) {
                return signalled;
            }
            Thread.yield();
        }
        return true;
    }

    @Override
    public void wake() {
        if ((boolean) SIGNALLED.getAndSet(this, true)) {
            return;
        }
        Thread sleeper = parked;
        if (sleeper != null) {
            LockSupport.unpark(sleeper);
        }
    }
}
