package io.sietch.persistent;

import java.io.IOException;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** An append that its caller waits for: by looking for a short while if it may, then parked. */
final class BlockingAppend implements AppendCallback {
    private final Thread caller = Thread.currentThread();
    private long position;
    private @Nullable IOException failure;
    private volatile boolean parked;
    private volatile boolean done;

    @Override
    public void completed(long at, @Nullable IOException why) {
        position = at;
        failure = why;
        done = true;
        if (parked) {
            LockSupport.unpark(caller);
        }
    }

    /**
     * Waits for the end of the append, whatever interrupts: its fate would be unknown otherwise. An interrupt is kept
     * for afterwards.
     *
     * @param spinNanos how long to look before parking
     */
    long await(long spinNanos) throws IOException {
        if (spinNanos > 0) {
            long start = System.nanoTime();
            while (!done && System.nanoTime() - start < spinNanos) {
                Thread.yield();
            }
        }
        boolean interrupted = false;
        // The sleeper is announced before the last look; completed() sets done before it looks for a sleeper.
        parked = true;
        while (!done) {
            LockSupport.park(this);
            interrupted |= Thread.interrupted();
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        if (failure != null) {
            throw failure;
        }
        return position;
    }
}
