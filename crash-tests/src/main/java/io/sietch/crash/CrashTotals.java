package io.sietch.crash;

import java.util.Locale;
import java.util.concurrent.atomic.AtomicReference;

/**
 * What explorations did together. {@link #now()} counts those of this process that have ended with no promise broken;
 * what an exploration did that found one is in no total.
 *
 * <p>Threads: any.
 *
 * @param explorations how many
 * @param states images that were recovered from and checked
 * @param nested those of them that came from a second crash or a third
 * @param distinct how many of the states differed from all others of their exploration
 * @param distinctNested those of the distinct that came from a second crash or a third
 * @param represented how many images all the crash points have, as far as they were looked at
 */
public record CrashTotals(
        long explorations, long states, long nested, long distinct, long distinctNested, double represented) {
    /** Nothing. */
    public static final CrashTotals NONE = new CrashTotals(0, 0, 0, 0, 0, 0);

    private static final AtomicReference<CrashTotals> NOW = new AtomicReference<>(NONE);

    /** All that was explored in this process so far. */
    public static CrashTotals now() {
        return NOW.get();
    }

    static void count(CrashReport report) {
        CrashTotals one = new CrashTotals(
                1, report.states(), report.nested(), report.distinct(), report.distinctNested(), report.represented());
        NOW.accumulateAndGet(one, CrashTotals::plus);
    }

    /** Both together. */
    public CrashTotals plus(CrashTotals other) {
        return new CrashTotals(
                explorations + other.explorations,
                states + other.states,
                nested + other.nested,
                distinct + other.distinct,
                distinctNested + other.distinctNested,
                represented + other.represented);
    }

    /** This without what was there before. */
    public CrashTotals minus(CrashTotals before) {
        return new CrashTotals(
                explorations - before.explorations,
                states - before.states,
                nested - before.nested,
                distinct - before.distinct,
                distinctNested - before.distinctNested,
                represented - before.represented);
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "%,d crash states executed, %,d of them distinct; %,d by a second crash, %,d of them distinct; "
                        + "of %.3g represented; %,d explorations without a violation",
                states,
                distinct,
                nested,
                distinctNested,
                represented,
                explorations);
    }
}
