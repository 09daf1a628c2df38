package io.sietch.crash.order;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/** What stepped code calls. On threads that are none of a {@link Turns}, everything is as it would be without. */
public final class Steps {
    private Steps() {}

    /** Before each access to what is shared. */
    public static void step() {
        Turns.Worker worker = Turns.worker();
        if (worker != null) {
            worker.step();
        }
    }

    public static void yield() {
        Turns.Worker worker = Turns.worker();
        if (worker != null) {
            worker.yieldTurn();
        }
    }

    public static void onSpinWait() {
        Steps.yield();
    }

    public static long nanoTime() {
        Turns.Worker worker = Turns.worker();
        return worker == null ? 0 : worker.now();
    }

    public static void park() {
        parkNanos(Long.MAX_VALUE);
    }

    public static void park(Object blocker) {
        parkNanos(Long.MAX_VALUE);
    }

    public static void parkNanos(Object blocker, long nanos) {
        parkNanos(nanos);
    }

    public static void parkNanos(long nanos) {
        Turns.Worker worker = Turns.worker();
        if (worker != null) {
            worker.await(() -> worker.permit, nanos);
            worker.permit = false;
        }
    }

    public static void unpark(Thread thread) {
        step();
        Turns.Worker worker = Turns.worker();
        if (worker == null || !worker.turns().permit(thread)) {
            LockSupport.unpark(thread);
        }
    }

    public static Object join(CompletableFuture<?> future) {
        Turns.Worker worker = Turns.worker();
        if (worker != null) {
            worker.await(future::isDone, Long.MAX_VALUE);
        }
        return future.join();
    }

    public static Object get(CompletableFuture<?> future, long time, TimeUnit unit)
            throws ExecutionException, TimeoutException, InterruptedException {
        Turns.Worker worker = Turns.worker();
        if (worker != null) {
            worker.await(future::isDone, unit.toNanos(time));
            return future.get(0, TimeUnit.NANOSECONDS);
        }
        return future.get(time, unit);
    }

    public static void lock(ReentrantLock lock) {
        Turns.Worker worker = Turns.worker();
        if (worker != null) {
            worker.step();
            if (lock.isHeldByCurrentThread()) {
                lock.lock();
                return;
            }
            worker.await(() -> !lock.isLocked(), Long.MAX_VALUE);
        }
        lock.lock();
    }

    public static void enter(Object monitor) {
        Turns.Worker worker = Turns.worker();
        if (worker != null) {
            worker.step();
            worker.await(() -> worker.turns().isFree(monitor), Long.MAX_VALUE);
            worker.turns().enter(monitor);
        }
    }

    public static void leave(Object monitor) {
        Turns.Worker worker = Turns.worker();
        if (worker != null) {
            worker.turns().leave(monitor);
        }
    }

    public static Condition newCondition(ReentrantLock lock) {
        return new SteppedCondition(lock);
    }

    /** Waits as the other does; what became ready is left to be found. */
    public static int select(Selector selector, Consumer<SelectionKey> action, long millis) {
        Turns.Worker worker = Turns.worker();
        if (worker == null) {
            throw new IllegalStateException("waits without a turn");
        }
        worker.step();
        worker.await(
                () -> {
                    try {
                        return worker.turns().takeWakeup(selector) || selector.selectNow(action) > 0;
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                },
                millis == 0 ? Long.MAX_VALUE : millis * 1_000_000);
        return 0;
    }

    public static Selector wakeup(Selector selector) {
        Turns.Worker worker = Turns.worker();
        if (worker != null) {
            worker.step();
            worker.turns().addWakeup(selector);
        }
        return selector;
    }

    /** A thread that stepped code has started: a scenario has to run it, see {@link #started}. */
    private static final class Started implements Runnable {
        private final Thread thread;
        private final Runnable body;
        private boolean known;
        private boolean done;

        Started(Thread thread, Runnable body) {
            this.thread = thread;
            this.body = body;
        }

        @Override
        public void run() {
            try {
                body.run();
            } finally {
                done = true;
            }
        }
    }

    private static final List<Started> STARTED = new ArrayList<>();

    public static Thread start(Thread.Builder.OfPlatform builder, Runnable body) {
        Thread thread = builder.unstarted(body);
        STARTED.add(new Started(thread, body));
        return thread;
    }

    /** What stepped code has started since the last call, to be among the threads of the scenario. */
    public static List<Runnable> started() {
        List<Runnable> unknown = new ArrayList<>();
        for (Started started : STARTED) {
            if (!started.known) {
                started.known = true;
                unknown.add(started);
            }
        }
        STARTED.removeIf(started -> started.done);
        return unknown;
    }

    public static boolean isAlive(Thread thread) {
        return thread.isAlive() || STARTED.stream().anyMatch(started -> started.thread == thread && !started.done);
    }

    public static void join(Thread thread, long millis) {
        Turns.Worker worker = Turns.worker();
        if (worker != null) {
            worker.await(() -> !isAlive(thread), Long.MAX_VALUE);
        }
    }
}
