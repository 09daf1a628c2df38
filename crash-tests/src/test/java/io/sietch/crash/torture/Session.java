package io.sietch.crash.torture;

import io.sietch.crash.CrashViolation;
import io.sietch.crash.torture.Hunt.Tally;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Trials, one after the other on each of some threads, until the time is over or too much is broken. Which trials come
 * is determined by the seed, how many of them by the time.
 */
final class Session {
    /** More violations tell nothing more. */
    private static final int BROKEN_MAX = 10;

    private static final long PROGRESS_MILLIS = 500;

    /** A violation and where it was met. */
    record Broken(Trial trial, CrashViolation violation) {}

    private final List<Prey> preys;
    private final Iterator<Trial> trials;
    private final long seed;
    private final Duration time;
    private final int threads;
    private final long startedAt = System.nanoTime();

    // Guarded by this.
    private final Map<Prey, Tally> tallies = new EnumMap<>(Prey.class);
    private final List<Broken> broken = new ArrayList<>();
    private @Nullable Throwable failure;

    /** @param trials come in this order, and all of them if the time suffices */
    Session(List<Prey> preys, Iterator<Trial> trials, long seed, Duration time, int threads) {
        this.preys = preys;
        this.trials = trials;
        this.seed = seed;
        this.time = time;
        this.threads = threads;
    }

    /** Runs until it is over; tells of the progress meanwhile. */
    void run(Progress progress) {
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
                progress.show();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        progress.end();
        synchronized (this) {
            if (failure != null) {
                throw new IllegalStateException("a trial did not run: " + failure.getMessage(), failure);
            }
        }
    }

    private void work() {
        for (Trial trial = take(); trial != null; trial = take()) {
            try {
                done(trial, trial.run());
            } catch (CrashViolation violation) {
                broke(trial, violation);
            }
        }
    }

    /** The next trial, or null if it is over. */
    private synchronized @Nullable Trial take() {
        boolean over =
                failure != null || broken.size() >= BROKEN_MAX || elapsed().compareTo(time) >= 0;
        return over || !trials.hasNext() ? null : trials.next();
    }

    private synchronized void done(Trial trial, Tally tally) {
        tallies.merge(trial.prey(), tally, Tally::plus);
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

    /** What was done, as a table. */
    synchronized String table() {
        StringBuilder table = new StringBuilder(String.format(
                "%-14s %8s %14s %14s %12s %14s %10s %12s %10s %10s %10s%n",
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
                "violations"));
        for (Prey prey : preys) {
            table.append(row(prey.toString(), tallies.getOrDefault(prey, Tally.NONE), violations(prey)));
        }
        if (preys.size() > 1) {
            table.append(row("all", total(), broken.size()));
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

    private static String row(String name, Tally tally, long violations) {
        return String.format(
                Locale.ROOT,
                "%-14s %,8d %,14d %,14d %12s %,14d %,10d %,12d %,10d %,10d %,10d%n",
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
                violations);
    }
}
