package io.sietch.crash;

import io.sietch.crash.Lives.Lived;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Finds out whether storage code keeps its promises when the power goes.
 *
 * <p>The first life of the subject is run once. Then, for each of its crash points and for each image that the point
 * may leave, a second life recovers and its subject checks what it found. Some second lives go on working and crash as
 * well, inside recovery and after it, and a third recovers. At each point the process is killed, too, and the power
 * goes in the second life: then what the second life had found must not be lost.
 *
 * <p>Few images: all of them. Many: everything lost, everything kept, each one deviation from these, then as many by
 * the seed as the plan says.
 *
 * <p>Threads: one.
 */
public final class CrashExplorer<S, O> {
    /** Every so many images a second life goes on working and crashes again. */
    private static final int NEST_EVERY = 4;

    /** Reading less leads to other reads: the images of a point may be more than the first look said. */
    private static final int ENUMERATED_MAX = 4;

    private static final int SHRINK_MAX = 400;

    private final Lives<S, O> lives;
    private final CrashPlan plan;
    private final Set<Long> seen = new HashSet<>();
    private long states;
    private long nestedStates;
    private long distinctNested;
    private double represented;
    private int points;

    /** @param subjects makes a new subject for each life */
    public CrashExplorer(Supplier<? extends CrashSubject<S, O>> subjects, CrashPlan plan) {
        this.lives = new Lives<>(subjects, plan);
        this.plan = plan;
    }

    /**
     * Explores as the plan says.
     *
     * @throws CrashViolation at the first broken promise
     */
    public CrashReport explore() {
        long start = System.nanoTime();
        Lived<S, O> first = lives.first();
        List<Integer> ends = sample(0, first.end(), plan.points(), plan.seed());
        // One crash before two: what fails simply is told simply.
        for (int end : ends) {
            points++;
            images(first, new CrashPoint(end, false), false);
        }
        for (int end : ends) {
            images(first, new CrashPoint(end, false), true);
            run(first, new CrashPoint(end, true), Choices.NEWEST, true);
        }
        CrashReport report = new CrashReport(
                plan.name(),
                plan.seed(),
                points,
                states,
                nestedStates,
                seen.size(),
                distinctNested,
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
        List<Step> steps = Step.parse(token);
        Failure<S, O> failure = failureOf(steps);
        if (failure != null) {
            throw violation(failure);
        }
    }

    /** From {@code from} to {@code to}, both included; if these are too many, the two and others by the seed. */
    private static List<Integer> sample(int from, int to, int max, long seed) {
        int count = to - from + 1;
        if (count <= max) {
            return IntStream.rangeClosed(from, to).boxed().toList();
        }
        Set<Integer> picked = new HashSet<>(List.of(from, to));
        for (long i = 0; picked.size() < max; i++) {
            picked.add(from + (int) Long.remainderUnsigned(RandomChoices.mix(seed * 31 + i), count));
        }
        return picked.stream().sorted().toList();
    }

    private void images(Lived<S, O> first, CrashPoint point, boolean nest) {
        // Its first answers are all 0: everything kept.
        ChoiceTree tree = new ChoiceTree();
        Deviations kept = run(first, point, tree, nest);
        if (!nest) {
            represented += kept.represented();
        }
        if (kept.represented() <= plan.images()) {
            for (int i = 0; i < ENUMERATED_MAX * plan.images() && tree.next(); i++) {
                run(first, point, tree, nest);
            }
            return;
        }
        run(first, point, Choices.OLDEST, nest);
        int singles = Math.min(kept.asked(), plan.images() / 4);
        for (int i = 0; i < singles; i++) {
            if (!nest || i % NEST_EVERY == 0) {
                run(first, point, new OneDeviation(Choices.NEWEST, i), nest);
                run(first, point, new OneDeviation(Choices.OLDEST, i), nest);
            }
        }
        for (int i = 0; i < plan.images() / 2; i++) {
            if (!nest || i % NEST_EVERY == 0) {
                long seed = RandomChoices.mix(RandomChoices.mix(plan.seed() + point.events()) + i);
                run(first, point, Choices.random(seed), nest);
            }
        }
    }

    /** One image of a crash of the first life; and crashes of the second, if asked for. */
    private Deviations run(Lived<S, O> first, CrashPoint point, Choices choices, boolean nest) {
        Step step = new Step(point, Deviations.of(choices));
        Lived<S, O> second = step(first, step, List.of(step), null, nest);
        if (nest) {
            nested(first, second, step);
        }
        return step.deviations();
    }

    private void nested(Lived<S, O> first, Lived<S, O> second, Step step) {
        int opened = second.life().openedAt();
        int end = second.end();
        List<Integer> ends = new ArrayList<>(sample(0, opened, 2 * plan.nestedPoints(), plan.seed()));
        if (end > opened) {
            ends.addAll(sample(
                    opened + 1,
                    end,
                    plan.nestedPoints(),
                    plan.seed() + step.point().events()));
        }
        for (int events : ends) {
            CrashPoint point = new CrashPoint(events, false);
            for (int i = 0; i < 2 + plan.nested(); i++) {
                Choices choices = switch (i) {
                    case 0 -> Choices.NEWEST;
                    case 1 -> Choices.OLDEST;
                    default -> Choices.random(RandomChoices.mix(plan.seed() + 1_000_003L * states + i));
                };
                Step again = new Step(point, Deviations.of(choices));
                nestedStates++;
                step(second, again, List.of(step, again), first, false);
                if (i == 0 && again.deviations().represented() == 1) {
                    break;
                }
            }
        }
    }

    /** Lives on after a crash, checks, and reports a violation after making it small. */
    private Lived<S, O> step(
            Lived<S, O> lived, Step step, List<Step> token, @Nullable Lived<S, O> earlier, boolean work) {
        states++;
        try {
            Lived<S, O> next = liveOn(lived, step, token, earlier, work);
            if (seen.add(fingerprint(token)) && token.size() > 1) {
                distinctNested++;
            }
            return next;
        } catch (Exception | AssertionError e) {
            throw report(token, e);
        }
    }

    private Lived<S, O> liveOn(
            Lived<S, O> lived, Step step, List<Step> token, @Nullable Lived<S, O> earlier, boolean work)
            throws Exception {
        VirtualTime time = new VirtualTime();
        CrashMedia media = lives.after(lived, step.point(), step.deviations(), time);
        Lived<S, O> next = lives.live(lived.life().number() + 1, media, time, work);
        CrashPoint origin = token.getFirst().point();
        if (earlier != null
                && origin.killed()
                && step.point().events() < lived.life().openedAt()) {
            // The second life found something, but the power went before it could tell anybody.
            lives.check(earlier, origin, null, next.found());
        } else {
            lives.check(lived, step.point(), lived.found(), next.found());
        }
        return next;
    }

    private static long fingerprint(List<Step> steps) {
        long hash = 0;
        for (Step step : steps) {
            hash = RandomChoices.mix(hash + step.point().hashCode())
                    + step.deviations().fingerprint();
        }
        return hash;
    }

    // ---- failures ------------------------------------------------------------------------------------------------

    /** A broken promise and the way to it: each crash, with the life that it ended. */
    private record Failure<S, O>(List<Step> steps, List<Lived<S, O>> lived, Throwable cause) {}

    private @Nullable Failure<S, O> failureOf(List<Step> steps) {
        Failure<S, O> failure = failureOf(steps, false);
        return failure == null ? failureOf(steps, true) : failure;
    }

    /** @param lastWorks whether the last life goes on working as well, as it does when more crashes are to come */
    private @Nullable Failure<S, O> failureOf(List<Step> steps, boolean lastWorks) {
        Lived<S, O> lived = lives.first();
        Lived<S, O> earlier = null;
        List<Lived<S, O>> ended = new ArrayList<>();
        for (int i = 0; i < steps.size(); i++) {
            List<Step> token = steps.subList(0, i + 1);
            ended.add(lived);
            try {
                Lived<S, O> next = liveOn(lived, steps.get(i), token, earlier, lastWorks || i < steps.size() - 1);
                earlier = lived;
                lived = next;
            } catch (Exception | AssertionError e) {
                return new Failure<>(token, ended, e);
            }
        }
        return null;
    }

    private CrashViolation report(List<Step> steps, Throwable cause) {
        Failure<S, O> again = failureOf(recorded(steps));
        if (again == null) {
            String token = Step.token(steps);
            return new CrashViolation(
                    plan.name() + " broke a promise once and not again, so it is not deterministic; token \"" + token
                            + "\": " + cause.getMessage(),
                    token,
                    cause);
        }
        return violation(shrink(again));
    }

    private static List<Step> recorded(List<Step> steps) {
        return steps.stream().map(Step::recorded).toList();
    }

    /** Leaves out one deviation after the other, as long as the promise stays broken. */
    private Failure<S, O> shrink(Failure<S, O> found) {
        Failure<S, O> smallest = found;
        int tries = 0;
        for (int step = 0; step < smallest.steps().size(); step++) {
            for (int i = 0; i < smallest.steps().get(step).deviations().size() && tries < SHRINK_MAX; tries++) {
                List<Step> fewer = new ArrayList<>(smallest.steps());
                Step old = fewer.get(step);
                fewer.set(step, new Step(old.point(), old.deviations().without(i)));
                Failure<S, O> smaller = failureOf(recorded(fewer));
                if (smaller == null || smaller.steps().size() < smallest.steps().size()) {
                    i++;
                } else {
                    smallest = smaller;
                }
            }
        }
        return smallest;
    }

    private CrashViolation violation(Failure<S, O> failure) {
        String token = Step.token(failure.steps());
        StringBuilder message = new StringBuilder(plan.name())
                .append(" broke a promise: ")
                .append(
                        failure.cause().getMessage() == null
                                ? failure.cause()
                                : failure.cause().getMessage())
                .append("\n  replay: token \"")
                .append(token)
                .append("\" with seed ")
                .append(plan.seed())
                .append(", ")
                .append(plan.model())
                .append('\n');
        for (int life = 0; life < failure.steps().size(); life++) {
            message.append(Timeline.of(
                    life, failure.lived().get(life).media(), failure.steps().get(life)));
        }
        List<Scene> scenes = IntStream.range(0, failure.steps().size())
                .mapToObj(i -> Scene.of(
                        failure.lived().get(i), plan.model(), failure.steps().get(i)))
                .toList();
        return new CrashViolation(message.toString(), token, failure.cause(), scenes, recovered(failure));
    }

    /** What a life after the last crash finds, in words. */
    private String recovered(Failure<S, O> failure) {
        Step last = failure.steps().getLast();
        VirtualTime time = new VirtualTime();
        Lived<S, O> lived = failure.lived().getLast();
        try {
            CrashMedia media =
                    lives.after(lived, last.point(), last.deviations().recorded(), time);
            return String.valueOf(
                    lives.live(lived.life().number() + 1, media, time, false).found());
        } catch (Exception | AssertionError e) {
            return "It does not open: " + e;
        }
    }
}
