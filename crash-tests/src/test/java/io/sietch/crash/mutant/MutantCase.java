package io.sietch.crash.mutant;

import io.sietch.crash.CrashSubject;
import io.sietch.crash.torture.Hunt;
import io.sietch.crash.torture.Prey;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A mutant, and where it shows soonest.
 *
 * @param mutant the mistake
 * @param prey in what
 * @param hunt what brings it out
 * @param workload as the prey's subject understands it
 */
record MutantCase(Mutant mutant, Prey prey, Hunt hunt, String workload) {
    /**
     * What came of a hunt.
     *
     * @param lives how many lives were led until then
     * @param violation null if it was not found; an error if not even a life without faults goes well
     */
    record Outcome(
            MutantCase hunted,
            long lives,
            double seconds,
            @Nullable AssertionError violation) {
        /** A row of the table in docs/crash-tests.md. */
        String row() {
            return String.format(
                    Locale.ROOT,
                    "| %s | %s | %s: %s | %s | %,d | %.1f s |",
                    hunted.mutant.name(),
                    hunted.prey,
                    hunted.hunt,
                    hunted.workload.length() > 30 ? hunted.workload.substring(0, 30) + " ..." : hunted.workload,
                    violation == null ? "**not found**" : complaint(violation),
                    lives,
                    seconds);
        }

        /** The words of the oracle. */
        private static String complaint(AssertionError violation) {
            Throwable cause = violation.getCause();
            String text = cause == null || cause.getMessage() == null
                    ? String.valueOf(cause)
                    : cause.getMessage().lines().findFirst().orElse("");
            return (text.length() > 60 ? text.substring(0, 60) + " ..." : text).replace("|", "/");
        }
    }

    /** Looks for the mistake. */
    Outcome run() {
        Mutant.Loader loader = mutant.loader(packages());
        AtomicLong lives = new AtomicLong();
        Supplier<CrashSubject<Object, Object>> subjects = () -> {
            lives.incrementAndGet();
            return prey.subject(loader, workload);
        };
        long start = System.nanoTime();
        AssertionError violation = null;
        try {
            hunt.explore(subjects, prey.plan(mutant.name()), prey);
        } catch (AssertionError found) {
            violation = found;
        }
        if (loader.applied() != mutant.changes().size()) {
            throw new AssertionError("only " + loader.applied() + " changes were made of " + mutant);
        }
        return new Outcome(this, lives.get(), (System.nanoTime() - start) / 1e9, violation);
    }

    /** What is loaded anew for the mutant: what has the mistake in it, and the subject that calls that. */
    private String[] packages() {
        return switch (prey) {
            case LOG, LOG_PAIR -> new String[] {"io.sietch.persistent.", "io.sietch.crash.log.Log"};
            case CONTROL_PLANE -> new String[] {"io.sietch.vsa.", "io.sietch.crash.ControlPlaneSubject"};
            case KEYSPACE -> new String[] {"io.sietch.persistent.", "io.sietch.redis."};
            case TABLE -> new String[] {"io.sietch.persistent."};
            case QUEUE -> new String[] {"io.sietch.persistent.", "io.sietch.crash.queue.Queue"};
        };
    }

    @Override
    public String toString() {
        return prey + ": " + mutant;
    }
}
