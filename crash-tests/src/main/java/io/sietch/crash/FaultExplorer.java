package io.sietch.crash;

import io.sietch.crash.Fault.Call;
import io.sietch.crash.Fault.Effect;
import io.sietch.crash.Lives.Lived;
import java.io.IOException;
import java.util.List;
import java.util.function.Supplier;

/**
 * Fails every call that a subject makes on its medium, one after the other: the n-th read, write, flush or growth, for
 * all n until a run has no n-th one; once, and from there on; flushes in all three ways. The fault strikes in the first
 * life, or in the second, whose opening recovers.
 *
 * <p>A subject passes if no call of it throws anything but an {@link IOException}, nothing waits for ever, and after a
 * power loss at the end a recovery on a sound medium finds all that was acknowledged, fault or no fault.
 *
 * <p>Threads: one.
 */
public final class FaultExplorer<S, O> {
    /** One way to fail. */
    private record Way(Call call, Effect effect) {}

    private static final List<Way> WAYS = List.of(
            new Way(Call.READ, Effect.ERROR),
            new Way(Call.WRITE, Effect.ERROR),
            new Way(Call.GROW, Effect.ERROR),
            new Way(Call.FLUSH, Effect.ERROR),
            new Way(Call.FLUSH, Effect.ERROR_MARKED_CLEAN),
            new Way(Call.FLUSH, Effect.ERROR_REVERTED));

    /** Ways that end in the same handlers, or should. */
    private static final List<Way> MORE_WAYS = List.of(
            new Way(Call.READ, Effect.SHORT),
            new Way(Call.WRITE, Effect.SHORT),
            new Way(Call.READ, Effect.TIMEOUT),
            new Way(Call.WRITE, Effect.TIMEOUT),
            new Way(Call.FLUSH, Effect.TIMEOUT),
            new Way(Call.READ, Effect.INTERNAL_ERROR),
            new Way(Call.WRITE, Effect.INTERNAL_ERROR),
            new Way(Call.FLUSH, Effect.INTERNAL_ERROR),
            new Way(Call.READ, Effect.RESET),
            new Way(Call.WRITE, Effect.RESET),
            new Way(Call.FLUSH, Effect.RESET));

    private static final int LIVES = 2;

    /** How much of a plan's images each fault gets. */
    private static final int IMAGES_PART = 8;

    /** No workload here makes so many calls of one kind. */
    private static final int CALLS_MAX = 100_000;

    private final Lives<S, O> lives;
    private final CrashPlan plan;
    private final Lived<S, O> first;
    private long faults;
    private long refused;
    private long states;

    /** @param subjects makes a new subject for each life */
    public FaultExplorer(Supplier<? extends CrashSubject<S, O>> subjects, CrashPlan plan) {
        this.lives = new Lives<>(subjects, plan);
        this.plan = plan;
        this.first = lives.first();
    }

    /**
     * Fails every call once, and from there on.
     *
     * @throws CrashViolation at the first broken promise
     */
    public FaultReport explore() {
        return explore(WAYS, false, true);
    }

    /**
     * Cuts every transfer short, has every call time out, throw an {@link InternalError} and end in a reset, once, and
     * from there on.
     *
     * @throws CrashViolation at the first broken promise
     */
    public FaultReport exploreMore() {
        return explore(MORE_WAYS, false, true);
    }

    private FaultReport explore(List<Way> ways, boolean... stickiness) {
        long start = System.nanoTime();
        for (boolean sticky : stickiness) {
            for (int life = 0; life < LIVES; life++) {
                for (Way way : ways) {
                    everyCall(life, way, sticky);
                }
            }
        }
        return new FaultReport(plan.name(), plan.seed(), faults, refused, states, System.nanoTime() - start);
    }

    private void everyCall(int life, Way way, boolean sticky) {
        for (int nth = 1; nth < CALLS_MAX; nth++) {
            if (!strike(life, new Fault(way.call, nth, sticky, way.effect, seed(way.effect, nth)))) {
                return;
            }
        }
    }

    private long seed(Effect effect, int nth) {
        return effect == Effect.RESET ? plan.seed() + nth : 0;
    }

    /**
     * Does again what a violation's token says.
     *
     * @throws CrashViolation if the promise is still broken
     */
    public void replay(String token) {
        String[] parts = token.split(":", -1);
        if (parts.length != 5) {
            throw new IllegalArgumentException("no token of a fault: \"" + token + "\"");
        }
        int nth = Integer.parseInt(parts[2]);
        Effect effect = Effect.valueOf(parts[4]);
        strike(
                Integer.parseInt(parts[0]),
                new Fault(Call.valueOf(parts[1]), nth, parts[3].equals("on"), effect, seed(effect, nth)));
    }

    private static String token(int life, Fault fault) {
        return life + ":" + fault.call() + ":" + fault.nth() + ":" + (fault.sticky() ? "on" : "once") + ":"
                + fault.effect();
    }

    /** One run with a fault, and what follows. Says whether the fault struck. */
    private boolean strike(int life, Fault fault) {
        VirtualTime time = new VirtualTime();
        CrashMedia media = life == 0
                ? lives.blank(time)
                : lives.after(first, new CrashPoint(first.end(), false), Choices.NEWEST, time);
        media.inject(fault);
        try {
            Struck<S, O> struck = run(new Life<>(life, media, time));
            if (media.faultsStruck() == 0) {
                return false;
            }
            faults++;
            recoverFrom(struck);
            return true;
        } catch (Exception | AssertionError | InternalError e) {
            throw violation(life, fault, media, e);
        }
    }

    private CrashViolation violation(int life, Fault fault, CrashMedia media, Throwable cause) {
        String token = token(life, fault);
        String message = plan.name() + " broke a promise after a fault: "
                + (cause.getMessage() == null ? cause : cause.getMessage())
                + "\n  replay: token \"" + token + "\" with seed " + plan.seed() + "\n"
                + Timeline.of(
                        life, media, new Step(new CrashPoint(media.events(), false), Deviations.of(Choices.NEWEST)));
        return new CrashViolation(message, token, cause);
    }

    /** A life with a fault in it, and whether it opened. If it did not, it found what the first life had found. */
    private record Struck<S, O>(Lived<S, O> lived, boolean opened) {}

    /** Lets a life go as far as it comes. */
    private Struck<S, O> run(Life<O> life) throws Exception {
        S found = null;
        boolean noticed = false;
        int end;
        try (CrashSubject<S, O> subject = lives.subject()) {
            try {
                found = subject.open(life);
                life.opened();
                subject.work(life);
            } catch (IOException expected) {
                noticed = true;
            }
            end = life.media().events();
        }
        noticed |= !life.isAllAnswered();
        refused += noticed && life.media().faultsStruck() > 0 ? 1 : 0;
        if (life.number() > 0 && found != null) {
            lives.check(first, new CrashPoint(first.end(), false), null, found);
        }
        return new Struck<>(new Lived<>(life, found == null ? first.found() : found, end), found != null);
    }

    private void recoverFrom(Struck<S, O> struck) throws Exception {
        recover(struck, Choices.NEWEST);
        recover(struck, Choices.OLDEST);
        for (int i = 0; i < plan.limits().images() / IMAGES_PART; i++) {
            recover(struck, Choices.random(RandomChoices.mix(plan.seed() + 1_000_003L * faults + i)));
        }
    }

    private void recover(Struck<S, O> struck, Choices choices) throws Exception {
        states++;
        Lived<S, O> lived = struck.lived;
        int number = lived.life().number();
        VirtualTime time = new VirtualTime();
        CrashMedia media = lives.after(lived, new CrashPoint(lived.end(), false), choices, time);
        S found = lives.live(number + 1, media, time, true).found();
        // A life that could not open has told nobody what it found; what counts is what was acknowledged before it.
        Lived<S, O> promised = struck.opened || number == 0 ? lived : first;
        lives.check(promised, new CrashPoint(promised.end(), false), null, found);
    }
}
