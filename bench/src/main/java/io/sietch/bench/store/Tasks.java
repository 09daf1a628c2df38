package io.sietch.bench.store;

import io.sietch.bench.report.LaneThreads;
import io.sietch.bench.report.Lanes;
import io.sietch.bench.store.Data.Choice;
import io.sietch.bench.store.Store.Worker;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;

/** What threads do to a store. */
final class Tasks {
    // A clock reading costs as much as a tenth of a read, so only some are timed.
    private static final int TIMED = 1 << 5;

    private final Data data;

    Tasks(Data data) {
        this.data = data;
    }

    private static void time(Histogram times, long nanos) {
        times.recordValue(Math.min(Math.max(nanos, 0), Lanes.HIGHEST_NANOS));
    }

    /** Puts the keys of each lane, from the first, until all are there or the time is over. */
    Lanes.Task<Worker> load(int threads, long nanos) {
        return (worker, lane, times) -> {
            byte[] key = new byte[Data.KEY_BYTES];
            byte[] value = new byte[data.valueBytes()];
            long start = System.nanoTime();
            long before = start;
            long done = 0;
            for (long number = lane; number < data.entries(); number += threads) {
                Data.key(number, key);
                Data.value(number, (int) number, value);
                worker.load(key, value);
                done++;
                long now = System.nanoTime();
                time(times, now - before);
                before = now;
                if (now - start > nanos) {
                    break;
                }
            }
            worker.endLoad();
            return done;
        };
    }

    /** Reads and puts, each as often as the workload says. */
    Lanes.Task<Worker> mixed(Workload workload, long nanos) {
        int[][] drawn = new int[workload.threads()][];
        for (int i = 0; i < drawn.length; i++) {
            drawn[i] = data.draw(workload.choice(), i + 1);
        }
        return (worker, lane, times) -> {
            SplittableRandom random = new SplittableRandom(lane);
            byte[] key = new byte[Data.KEY_BYTES];
            byte[] value = new byte[data.valueBytes()];
            int[] numbers = drawn[lane];
            long start = System.nanoTime();
            long now = start;
            long done = 0;
            while (now - start < nanos) {
                long before = 0;
                for (int i = 0; i < TIMED; i++) {
                    if (i == TIMED - 1) {
                        before = System.nanoTime();
                    }
                    int number = numbers[(int) (done++ & numbers.length - 1)];
                    Data.key(number, key);
                    if (workload.readPercent() == 100 || random.nextInt(100) < workload.readPercent()) {
                        read(worker, number, key);
                    } else {
                        Data.value(number, (int) done, value);
                        worker.put(key, value);
                    }
                }
                now = System.nanoTime();
                time(times, now - before);
            }
            return done;
        };
    }

    private void read(Worker worker, long number, byte[] key) throws Exception {
        byte[] found = worker.get(key);
        if (found == null || !data.isValue(number, found)) {
            throw new IllegalStateException(
                    "key " + number + " gives " + (found == null ? "nothing" : "a wrong value of " + found.length));
        }
    }

    /** Puts random keys one after the other, each timed. */
    Lanes.Task<Worker> puts(long most, long nanos) {
        AtomicLong begun = new AtomicLong();
        return (worker, lane, times) -> {
            SplittableRandom random = new SplittableRandom(lane + 1);
            byte[] key = new byte[Data.KEY_BYTES];
            byte[] value = new byte[data.valueBytes()];
            long start = LaneThreads.beginning(begun);
            long before = System.nanoTime();
            long done = 0;
            while (before - start < nanos && done < most) {
                long number = random.nextLong(data.entries());
                Data.key(number, key);
                Data.value(number, (int) done++, value);
                worker.put(key, value);
                long now = System.nanoTime();
                time(times, now - before);
                before = now;
            }
            return done;
        };
    }

    /**
     * Puts at a steady pace; the time of each counts from when it should have begun, so that what waits behind a pause
     * shows it too.
     *
     * @param from the first number of new keys; or -1 for random ones that are there
     */
    Lanes.Task<Worker> paced(long from, double perSecond, long nanos) {
        return (worker, lane, times) -> {
            int[] numbers = data.draw(Choice.UNIFORM, 77);
            byte[] key = new byte[Data.KEY_BYTES];
            byte[] value = new byte[data.valueBytes()];
            double step = 1e9 / perSecond;
            long start = System.nanoTime();
            long done = 0;
            for (long due = 0; due < nanos; due = (long) (++done * step)) {
                long wait;
                while ((wait = start + due - System.nanoTime()) > 0) {
                    pause(wait);
                }
                long number = from < 0 ? numbers[(int) (done & numbers.length - 1)] : from + done;
                Data.key(number, key);
                Data.value(number, (int) done, value);
                worker.put(key, value);
                time(times, System.nanoTime() - start - due);
            }
            return done;
        };
    }

    /** Sleeps if it is long: a thread that spins would take the store one of two cores. */
    private static void pause(long nanos) {
        if (nanos > 200_000) {
            LockSupport.parkNanos(nanos - 100_000);
        } else {
            Thread.yield();
        }
    }
}
