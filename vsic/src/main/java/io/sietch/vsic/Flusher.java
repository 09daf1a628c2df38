package io.sietch.vsic;

import java.io.IOException;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Flushes the medium, one flush at a time: inline, or on a thread of its own so that the poll loop goes on meanwhile.
 * The fields are handed back and forth by the volatile {@code state}.
 */
final class Flusher implements AutoCloseable {
    private static final int IDLE = 0;
    private static final int REQUESTED = 1;
    private static final int DONE = 2;

    private final Media media;
    private final Waiter loop;
    private final @Nullable Thread thread;
    private volatile int state = IDLE;
    private volatile boolean closed;
    private @Nullable IOException failure;

    Flusher(Media media, boolean ownThread, Waiter loop) {
        this.media = media;
        this.loop = loop;
        this.thread =
                ownThread ? Thread.ofPlatform().daemon().name("sietch-flusher").start(this::run) : null;
    }

    /**
     * Begins a flush. The former one has been taken by {@link #finished}.
     *
     * @param here whether the caller runs it even if there is a thread for it; it has ended on return then
     */
    void start(boolean here) {
        if (here || thread == null) {
            flush();
        } else {
            state = REQUESTED;
            LockSupport.unpark(thread);
        }
    }

    /** Whether the flush that was begun has ended. True once for each. */
    boolean finished() {
        if (state != DONE) {
            return false;
        }
        state = IDLE;
        return true;
    }

    /** Whether a flush has ended that {@link #finished} was not asked about yet. */
    boolean isDone() {
        return state == DONE;
    }

    /** Why the flush that has just ended failed, or null if it did not. */
    @Nullable
    IOException failure() {
        return failure;
    }

    private void run() {
        while (true) {
            if (state == REQUESTED) {
                flush();
                loop.wake();
            } else if (closed) {
                return;
            } else {
                LockSupport.park(this);
            }
        }
    }

    private void flush() {
        try {
            media.flush();
            failure = null;
        } catch (IOException e) {
            failure = e;
        } catch (Throwable e) {
            // Whatever it was, the flush did not succeed, and somebody waits to hear that.
            failure = new IOException("flush ended by " + e, e);
        }
        state = DONE;
    }

    /** Waits for a flush that was begun and ends the thread. */
    @Override
    public void close() {
        closed = true;
        if (thread == null) {
            return;
        }
        LockSupport.unpark(thread);
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
