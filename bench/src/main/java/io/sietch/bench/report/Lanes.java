package io.sietch.bench.report;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * Threads that do the same thing to what is measured at the same time.
 *
 * @param <W> one thread's way in
 */
public final class Lanes<W extends Lanes.Worker> {
    /** The longest time that is told apart. */
    public static final long HIGHEST_NANOS = TimeUnit.MINUTES.toNanos(1);

    private final Callable<? extends W> entrance;
    private final LaneThreads threads;
    private final CyclicBarrier barrier;
    private final List<Lane> lanes = new ArrayList<>();

    /** One thread's way in. */
    public interface Worker extends AutoCloseable {
        @Override
        default void close() {
            // holds nothing
        }
    }

    /** What one thread does, once. */
    @FunctionalInterface
    public interface Task<W> {
        /**
         * Works until its time is over.
         *
         * @param times takes the time of some operations
         * @return how many operations
         */
        long run(W worker, int lane, Histogram times) throws Exception;
    }

    /** Comes to the end of what the threads left. */
    @FunctionalInterface
    public interface Drain {
        void run() throws Exception;
    }

    /** What came of it: operations a second, and how long some of them took. */
    public record Outcome(long operations, double rate, Histogram times) {}

    private Lanes(Callable<? extends W> entrance, LaneThreads threads) {
        this.entrance = entrance;
        this.threads = threads;
        this.barrier = new CyclicBarrier(threads.count());
    }

    /**
     * Runs the task on so many threads, and then what is left to its end, which counts.
     *
     * @param entrance called by each thread before all of them begin
     */
    public static <W extends Lanes.Worker> Outcome run(
            int threads, Callable<? extends W> entrance, Task<W> task, Drain drain) throws Exception {
        return run(LaneThreads.platform(threads), entrance, task, drain);
    }

    /** As the other. */
    public static <W extends Lanes.Worker> Outcome run(
            LaneThreads threads, Callable<? extends W> entrance, Task<W> task, Drain drain) throws Exception {
        return new Lanes<W>(entrance, threads).run(task, drain);
    }

    private final class Lane implements Runnable {
        final Histogram times = new Histogram(HIGHEST_NANOS, 3);
        private final Task<W> task;
        private final int number;
        long startedAt;
        long operations;
        volatile @Nullable Throwable failure;

        Lane(Task<W> task, int number) {
            this.task = task;
            this.number = number;
        }

        @Override
        public void run() {
            try (W worker = entrance.call()) {
                barrier.await();
                startedAt = System.nanoTime();
                operations = task.run(worker, number, times);
            } catch (Throwable e) {
                failure = e;
                // Nobody shall wait at the start for a thread that never comes.
                barrier.reset();
            }
        }
    }

    private Outcome run(Task<W> task, Drain drain) throws Exception {
        List<Thread> running = new ArrayList<>();
        for (int i = 0; i < threads.count(); i++) {
            lanes.add(new Lane(task, i));
            running.add(threads.unstarted(lanes.getLast()));
        }
        running.forEach(Thread::start);
        for (Thread thread : running) {
            thread.join();
        }
        for (Lane lane : lanes) {
            Throwable failure = lane.failure;
            if (failure != null && !(failure instanceof BrokenBarrierException)) {
                throw new IllegalStateException("an operation failed: " + failure, failure);
            }
        }
        drain.run();
        long end = System.nanoTime();
        Histogram all = new Histogram(HIGHEST_NANOS, 3);
        long operations = 0;
        long start = Long.MAX_VALUE;
        for (Lane lane : lanes) {
            all.add(lane.times);
            operations += lane.operations;
            start = Math.min(start, lane.startedAt);
        }
        return new Outcome(operations, operations * 1e9 / (end - start), all);
    }
}
