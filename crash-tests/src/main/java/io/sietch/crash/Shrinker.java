package io.sietch.crash;

import io.sietch.crash.Trails.Failure;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Makes a failure small, as long as the same promise stays broken: fewer crashes, each as early as it may come, and
 * then the fewest deviations.
 */
final class Shrinker<S, O> {
    private static final int TRIES_MAX = 1000;

    private final Trails<S, O> trails;
    private Failure<S, O> smallest;
    private int tries;

    private Shrinker(Trails<S, O> trails, Failure<S, O> found) {
        this.trails = trails;
        this.smallest = found;
    }

    static <S, O> Failure<S, O> shrink(Trails<S, O> trails, Failure<S, O> found) {
        Shrinker<S, O> shrinker = new Shrinker<>(trails, found);
        shrinker.fewerCrashes();
        shrinker.fewerDeviations();
        for (int step = 0; step < shrinker.smallest.steps().size(); step++) {
            shrinker.earlier(step);
        }
        shrinker.fewerDeviations();
        return shrinker.smallest;
    }

    /** Takes the steps if they fail as the smallest failure does. */
    private boolean take(List<Step> steps) {
        if (steps.isEmpty() || tries++ >= TRIES_MAX) {
            return false;
        }
        Failure<S, O> failure = trails.failureOf(steps);
        // If it fails at an earlier crash already, what comes after that is not needed.
        if (failure == null || !failure.kind().equals(smallest.kind())) {
            return false;
        }
        smallest = failure;
        return true;
    }

    private List<Step> with(int place, @Nullable Step step) {
        List<Step> steps = new ArrayList<>(smallest.steps());
        if (step == null) {
            steps.remove(place);
        } else {
            steps.set(place, step);
        }
        return steps;
    }

    private void fewerCrashes() {
        for (int i = 0; i < smallest.steps().size(); ) {
            i = take(with(i, null)) ? 0 : i + 1;
        }
    }

    /** The earliest point at which it fails if the same is lost, or nothing, or everything that may be. */
    private void earlier(int place) {
        Step old = smallest.steps().get(place);
        for (int events = 0; events < old.point().events(); events++) {
            CrashPoint point = new CrashPoint(events, old.point().killed());
            if (take(with(place, new Step(point, old.deviations())))
                    || take(with(place, new Step(point, Deviations.NONE)))
                    || take(with(place, lost(place, point)))) {
                return;
            }
        }
    }

    private Step lost(int place, CrashPoint point) {
        if (point.killed() || place >= smallest.lived().size()) {
            return new Step(point, Deviations.NONE);
        }
        CrashMedia media = smallest.lived().get(place).media();
        Deviations all = Deviations.of(Choices.OLDEST);
        CrashImage image = media.crash(point.events(), trails.lives().plan().model(), all);
        for (int sector = 0; sector < media.geometry().maxSectors(); sector++) {
            image.sector(sector);
        }
        return new Step(point, all.recorded());
    }

    /** Leaves out one deviation after the other, until none can be left out. */
    private void fewerDeviations() {
        boolean fewer = true;
        while (fewer) {
            fewer = false;
            for (int step = 0; step < smallest.steps().size(); step++) {
                for (int i = 0; step < smallest.steps().size() && i < size(step); ) {
                    Step old = smallest.steps().get(step);
                    if (take(with(step, new Step(old.point(), old.deviations().without(i))))) {
                        fewer = true;
                    } else {
                        i++;
                    }
                }
            }
        }
    }

    private int size(int step) {
        return smallest.steps().get(step).deviations().size();
    }
}
