package io.sietch.vsic;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/**
 * Runs a {@link Poller} on a platform thread: polls while there is work, else waits at its {@link Waiter}. Other
 * threads hand it work with {@link #call}, which runs between two polls, so what the poller owns needs no locks.
 */
public final class PollerThread implements AutoCloseable {
    private static final Logger LOG = System.getLogger(PollerThread.class.getPackageName());

    private final Poller poller;
    private final Waiter waiter;
    private final Thread thread;
    private final ConcurrentLinkedQueue<FutureCall<?>> calls = new ConcurrentLinkedQueue<>();
    private volatile boolean closing;
    private volatile @Nullable Throwable failure;

    private static final class FutureCall<T> {
        final Callable<T> body;
        final CompletableFuture<T> result = new CompletableFuture<>();

        FutureCall(Callable<T> body) {
            this.body = body;
        }

        void run() {
            try {
                result.complete(body.call());
            } catch (Throwable e) {
                result.completeExceptionally(e);
            }
        }
    }

    private PollerThread(String name, Poller poller, Waiter waiter) {
        this.poller = poller;
        this.waiter = waiter;
        this.thread = Thread.ofPlatform().daemon().name(name).unstarted(this::run);
    }

    /** Starts a daemon thread that polls until closed. */
    public static PollerThread start(String name, Poller poller, Waiter waiter) {
        PollerThread started = new PollerThread(name, poller, waiter);
        started.thread.start();
        return started;
    }

    private void run() {
        try {
            while (!closing) {
                if (poller.poll() + runCalls() == 0) {
                    waiter.await(poller.idleNanos());
                }
            }
        } catch (Throwable e) {
            failure = e;
            LOG.log(Level.ERROR, thread.getName() + " ended by a failure", e);
        } finally {
            closing = true;
            FutureCall<?> call;
            while ((call = calls.poll()) != null) {
                call.result.completeExceptionally(ended());
            }
        }
    }

    private int runCalls() {
        int run = 0;
        FutureCall<?> call;
        while ((call = calls.poll()) != null) {
            call.run();
            run++;
        }
        return run;
    }

    private IllegalStateException ended() {
        return new IllegalStateException(thread.getName() + " has ended", failure);
    }

    /**
     * Runs {@code body} on the thread, between two polls, and waits for its result. On the thread itself it runs at
     * once.
     *
     * @throws CompletionException with what the body threw as its cause
     * @throws IllegalStateException if the thread has ended
     */
    public <T> T call(Callable<T> body) {
        FutureCall<T> call = new FutureCall<>(body);
        if (Thread.currentThread() == thread) {
            call.run();
            return call.result.join();
        }
        calls.add(call);
        waiter.wake();
        // The thread may have drained its calls for the last time just before this one was added.
        if (closing && calls.remove(call)) {
            throw ended();
        }
        try {
            return call.result.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof IllegalStateException ended && closing) {
                throw ended;
            }
            throw e;
        }
    }

    /** Whether the calling thread is the one that polls. */
    public boolean isCurrent() {
        return Thread.currentThread() == thread;
    }

    /** What ended the thread, or null while it runs and after a normal close. */
    public @Nullable Throwable failure() {
        return failure;
    }

    /** Ends the thread after its present poll and waits for it. */
    @Override
    public void close() {
        closing = true;
        waiter.wake();
        boolean interrupted = false;
        while (thread.isAlive() && !isCurrent()) {
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
