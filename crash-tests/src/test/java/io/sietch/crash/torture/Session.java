package io.sietch.crash.torture;

import io.sietch.crash.CrashViolation;
import io.sietch.crash.torture.Hunt.Tally;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Trials, one after the other on each of some threads, until the time is over, enough states were made or too much is
 * broken. Which trials come is determined by the seed, how many of them by the time.
 */
final class Session {
    /** More violations tell nothing more. */
    private static final int BROKEN_MAX = 10;

    private static final long PROGRESS_MILLIS = 500;

    private static final ThreadMXBean CPU_TIMES = ManagementFactory.getThreadMXBean();

    /** A violation and where it was met. */
    record Broken(Trial trial, CrashViolation violation) {}

    private final List<Prey> preys;
    private final Iterator<Trial> trials;
    private final long seed;
    private final Duration time;
    private final long states;
    private final int threads;
    private final long startedAt = System.nanoTime();

    /** Of those that are broken; the thread that shows progress. */
    private int told;

    // Guarded by this.
    private final Map<Prey, Tally> tallies = new EnumMap<>(Prey.class);

    private final Map<Prey, Long> cpuNanos = new EnumMap<>(Prey.class);
    private final List<Broken> broken = new ArrayList<>();
    private @Nullable Throwable failure;

    /**
     * A session that has not begun.
     *
     * @param trials come in this order, and all of them if the time suffices
     * @param states ends when so many distinct ones were made
     */
    Session(List<Prey> preys, Iterator<Trial> trials, long seed, Duration time, long states, int threads) {
        this.preys = preys;
        this.trials = trials;
        this.seed = seed;
        this.time = time;
        this.states = states;
        this.threads = threads;
    }

    /** Runs until it is over; tells of the progress meanwhile, and of each violation as soon as it is met. */
    void run(Progress progress, Consumer<Broken> teller) {
        CountDownLatch running = new CountDownLatch(threads);
        for (int i = 0; i < threads; i++) {
            Thread.ofPlatform().daemon().name("torture " + i).start(() -> {
                try {
                    work();
                } catch (RuntimeException | Error e) {
                    failed(e);
                } finally {
                    running.countDown();
                }
            });
        }
        try {
            while (!running.await(PROGRESS_MILLIS, TimeUnit.MILLISECONDS)) {
                tellNew(progress, teller);
                progress.show();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        tellNew(progress, teller);
        progress.end();
        synchronized (this) {
            if (failure != null) {
                throw new IllegalStateException("a trial did not run: " + failure.getMessage(), failure);
            }
        }
    }

    private void tellNew(Progress progress, Consumer<Broken> teller) {
        List<Broken> all = broken();
        for (; told < all.size(); told++) {
            progress.clear();
            teller.accept(all.get(told));
        }
    }

    private void work() {
        for (Trial trial = take(); trial != null; trial = take()) {
            long before = CPU_TIMES.getCurrentThreadCpuTime();
            try {
                Tally tally = trial.run();
                done(trial, tally, CPU_TIMES.getCurrentThreadCpuTime() - before);
            } catch (CrashViolation violation) {
                broke(trial, violation);
            } catch (RuntimeException | Error e) {
                throw new IllegalStateException(trial.token("") + ": " + e.getMessage(), e);
            }
        }
    }

    /** The next trial, or null if it is over. */
    private synchronized @Nullable Trial take() {
        boolean over = failure != null
                || broken.size() >= BROKEN_MAX
                || elapsed().compareTo(time) >= 0
                || total().distinct() >= states;
        return over || !trials.hasNext() ? null : trials.next();
    }

    private synchronized void done(Trial trial, Tally tally, long nanos) {
        tallies.merge(trial.prey(), tally, Tally::plus);
        cpuNanos.merge(trial.prey(), nanos, Long::sum);
    }

    private synchronized void broke(Trial trial, CrashViolation violation) {
        broken.add(new Broken(trial, violation));
    }

    private synchronized void failed(Throwable itsFailure) {
        failure = itsFailure;
    }

    Duration elapsed() {
        return Duration.ofNanos(System.nanoTime() - startedAt);
    }

    synchronized List<Broken> broken() {
        return List.copyOf(broken);
    }

    synchronized Tally total() {
        return tallies.values().stream().reduce(Tally.NONE, Tally::plus);
    }

    /** What was done, as a table; its last column is how many distinct states a second of processor time made. */
    synchronized String table() {
        StringBuilder table = new StringBuilder(String.format(
                "%-14s %8s %14s %14s %12s %14s %10s %12s %10s %10s %10s %10s%n",
                "subject",
                "trials",
                "states",
                "distinct",
                "represented",
                "second crash",
                "faults",
                "bits",
                "damages",
                "outdated",
                "violations",
                "a cpu s"));
        for (Prey prey : preys) {
            Tally tally = tallies.getOrDefault(prey, Tally.NONE);
            table.append(row(prey.toString(), tally, violations(prey), cpuNanos.getOrDefault(prey, 0L)));
        }
        if (preys.size() > 1) {
            long nanos = cpuNanos.values().stream().mapToLong(Long::longValue).sum();
            table.append(row("all", total(), broken.size(), nanos));
        }
        double seconds = Math.max(1e-3, elapsed().toMillis() / 1e3);
        return table.append(String.format(
                        Locale.ROOT,
                        "seed %d, %.0f s, %d threads, %,.0f states/s%n",
                        seed,
                        seconds,
                        threads,
                        total().states() / seconds))
                .toString();
    }

    private long violations(Prey prey) {
        return broken.stream().filter(each -> each.trial().prey() == prey).count();
    }

    private static String row(String name, Tally tally, long violations, long nanos) {
        return String.format(
                Locale.ROOT,
                "%-14s %,8d %,14d %,14d %12s %,14d %,10d %,12d %,10d %,10d %,10d %,10.0f%n",
                name,
                tally.trials(),
                tally.states(),
                tally.distinct(),
                String.format(Locale.ROOT, "%.3g", tally.represented()),
                tally.nested(),
                tally.faults(),
                tally.bits(),
                tally.damages(),
                tally.outdated(),
                violations,
                tally.distinct() * 1e9 / Math.max(1, nanos));
    }
}
