package io.sietch.bench.store;

import io.sietch.bench.store.Store.Worker;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/** Threads that do the same thing to a store at the same time. */
final class Lanes {
    static final long HIGHEST_NANOS = TimeUnit.MINUTES.toNanos(1);

    private final Store store;
    private final CyclicBarrier barrier;
    private final List<Lane> lanes = new ArrayList<>();

    /** What one thread does, once. */
    @FunctionalInterface
    interface Task {
        /**
         * Works until its time is over.
         *
         * @param times takes the time of some operations
         * @return how many operations
         */
        long run(Worker worker, int lane, Histogram times) throws Exception;
    }

    /** What came of it: operations a second, and how long some of them took. */
    record Outcome(long operations, double rate, Histogram times) {}

    private Lanes(Store store, int threads) {
        this.store = store;
        this.barrier = new CyclicBarrier(threads);
    }

    /** Runs the task on so many threads, and then lets the store come to its end, which counts. */
    static Outcome run(Store store, int threads, Task task) throws Exception {
        return new Lanes(store, threads).run(threads, task);
    }

    private final class Lane extends Thread {
        final Histogram times = new Histogram(HIGHEST_NANOS, 3);
        private final Task task;
        private final int number;
        long startedAt;
        long operations;
        volatile @Nullable Throwable failure;

        Lane(Task task, int number) {
            this.task = task;
            this.number = number;
        }

        @Override
        public void run() {
            try (Worker worker = store.worker()) {
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

    private Outcome run(int threads, Task task) throws Exception {
        for (int i = 0; i < threads; i++) {
            lanes.add(new Lane(task, i));
        }
        lanes.forEach(Thread::start);
        for (Lane lane : lanes) {
            lane.join();
            Throwable failure = lane.failure;
            if (failure != null && !(failure instanceof BrokenBarrierException)) {
                throw new IllegalStateException("an operation failed: " + failure, failure);
            }
        }
        store.drain();
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
