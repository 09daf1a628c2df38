package io.sietch.crash;

import io.sietch.crash.Lives.Lived;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Leads a subject from crash to crash, and finds out whether a promise is broken on the way.
 *
 * <p>Words: a <em>trail</em> is a list of steps, one for each crash.
 */
final class Trails<S, O> {
    /** A broken promise and the way to it: each crash, with the life that it ended. */
    record Failure<S, O>(List<Step> steps, List<Lived<S, O>> lived, Throwable cause) {
        /** What is complained of, without what is counted: a smaller failure is to be the same one. */
        String kind() {
            return kindOf(cause);
        }
    }

    /** As much of a complaint as two of one kind have in common. */
    private static final int KIND_LENGTH = 32;

    private final Lives<S, O> lives;
    private @Nullable Lived<S, O> first;

    Trails(Lives<S, O> lives) {
        this.lives = lives;
    }

    static String kindOf(Throwable cause) {
        String text = String.valueOf(cause.getMessage()).lines().findFirst().orElse("");
        String kind = cause.getClass().getName() + " " + text.replaceAll("[0-9]+", "#");
        return kind.substring(
                0, Math.min(kind.length(), cause.getClass().getName().length() + KIND_LENGTH));
    }

    Lives<S, O> lives() {
        return lives;
    }

    /** The life before all crashes. It is led once: given the same medium, a subject does the same. */
    Lived<S, O> first() {
        Lived<S, O> known = first;
        if (known == null) {
            known = lives.first();
            first = known;
        }
        return known;
    }

    /**
     * Lives on after a crash, and checks what is found then.
     *
     * @param lived the life that the last step of the trail ends
     * @param earlier the life before that one, if there is one
     * @param work whether the next life goes on working
     * @throws Exception if the next life does not open
     * @throws AssertionError if it finds what it must not
     */
    Lived<S, O> liveOn(Lived<S, O> lived, List<Step> trail, @Nullable Lived<S, O> earlier, boolean work)
            throws Exception {
        Step step = trail.getLast();
        VirtualTime time = new VirtualTime();
        CrashMedia media = lives.after(lived, step.point(), step.deviations(), time);
        Lived<S, O> next = lives.live(lived.life().number() + 1, media, time, work);
        CrashPoint before =
                trail.size() < 2 ? null : trail.get(trail.size() - 2).point();
        if (earlier != null
                && before != null
                && before.killed()
                && step.point().events() < lived.life().openedAt()) {
            // The life that crashed found something, but the power went before it could tell anybody.
            lives.check(earlier, before, null, next.found());
        } else {
            lives.check(lived, step.point(), lived.found(), next.found());
        }
        return next;
    }

    /** Leads a subject along a trail. Null if no promise is broken on it. */
    @Nullable
    Failure<S, O> failureOf(List<Step> steps) {
        Failure<S, O> failure = failureOf(steps, false);
        return failure == null ? failureOf(steps, true) : failure;
    }

    /** @param lastWorks whether the last life goes on working as well, as it does when more crashes are to come */
    private @Nullable Failure<S, O> failureOf(List<Step> steps, boolean lastWorks) {
        Lived<S, O> lived = first();
        Lived<S, O> earlier = null;
        List<Lived<S, O>> ended = new ArrayList<>();
        for (int i = 0; i < steps.size(); i++) {
            List<Step> trail =
                    steps.subList(0, i + 1).stream().map(Step::recorded).toList();
            if (trail.getLast().point().events() > lived.end()) {
                return null;
            }
            ended.add(lived);
            try {
                Lived<S, O> next = liveOn(lived, trail, earlier, lastWorks || i < steps.size() - 1);
                earlier = lived;
                lived = next;
            } catch (Exception | AssertionError e) {
                return new Failure<>(trail, ended, e);
            }
        }
        return null;
    }
}
