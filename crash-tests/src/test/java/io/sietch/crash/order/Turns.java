package io.sietch.crash.order;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Runs threads of which only one has its turn at a time. It keeps it until it waits or ends, or until a given step. So
 * an order is told by where turns change, and can be had again.
 */
final class Turns {
    /** Before the step with this number, thread {@code to} gets the turn. */
    record Change(int step, int to) {}

    /** After so many steps somebody runs in circles. */
    private static final int MOST_STEPS = 200_000;

    private static final long STUCK_MILLIS = 20_000;
    private static final int TRACED_STEPS = 20_000;

    /** Ends threads of an order that has failed. */
    private static final class Stopped extends Error {
        private static final long serialVersionUID = 1;
    }

    private static volatile @Nullable Worker current;

    private final List<Change> changes;
    private final List<Worker> workers = new ArrayList<>();
    private final @Nullable List<String> trace;
    private final Set<Object> wakeups = new HashSet<>();
    private final Map<Object, Thread> monitors = new IdentityHashMap<>();
    private final Map<Object, Integer> depths = new IdentityHashMap<>();
    private int nextChange;
    private int steps;
    private long now;
    private boolean timedOut;
    private volatile @Nullable Throwable failure;
    private boolean redundant;

    Turns(List<Change> changes, boolean traced) {
        this.changes = changes;
        this.trace = traced ? new ArrayList<>() : null;
    }

    /** Runs them. Returns what went wrong, or null. */
    @Nullable
    Throwable run(List<Runnable> bodies) {
        for (Runnable body : bodies) {
            workers.add(new Worker(workers.size(), body));
        }
        workers.forEach(worker -> worker.thread.start());
        int first = !changes.isEmpty() && changes.getFirst().step == 0 ? changes.getFirst().to : 0;
        nextChange = first == 0 ? 0 : 1;
        workers.get(first).giveTurn();
        for (Worker worker : workers) {
            try {
                worker.thread.join(STUCK_MILLIS);
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
            if (worker.thread.isAlive()) {
                return stuck();
            }
        }
        return failure;
    }

    /** Somebody waits in a way that the steps do not know of. */
    private Throwable stuck() {
        StringBuilder text = new StringBuilder("stuck:");
        for (Worker worker : workers) {
            text.append('\n').append(worker.thread.getName());
            for (StackTraceElement frame : worker.thread.getStackTrace()) {
                text.append("\n  at ").append(frame);
            }
        }
        return new AssertionError(text);
    }

    int steps() {
        return steps;
    }

    /** Whether a change was to somebody who could not take the turn, so that the order is that of fewer changes. */
    boolean isRedundant() {
        return redundant;
    }

    /** Whether somebody's time ran out because nobody could go on otherwise. */
    boolean timedOut() {
        return timedOut;
    }

    List<String> trace() {
        return trace == null ? List.of() : trace;
    }

    void addWakeup(Object selector) {
        wakeups.add(selector);
    }

    boolean takeWakeup(Object selector) {
        return wakeups.remove(selector);
    }

    boolean isFree(Object monitor) {
        Thread holder = monitors.get(monitor);
        return holder == null || holder == Thread.currentThread();
    }

    void enter(Object monitor) {
        monitors.put(monitor, Thread.currentThread());
        depths.merge(monitor, 1, Integer::sum);
    }

    void leave(Object monitor) {
        if (depths.merge(monitor, -1, Integer::sum) == 0) {
            monitors.remove(monitor);
        }
    }

    /** Whose turn it is, if the calling thread is one of those that take turns; else null. */
    static @Nullable Worker worker() {
        Worker worker = current;
        return worker != null && worker.thread == Thread.currentThread() ? worker : null;
    }

    /** Lets a thread go on that parks, or that will. Returns false if it takes no turns here. */
    boolean permit(Thread thread) {
        for (Worker worker : workers) {
            if (worker.thread == thread) {
                worker.permit = true;
                return true;
            }
        }
        return false;
    }

    final class Worker implements Runnable {
        // A virtual one: changes of turns are many, and cost the system nothing.
        private final Thread thread;
        private final int number;
        private final Runnable body;
        private volatile boolean turn;
        private boolean done;
        private @Nullable BooleanSupplier waitsFor;
        private long waitsUntil;
        boolean permit;

        Worker(int number, Runnable body) {
            this.number = number;
            this.body = body;
            this.thread = Thread.ofVirtual().name("thread " + number).unstarted(this);
        }

        Turns turns() {
            return Turns.this;
        }

        @Override
        public void run() {
            try {
                awaitTurn();
                body.run();
            } catch (Stopped e) {
                return;
            } catch (Throwable e) {
                failure = e;
            }
            done = true;
            if (failure != null) {
                stopAll();
            } else {
                passOn(this);
            }
        }

        private void giveTurn() {
            turn = true;
            LockSupport.unpark(thread);
        }

        private void awaitTurn() {
            while (!turn) {
                if (failure != null) {
                    throw new Stopped();
                }
                LockSupport.park(this);
            }
            turn = false;
            current = this;
            if (failure != null) {
                throw new Stopped();
            }
        }

        long now() {
            return now;
        }

        void step() {
            if (trace != null) {
                trace.add(number + " " + place());
            }
            int step = steps++;
            if (step > MOST_STEPS || trace != null && step > TRACED_STEPS) {
                fail("runs in circles");
            }
            if (nextChange < changes.size() && changes.get(nextChange).step <= step) {
                Worker to = workers.get(changes.get(nextChange++).to);
                if (to != this && to.canGoOn()) {
                    now++;
                    to.giveTurn();
                    awaitTurn();
                } else {
                    redundant = true;
                }
            }
        }

        private String place() {
            return StackWalker.getInstance()
                    .walk(frames -> frames.filter(frame -> !frame.getClassName().startsWith("io.sietch.crash.order.S")
                                    && !frame.getClassName().startsWith("io.sietch.crash.order.T"))
                            .findFirst()
                            .map(StackWalker.StackFrame::toString)
                            .orElse("?"));
        }

        /** Lets the others go first. */
        void yieldTurn() {
            step();
            now += 1000;
            Worker next = next(this);
            if (next != this && next != null) {
                next.giveTurn();
                awaitTurn();
            }
        }

        /** Waits for something, or until the time is over and nobody else can go on. */
        void await(BooleanSupplier ready, long nanos) {
            if (ready.getAsBoolean()) {
                return;
            }
            waitsFor = ready;
            waitsUntil = nanos > Long.MAX_VALUE / 2 ? Long.MAX_VALUE : now + nanos;
            passOn(this);
            awaitTurn();
            waitsFor = null;
        }

        private boolean canGoOn() {
            BooleanSupplier condition = waitsFor;
            if (done || condition == null) {
                return !done;
            }
            if (condition.getAsBoolean()) {
                waitsFor = () -> true;
                return true;
            }
            return false;
        }

        private void fail(String why) {
            failure = new AssertionError(why);
            stopAll();
            throw new Stopped();
        }
    }

    /** The next who can go on, in a ring; the same one at last; null for nobody. */
    private @Nullable Worker next(Worker from) {
        for (int i = 1; i <= workers.size(); i++) {
            Worker worker = workers.get((from.number + i) % workers.size());
            if (worker.canGoOn()) {
                return worker;
            }
        }
        return null;
    }

    private void passOn(Worker from) {
        Worker next = next(from);
        if (next == null) {
            next = firstToTimeOut();
        }
        if (next != null) {
            next.giveTurn();
        } else if (workers.stream().anyMatch(worker -> !worker.done)) {
            failure = new AssertionError("nobody can go on: "
                    + workers.stream()
                            .filter(worker -> !worker.done)
                            .map(worker -> worker.thread.getName())
                            .toList() + " wait for ever");
            stopAll();
        }
    }

    private @Nullable Worker firstToTimeOut() {
        Worker first = null;
        for (Worker worker : workers) {
            if (!worker.done
                    && worker.waitsUntil != Long.MAX_VALUE
                    && (first == null || worker.waitsUntil < first.waitsUntil)) {
                first = worker;
            }
        }
        if (first != null) {
            timedOut = true;
            now = Math.max(now, first.waitsUntil);
            first.waitsFor = () -> true;
        }
        return first;
    }

    private void stopAll() {
        workers.forEach(Worker::giveTurn);
    }
}
