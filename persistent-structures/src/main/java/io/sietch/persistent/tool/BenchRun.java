package io.sietch.persistent.tool;

import io.sietch.persistent.tool.BenchWork.Step;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongConsumer;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/** Times operations: some threads do them for a while, one after the other, and each is measured. */
final class BenchRun {
    private static final int DIGITS = 3;
    private static final long WATCH_MILLIS = 100;
    private static final double NANOS_PER_MICRO = 1e3;
    private static final double NANOS_PER_SECOND = 1e9;

    /** The share of the time at the beginning that is not counted: compilers and caches warm up. */
    private static final int WARM_UP_SHARE = 4;

    /**
     * What one operation took.
     *
     * @param nanos each time, of all threads
     * @param countedNanos for how long they were counted
     */
    record Result(String name, Histogram nanos, long countedNanos) {
        double perSecond() {
            return nanos.getTotalCount() * NANOS_PER_SECOND / countedNanos;
        }

        double micros(double percentile) {
            return nanos.getValueAtPercentile(percentile) / NANOS_PER_MICRO;
        }

        double maxMicros() {
            return nanos.getMaxValue() / NANOS_PER_MICRO;
        }

        Map<String, Object> asMap() {
            Map<String, Object> map = new LinkedHashMap<>();
            map.put("operation", name);
            map.put("count", nanos.getTotalCount());
            map.put("perSecond", perSecond());
            map.put("p50Micros", micros(50));
            map.put("p90Micros", micros(90));
            map.put("p99Micros", micros(99));
            map.put("p999Micros", micros(99.9));
            map.put("maxMicros", maxMicros());
            return map;
        }
    }

    private final List<Step> steps;
    private final long warmUpNanos;
    private final long nanos;
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

    private BenchRun(List<Step> steps, Duration time) {
        this.steps = steps;
        this.nanos = time.toNanos();
        this.warmUpNanos = nanos / WARM_UP_SHARE;
    }

    /**
     * Lets threads do the steps in turn, for a time in addition to which nobody is stopped in the middle.
     *
     * @param progress is told, now and then, how many nanoseconds have gone
     * @return a result for each step
     * @throws IOException if an operation failed
     */
    static List<Result> of(List<Step> steps, int threads, Duration time, LongConsumer progress) throws IOException {
        return new BenchRun(steps, time).run(threads, progress);
    }

    private List<Result> run(int count, LongConsumer progress) throws IOException {
        List<List<Histogram>> times = new ArrayList<>();
        List<Thread> threads = new ArrayList<>();
        long start = System.nanoTime();
        for (int i = 0; i < count; i++) {
            int number = i;
            List<Histogram> mine =
                    steps.stream().map(step -> new Histogram(DIGITS)).toList();
            times.add(mine);
            threads.add(Thread.ofPlatform().name("bench-" + i).start(() -> work(number, start, mine)));
        }
        for (Thread thread : threads) {
            watch(thread, start, progress);
        }
        switch (failure.get()) {
            case IOException e -> throw e;
            case RuntimeException e -> throw e;
            case Error e -> throw e;
            case null, default -> {
                return results(times, Math.max(1, System.nanoTime() - start - warmUpNanos));
            }
        }
    }

    private void work(int thread, long start, List<Histogram> times) {
        try {
            for (long round = 0; failure.get() == null && goesOn(start, times.getLast()); round++) {
                for (int i = 0; i < times.size(); i++) {
                    long before = System.nanoTime();
                    steps.get(i).operation().run(thread, round);
                    long after = System.nanoTime();
                    if (before - start >= warmUpNanos) {
                        times.get(i).recordValue(after - before);
                    }
                }
            }
        } catch (Throwable e) {
            failure.compareAndSet(null, e);
        }
    }

    /** Something is counted, however slow it is. */
    private boolean goesOn(long start, Histogram times) {
        return System.nanoTime() - start < nanos || times.getTotalCount() == 0;
    }

    private static void watch(Thread thread, long start, LongConsumer progress) {
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join(WATCH_MILLIS);
            } catch (InterruptedException e) {
                interrupted = true;
            }
            progress.accept(System.nanoTime() - start);
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private List<Result> results(List<List<Histogram>> times, long countedNanos) {
        List<Result> results = new ArrayList<>();
        for (int i = 0; i < steps.size(); i++) {
            Histogram all = new Histogram(DIGITS);
            for (List<Histogram> mine : times) {
                all.add(mine.get(i));
            }
            results.add(new Result(steps.get(i).name(), all, countedNanos));
        }
        return results;
    }
}
