package io.sietch.crash;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Runs the lives of a subject, one after the other, each on what the one before left. */
final class Lives<S, O> {
    /**
     * A life that is over.
     *
     * @param found what its subject had found when it opened
     * @param end how many events it had; what its closing adds does not count
     */
    record Lived<S, O>(Life<O> life, S found, int end) {
        CrashMedia media() {
            return life.media();
        }
    }

    private final Supplier<? extends CrashSubject<S, O>> subjects;
    private final CrashPlan plan;
    // The present content of a medium is not needed once its life is over, so lives of equal number share it, and need
    // to change in it only what the one before showed differently.
    private final List<SectorMemory> memories = new ArrayList<>();

    Lives(Supplier<? extends CrashSubject<S, O>> subjects, CrashPlan plan) {
        this.subjects = subjects;
        this.plan = plan;
    }

    CrashPlan plan() {
        return plan;
    }

    /** A subject for another life. */
    CrashSubject<S, O> subject() {
        return subjects.get();
    }

    /** A blank medium for the first life. */
    CrashMedia blank(VirtualTime time) {
        return new CrashMedia(plan.geometry(), plan.latency(), time, null, memory(0));
    }

    /** The medium that a life left at a crash. */
    CrashMedia after(Lived<S, O> lived, CrashPoint point, Choices choices, VirtualTime time) {
        int number = lived.life.number() + 1;
        if (point.killed()) {
            return viewed(lived.media().kill(point.events(), plan.latency(), time, memory(number)));
        }
        CrashImage image = lived.media().crash(point.events(), plan.model(), choices);
        return on(image, number, time);
    }

    /** A medium with this content, for a life of that number. */
    CrashMedia on(CrashImage image, int number, VirtualTime time) {
        return viewed(new CrashMedia(plan.geometry(), plan.latency(), time, image, memory(number)));
    }

    private CrashMedia viewed(CrashMedia media) {
        return plan.lazyViews() ? media.withLazyViews() : media;
    }

    private SectorMemory memory(int number) {
        while (memories.size() <= number) {
            memories.add(new SectorMemory(plan.geometry()));
        }
        return memories.get(number);
    }

    /** The first life, without faults. */
    Lived<S, O> first() {
        VirtualTime time = new VirtualTime();
        try {
            return live(0, blank(time), time, true);
        } catch (Exception e) {
            throw new AssertionError(plan.name() + " fails without any fault", e);
        }
    }

    Lived<S, O> live(int number, CrashMedia media, VirtualTime time, boolean work) throws Exception {
        Life<O> life = new Life<>(number, media, time);
        try (CrashSubject<S, O> subject = subjects.get()) {
            S found = subject.open(life);
            life.opened();
            if (work) {
                subject.work(life);
            }
            media.observe();
            return new Lived<>(life, found, media.events());
        }
    }

    /** Checks what was found after a crash of a life. */
    void check(Lived<S, O> lived, CrashPoint point, @Nullable S exposed, S found) {
        Life<O> life = lived.life;
        try (CrashSubject<S, O> oracle = subjects.get()) {
            if (life.number() > 0 && point.events() <= life.openedAt() && exposed != null) {
                oracle.checkSecondRecovery(exposed, found);
                return;
            }
            oracle.check(lived.found, life.deeds(point.events()), found);
            if (point.events() > 0 && !life.media().event(point.events() - 1).isFlush()) {
                oracle.check(lived.found, life.deeds(point.events() - 1), found);
            }
            checkBeforeFlush(lived, point.events(), found, oracle);
        }
    }

    /** A flush takes time: what is acknowledged while it is under way may not count on it. */
    private void checkBeforeFlush(Lived<S, O> lived, int next, S found, CrashSubject<S, O> oracle) {
        CrashMedia media = lived.media();
        if (next < lived.end && media.event(next).kind() == Event.Kind.FLUSH) {
            long until = media.event(next).nanos() + plan.latency().flushNanos();
            oracle.check(lived.found, lived.life.deeds(next, until), found);
        }
    }
}
