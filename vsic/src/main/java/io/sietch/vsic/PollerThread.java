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
 *
 * <p>While the thread waits, another one may {@link #tryEnter enter} as its guest, poll what it polls, and leave:
 * whoever would only wait for that saves two changes of threads.
 */
public final class PollerThread implements AutoCloseable {
    private static final Logger LOG = System.getLogger(PollerThread.class.getPackageName());

    private final Poller poller;
    private final Waiter waiter;
    private final Thread thread;
    private final LoopTurn turn;
    private final ConcurrentLinkedQueue<FutureCall<?>> calls = new ConcurrentLinkedQueue<>();
    private volatile boolean closing;
    private volatile @Nullable Throwable failure;
    private volatile @Nullable Throwable broken;

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
        this.turn = new LoopTurn(thread, waiter);
    }

    /** Starts a daemon thread that polls until closed. */
    public static PollerThread start(String name, Poller poller, Waiter waiter) {
        PollerThread started = new PollerThread(name, poller, waiter);
        started.thread.start();
        return started;
    }

    private void run() {
        try {
            turn.enterLoop();
            while (!closing) {
                rethrowBroken();
                if (poller.poll() + runCalls() == 0) {
                    long idle = poller.idleNanos();
                    turn.leaveLoop();
                    waiter.await(idle);
                    turn.enterLoop();
                }
            }
        } catch (Throwable e) {
            failure = e;
            LOG.log(Level.ERROR, thread.getName() + " ended by a failure", e);
        } finally {
            closing = true;
            // For good: nobody may be a guest of what has ended.
            turn.enterLoop();
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
        if (isCurrent()) {
            call.run();
            return call.result.join();
        }
        calls.add(call);
        wake();
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

    /** Whether the calling thread is the one that polls: this one, or its guest. */
    public boolean isCurrent() {
        return turn.isCurrent();
    }

    /** Tells the thread that there is something to do: at once, or when its guest has left. Any thread. */
    public void wake() {
        turn.wake();
    }

    // ---- guests -------------------------------------------------------------------------------------------------

    /**
     * Makes the calling thread the guest, if this thread waits, is not wanted, and has no guest. A guest may do what
     * runs in {@link #call} and poll what the poller polls, until it {@link #leave leaves}; it must not wait meanwhile
     * for anything that this thread would do.
     */
    public boolean tryEnter() {
        return turn.tryEnter();
    }

    /**
     * Ends the visit.
     *
     * @param owed whether this thread has something to do, by what the guest knows
     */
    public void leave(boolean owed) {
        turn.leave(owed);
    }

    /** Whether others have something for this thread to do, so that the guest should leave soon. */
    public boolean isWanted() {
        return turn.isWanted();
    }

    /** Ends this thread by a failure that its guest came upon, as if the poller had thrown it here. By the guest. */
    public void breakBy(Throwable cause) {
        broken = cause;
        wake();
    }

    private void rethrowBroken() {
        switch (broken) {
            case RuntimeException e -> throw e;
            case Error e -> throw e;
            case null, default -> {
                // not broken
            }
        }
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
        while (thread.isAlive() && Thread.currentThread() != thread) {
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
