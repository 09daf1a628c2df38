package io.sietch.crash;

import java.util.Collections;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
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
 * @param exhaustive how many explorations of each class of faults were exhaustive to depth 2
 * @param represented how many images all the crash points have, as far as they were looked at
 */
public record CrashTotals(
        long explorations,
        long states,
        long nested,
        long distinct,
        long distinctNested,
        Map<FaultClass, Long> exhaustive,
        double represented) {
    /** Nothing. */
    public static final CrashTotals NONE = new CrashTotals(0, 0, 0, 0, 0, Map.of(), 0);

    private static final AtomicReference<CrashTotals> NOW = new AtomicReference<>(NONE);

    /** All that was explored in this process so far. */
    public static CrashTotals now() {
        return NOW.get();
    }

    static void count(CrashReport report) {
        CrashTotals one = new CrashTotals(
                1,
                report.states(),
                report.nested(),
                report.distinct(),
                report.distinctNested(),
                report.exhaustive() ? Map.of(report.faultClass(), 1L) : Map.of(),
                report.represented());
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
                sum(exhaustive, other.exhaustive, 1),
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
                sum(exhaustive, before.exhaustive, -1),
                represented - before.represented);
    }

    private static Map<FaultClass, Long> sum(Map<FaultClass, Long> some, Map<FaultClass, Long> others, int sign) {
        Map<FaultClass, Long> sum = new EnumMap<>(FaultClass.class);
        sum.putAll(some);
        others.forEach((faults, count) -> sum.merge(faults, sign * count, Long::sum));
        return Collections.unmodifiableMap(sum);
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "%,d crash states executed, %,d of them distinct; %,d by a second crash, %,d of them distinct; "
                        + "of %.3g represented; %,d explorations without a violation, exhaustive to depth 2: %s",
                states,
                distinct,
                nested,
                distinctNested,
                represented,
                explorations,
                exhaustive.isEmpty() ? "none" : exhaustive);
    }
}
