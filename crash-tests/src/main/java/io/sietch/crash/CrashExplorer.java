package io.sietch.crash;

import io.sietch.crash.Lives.Lived;
import io.sietch.crash.Trails.Failure;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Finds out whether storage code keeps its promises when the power goes.
 *
 * <p>The first life of the subject is run once. Then, for each of its crash points and for each image that the point
 * may leave, a second life recovers and its subject checks what it found. Second lives crash as well: at every event of
 * their recovery, with all that may be left then, as long as the plan's budget lasts; and at some events of their work.
 * A third recovers, and some third ones crash in their recovery, too. At each point the process is killed as well, and
 * the power goes in the second life: then what the second life had found must not be lost.
 *
 * <p>Few images: all of them. Many: everything lost, everything kept, each one deviation from these, then as many by
 * the seed as the plan says.
 *
 * <p>Threads: one.
 */
public final class CrashExplorer<S, O> {
    /** Of images that are sampled so many are lived on with for one that crashes again. */
    private static final int NEST_EVERY = 4;

    /** Of third lives after a crash inside recovery, one of so many crashes as well. */
    private static final int DEEP_EVERY = 8;

    /** Reading less leads to other reads: the images of a point may be more than the first look said. */
    private static final int ENUMERATED_MAX = 4;

    /** An image that was found to be kept, and what it takes to make it again. */
    private record Made(Supplier<Choices> choices, boolean sampled) {}

    /** Makes one image of a crash point and lives on with it. Says what was decided. */
    private interface Run {
        Deviations with(Choices choices);
    }

    /** Ends a search: the way to what was found, or nothing if it has searched enough. */
    private static final class Found extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private final transient @Nullable List<Step> trail;

        Found(@Nullable List<Step> trail, @Nullable Throwable cause) {
            super(null, cause, false, false);
            this.trail = trail;
        }
    }

    private final Trails<S, O> trails;
    private final CrashPlan plan;
    private final @Nullable Workload<?, S, O> workload;
    private final LongSet seen = new LongSet();
    private long statesMax = Long.MAX_VALUE;
    private long states;
    private long nestedStates;
    private long deepStates;
    private long distinctNested;
    private long inRecovery;
    private long recoveries;
    private long wholeRecoveries;
    private boolean allFirst;
    private double represented;
    private int points;

    /** @param subjects makes a new subject for each life */
    public CrashExplorer(Supplier<? extends CrashSubject<S, O>> subjects, CrashPlan plan) {
        this(subjects, plan, null);
    }

    CrashExplorer(
            Supplier<? extends CrashSubject<S, O>> subjects, CrashPlan plan, @Nullable Workload<?, S, O> workload) {
        this.trails = new Trails<>(new Lives<>(subjects, plan));
        this.plan = plan;
        this.workload = workload;
    }

    /**
     * An explorer of a subject that works through a list. If a promise is broken, the list is made shorter as long as
     * it stays broken; what is told then is the failure of the short one.
     *
     * @param subjects makes a new subject for each life, of the list or of a part of it
     */
    public static <W, S, O> CrashExplorer<S, O> of(
            List<W> operations, Function<List<W>, ? extends CrashSubject<S, O>> subjects, CrashPlan plan) {
        return new Workload<>(operations, subjects, plan).explorer();
    }

    /**
     * Explores as the plan says.
     *
     * @throws CrashViolation at the first broken promise
     */
    public CrashReport explore() {
        long start = System.nanoTime();
        Found found = search();
        if (found != null) {
            throw violation(found);
        }
        CrashReport report = new CrashReport(
                plan.name(),
                plan.seed(),
                points,
                states,
                nestedStates,
                deepStates,
                seen.size(),
                distinctNested,
                recoveries,
                wholeRecoveries,
                allFirst && wholeRecoveries == recoveries,
                FaultClass.of(plan),
                represented,
                System.nanoTime() - start);
        CrashTotals.count(report);
        return report;
    }

    /**
     * Does again what a violation's token says.
     *
     * @throws CrashViolation if the promise is still broken
     */
    public void replay(String token) {
        int end = token.indexOf(']');
        if (end >= 0 && workload == null) {
            throw new IllegalArgumentException("\"" + token + "\" is about some operations of a list: make the"
                    + " explorer of that list, by CrashExplorer.of");
        }
        if (end >= 0 && workload != null) {
            workload.with(Workload.parse(token.substring(0, end + 1)))
                    .explorer()
                    .replay(token.substring(end + 1));
            return;
        }
        Failure<S, O> failure = trails.failureOf(Step.parse(token));
        if (failure != null) {
            throw told(failure);
        }
    }

    // ---- search --------------------------------------------------------------------------------------------------

    private @Nullable Found search() {
        try {
            List<Integer> ends = sample(0, trails.first().end(), plan.limits().points(), plan.seed());
            List<List<Made>> made = new ArrayList<>();
            allFirst = ends.size() > trails.first().end();
            // One crash before two: what fails simply is told simply.
            for (int end : ends) {
                points++;
                CrashPoint point = new CrashPoint(end, false);
                List<Made> images = new ArrayList<>();
                allFirst &= images(end, choices -> second(point, choices), images);
                made.add(images);
            }
            for (int i = 0; i < ends.size(); i++) {
                // What one point leaves of its share of the budget the others have.
                long until = inRecovery + (plan.limits().secondCrashes() - inRecovery) / (ends.size() - i);
                again(new CrashPoint(ends.get(i), false), made.get(i), until);
                Step killed = new Step(new CrashPoint(ends.get(i), true), Deviations.of(Choices.NEWEST));
                states++;
                thirds(killed, inRecovery < until);
            }
            return null;
        } catch (Found found) {
            return found;
        }
    }

    /** From {@code from} to {@code to}, both included; if these are too many, the two and others by the seed. */
    private static List<Integer> sample(int from, int to, int max, long seed) {
        return sample(IntStream.rangeClosed(from, to).boxed().toList(), max, seed);
    }

    private static List<Integer> sample(List<Integer> all, int max, long seed) {
        if (all.size() <= max) {
            return all;
        }
        Set<Integer> picked = new HashSet<>(List.of(all.getFirst(), all.getLast()));
        for (long i = 0; picked.size() < max; i++) {
            picked.add(all.get((int) Long.remainderUnsigned(RandomChoices.mix(seed * 31 + i), all.size())));
        }
        return picked.stream().sorted().toList();
    }

    /**
     * The images of a crash point: all if they are few.
     *
     * @param made takes what was made, unless null
     * @return whether it was all
     */
    private boolean images(long salt, Run run, @Nullable List<Made> made) {
        // Its first answers are all 0: everything kept.
        ChoiceTree tree = newTree();
        Deviations kept = run.with(tree);
        note(made, kept, false);
        if (made != null) {
            represented += kept.represented();
        }
        if (kept.represented() <= plan.limits().images()) {
            boolean more = tree.next();
            for (int i = 0; i < ENUMERATED_MAX * plan.limits().images() && more; i++) {
                note(made, run.with(tree), false);
                more = tree.next();
            }
            return !more;
        }
        note(made, run.with(Choices.OLDEST), false);
        int singles = Math.min(kept.asked(), plan.limits().images() / 4);
        for (int i = 0; i < singles; i++) {
            note(made, run.with(new OneDeviation(Choices.NEWEST, i)), i % NEST_EVERY != 0);
            note(made, run.with(new OneDeviation(Choices.OLDEST, i)), i % NEST_EVERY != 0);
        }
        for (int i = 0; i < plan.limits().images() / 2; i++) {
            long seed = RandomChoices.mix(RandomChoices.mix(plan.seed() + salt) + i);
            note(made, run.with(Choices.random(seed)), i % NEST_EVERY != 0);
        }
        return false;
    }

    private ChoiceTree newTree() {
        return new ChoiceTree(plan.limits().masks(), plan.limits().tears());
    }

    private static void note(@Nullable List<Made> made, Deviations deviations, boolean sampled) {
        if (made != null) {
            made.add(new Made(deviations::recorded, sampled));
        }
    }

    private Deviations second(CrashPoint point, Choices choices) {
        Step step = new Step(point, Deviations.of(choices));
        states++;
        live(trails.first(), List.of(step), null, false);
        return step.deviations();
    }

    /** Makes images of a point again, for second lives that work and crash. */
    private void again(CrashPoint point, List<Made> images, long until) {
        for (Made image : images) {
            boolean whole = inRecovery < until;
            if (whole || !image.sampled) {
                thirds(new Step(point, Deviations.of(image.choices.get())), whole);
            }
        }
    }

    /** The crashes of one second life. */
    private void thirds(Step step, boolean whole) {
        Lived<S, O> second = live(trails.first(), List.of(step), null, true);
        List<Integer> inside = recoveryPoints(second, step.point().killed());
        boolean all = whole;
        for (int events : whole ? inside : sample(inside, 2 * plan.limits().nestedPoints(), plan.seed())) {
            Run run = choices -> third(second, step, events, choices);
            if (whole) {
                all &= images(states, run, null);
            } else {
                few(run);
            }
        }
        recoveries++;
        wholeRecoveries += all ? 1 : 0;
        int opened = second.life().openedAt();
        if (second.end() > opened) {
            for (int events : sample(
                    opened + 1,
                    second.end(),
                    plan.limits().nestedPoints(),
                    plan.seed() + step.point().events())) {
                few(choices -> third(second, step, events, choices));
            }
        }
    }

    /** Events of a recovery before each of which a crash leaves something else, or breaks another promise. */
    private static <S, O> List<Integer> recoveryPoints(Lived<S, O> lived, boolean killed) {
        int opened = lived.life().openedAt();
        List<Integer> points = new ArrayList<>();
        for (int events = 0; events <= opened; events++) {
            boolean promisedMore = killed && events == opened;
            boolean sameAsBefore = events == 0 || Remains.isIdle(lived.media(), events - 1);
            if (promisedMore || !sameAsBefore) {
                points.add(events);
            }
        }
        return points;
    }

    /** Some images of a point: all if there are not more than that. */
    private void few(Run run) {
        ChoiceTree tree = newTree();
        int some = 2 + plan.limits().nested();
        if (run.with(tree).represented() <= some) {
            for (int i = 1; i < some && tree.next(); i++) {
                run.with(tree);
            }
            return;
        }
        run.with(Choices.OLDEST);
        for (int i = 0; i < plan.limits().nested(); i++) {
            run.with(Choices.random(RandomChoices.mix(plan.seed() + 1_000_003L * states + i)));
        }
    }

    private Deviations third(Lived<S, O> second, Step step, int events, Choices choices) {
        Step crash = new Step(new CrashPoint(events, false), Deviations.of(choices));
        List<Step> trail = List.of(step, crash);
        states++;
        nestedStates++;
        Lived<S, O> third = live(second, trail, trails.first(), false);
        if (events <= second.life().openedAt()) {
            inRecovery++;
            if (Long.remainderUnsigned(RandomChoices.mix(plan.seed() + states), DEEP_EVERY) == 0) {
                fourth(second, third, trail);
            }
        }
        return crash.deviations();
    }

    /** A third crash, in the recovery from the second. */
    private void fourth(Lived<S, O> second, Lived<S, O> third, List<Step> trail) {
        List<Integer> points = recoveryPoints(third, false);
        if (points.isEmpty()) {
            return;
        }
        long random = RandomChoices.mix(plan.seed() ^ states);
        int events = points.get((int) Long.remainderUnsigned(random, points.size()));
        List<Step> longer = new ArrayList<>(trail);
        longer.add(new Step(new CrashPoint(events, false), Deviations.of(Choices.random(random))));
        states++;
        nestedStates++;
        deepStates++;
        live(third, longer, second, false);
    }

    private Lived<S, O> live(Lived<S, O> lived, List<Step> trail, @Nullable Lived<S, O> earlier, boolean work) {
        if (states > statesMax) {
            throw new Found(null, null);
        }
        try {
            Lived<S, O> next = trails.liveOn(lived, trail, earlier, work);
            if (seen.add(fingerprint(trail)) && trail.size() > 1) {
                distinctNested++;
            }
            return next;
        } catch (Exception | AssertionError e) {
            throw new Found(trail, e);
        }
    }

    private static long fingerprint(List<Step> trail) {
        long hash = 0;
        for (Step step : trail) {
            hash = RandomChoices.mix(hash + step.point().hashCode())
                    + step.deviations().fingerprint();
        }
        return hash;
    }

    // ---- failures ------------------------------------------------------------------------------------------------

    /** The first failure among so many states. Null if there is none, or none that happens again. */
    @Nullable
    Failure<S, O> find(long most) {
        statesMax = most;
        try {
            trails.first();
        } catch (AssertionError e) {
            // A part of a workload need not run at all.
            return null;
        }
        Found found = search();
        return found == null || found.trail == null ? null : trails.failureOf(found.trail);
    }

    private CrashViolation violation(Found found) {
        List<Step> trail = found.trail == null ? List.of() : found.trail;
        Failure<S, O> again = trails.failureOf(trail);
        if (again == null) {
            String token = Step.token(trail);
            Throwable cause = found.getCause() == null ? found : found.getCause();
            return new CrashViolation(
                    plan.name() + " broke a promise once and not again, so it is not deterministic; token \"" + token
                            + "\": " + cause.getMessage(),
                    token,
                    cause);
        }
        return workload == null ? small(again) : workload.shortest(this, again, states);
    }

    /** The violation that a failure makes when it is small. */
    CrashViolation small(Failure<S, O> failure) {
        return told(Shrinker.shrink(trails, failure));
    }

    private CrashViolation told(Failure<S, O> failure) {
        String part = workload == null ? "" : workload.token();
        String token = part + Step.token(failure.steps());
        String words = workload == null ? "" : workload.inWords();
        return FailureText.violation(trails.lives(), failure, token, words, junitTest(failure));
    }

    private String junitTest(Failure<S, O> failure) {
        try (CrashSubject<S, O> subject = trails.lives().subject()) {
            String source = workload == null ? "" : workload.source();
            return JUnitText.of(plan, subject.getClass(), source, workload != null, Step.token(failure.steps()));
        }
    }

    long states() {
        return states;
    }
}
