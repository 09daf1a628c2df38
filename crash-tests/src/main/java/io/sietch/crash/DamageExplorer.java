package io.sietch.crash;

import io.sietch.crash.DamageReport.Counts;
import io.sietch.crash.Lives.Lived;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Does to what a subject stored all that media do without telling anybody, one thing at a time, and sees what comes of
 * it.
 *
 * <p>Most damage is done to the image after a first life with its work, a power loss that spared everything, and the
 * opening of a second life: by then all that was found is promised. A third life opens what was damaged, and works; a
 * fourth opens what that one left. Calls that go wrong do so in the first life or in the second, which opens and works;
 * after a power loss that spares everything (everything but what is not flushed, if it was a flush that went wrong) the
 * next life opens.
 *
 * <p>Outcomes: <em>detected</em>, a life threw an {@link IOException}; <em>harmless</em>, all was found that should be;
 * <em>outdated</em>, what was found is a state that there was once, as if the power had gone earlier; else
 * <em>wrong</em>. No storage can notice that a whole medium went back to what it once was, or that its newest write
 * did; wrong data it can always tell.
 *
 * <p>Threads: one.
 */
public final class DamageExplorer<S, O> {
    private final Lives<S, O> lives;
    private final CrashPlan plan;
    private final Lived<S, O> first;
    private final Lived<S, O> last;

    /** @param subjects makes a new subject for each life */
    public DamageExplorer(Supplier<? extends CrashSubject<S, O>> subjects, CrashPlan plan) {
        this.lives = new Lives<>(subjects, plan);
        this.plan = plan;
        this.first = lives.first();
        this.last = second(false);
    }

    private Lived<S, O> second(boolean work) {
        VirtualTime time = new VirtualTime();
        try {
            return lives.live(1, lives.after(first, end(first), Choices.NEWEST, time), time, work);
        } catch (Exception e) {
            throw new AssertionError(plan.name() + " fails without any fault", e);
        }
    }

    private static CrashPoint end(Lived<?, ?> lived) {
        return new CrashPoint(lived.end(), false);
    }

    /**
     * Does damage of all kinds.
     *
     * @param most so many of each kind, by the seed
     * @param tolerated kinds after which wrong data are counted as well
     * @throws CrashViolation at the first wrong outcome of any other kind
     */
    public DamageReport explore(int most, Set<DamageKind> tolerated) {
        long start = System.nanoTime();
        Damages damages = new Damages(
                first.media(), image(), List.of(first.media(), second(true).media()));
        Map<DamageKind, Counts> counts = new EnumMap<>(DamageKind.class);
        for (DamageKind kind : DamageKind.values()) {
            for (Damage damage : sample(damages.of(kind), most)) {
                Counts before = counts.getOrDefault(kind, Counts.NONE);
                counts.put(kind, counted(before, damage, tolerated.contains(kind)));
            }
        }
        return new DamageReport(plan.name(), plan.seed(), counts, System.nanoTime() - start);
    }

    private List<Damage> sample(List<Damage> all, int most) {
        if (all.size() <= most) {
            return all;
        }
        List<Damage> rest = new ArrayList<>(all);
        for (int i = 0; i < most; i++) {
            long random = RandomChoices.mix(plan.seed() + i) >>> 1;
            int pick = i + (int) (random % (rest.size() - i));
            rest.set(i, rest.set(pick, rest.get(i)));
        }
        return rest.subList(0, most);
    }

    private Counts counted(Counts before, Damage damage, boolean tolerated) {
        try {
            return switch (outcome(damage)) {
                case DETECTED -> before.plusDetected();
                case HARMLESS -> before.plusHarmless();
                case OUTDATED -> before.plusOutdated(damage.token());
            };
        } catch (Exception | AssertionError e) {
            if (!tolerated) {
                throw violation(damage, e);
            }
            return before.plusWrong(damage.token());
        }
    }

    private CrashViolation violation(Damage damage, Throwable cause) {
        return new CrashViolation(
                plan.name() + " showed wrong data, and said nothing, after damage to its medium: "
                        + (cause.getMessage() == null ? cause : cause.getMessage()) + "\n  replay: token \""
                        + damage.token() + "\" with seed " + plan.seed(),
                damage.token(),
                cause);
    }

    /**
     * Does again what a violation's token says.
     *
     * @throws CrashViolation if wrong data are shown again
     */
    public void replay(String token) {
        Damage damage = Damage.parse(token);
        try {
            outcome(damage);
        } catch (Exception | AssertionError e) {
            throw violation(damage, e);
        }
    }

    private enum Outcome {
        DETECTED,
        HARMLESS,
        OUTDATED
    }

    private Outcome outcome(Damage damage) throws Exception {
        Fault fault = damage.fault();
        return fault == null ? afterDamage(damage) : afterCall((int) damage.first(), fault);
    }

    private CrashImage image() {
        return last.media().crash(last.end(), CrashModel.SECTORS, Choices.NEWEST);
    }

    private Outcome afterDamage(Damage damage) throws Exception {
        CrashImage image = image();
        damage.apply(image, first.media());
        VirtualTime time = new VirtualTime();
        Lived<S, O> third;
        try {
            third = lives.live(2, lives.on(image, 2, time), time, true);
        } catch (IOException noticed) {
            return Outcome.DETECTED;
        }
        try (CrashSubject<S, O> oracle = lives.subject()) {
            if (agrees(() -> oracle.checkSecondRecovery(last.found(), third.found()))) {
                return opened(third) == null ? Outcome.DETECTED : Outcome.HARMLESS;
            }
        }
        checkOutdated(first, third.found());
        return Outcome.OUTDATED;
    }

    private static boolean agrees(Runnable check) {
        try {
            check.run();
            return true;
        } catch (AssertionError differs) {
            return false;
        }
    }

    /** What the next life finds after a power loss that spares everything, checked; null if it refuses. */
    private @Nullable S opened(Lived<S, O> lived) throws Exception {
        S found = next(lived, Choices.NEWEST);
        if (found != null) {
            lives.check(lived, end(lived), null, found);
        }
        return found;
    }

    private @Nullable S next(Lived<S, O> lived, Choices choices) throws Exception {
        VirtualTime time = new VirtualTime();
        int number = lived.life().number() + 1;
        try {
            return lives.live(number, lives.after(lived, end(lived), choices, time), time, false)
                    .found();
        } catch (IOException noticed) {
            return null;
        }
    }

    /** Throws unless what was found was there once: after some of the deeds, whatever was said of them. */
    private void checkOutdated(Lived<S, O> lived, S found) {
        List<Deed<O>> deeds = lived.life().deeds(lived.end()).stream()
                .map(deed -> new Deed<>(deed.operation(), false))
                .toList();
        AssertionError all = null;
        try (CrashSubject<S, O> oracle = lives.subject()) {
            for (int count = deeds.size(); count >= 0; count--) {
                try {
                    oracle.check(lived.found(), deeds.subList(0, count), found);
                    return;
                } catch (AssertionError differs) {
                    all = all == null ? differs : all;
                }
            }
        }
        throw all == null ? new AssertionError() : all;
    }

    private Outcome afterCall(int number, Fault fault) throws Exception {
        VirtualTime time = new VirtualTime();
        CrashMedia media = number == 0 ? lives.blank(time) : lives.after(first, end(first), Choices.NEWEST, time);
        media.inject(fault);
        Life<O> life = new Life<>(number, media, time);
        Lived<S, O> lived;
        try (CrashSubject<S, O> subject = lives.subject()) {
            S found = subject.open(life);
            life.opened();
            if (number > 0 && !agrees(() -> subject.checkSecondRecovery(last.found(), found))) {
                checkOutdated(first, found);
                return Outcome.OUTDATED;
            }
            subject.work(life);
            lived = new Lived<>(life, found, media.events());
        } catch (IOException noticed) {
            return Outcome.DETECTED;
        }
        boolean lies = fault.effect() == Fault.Effect.IGNORED;
        S found = next(lived, lies ? Choices.OLDEST : Choices.NEWEST);
        if (found == null) {
            return Outcome.DETECTED;
        }
        if (agrees(() -> lives.check(lived, end(lived), null, found))) {
            return Outcome.HARMLESS;
        }
        if (number == 0 || !agrees(() -> checkOutdated(first, found))) {
            checkOutdated(lived, found);
        }
        return Outcome.OUTDATED;
    }
}
