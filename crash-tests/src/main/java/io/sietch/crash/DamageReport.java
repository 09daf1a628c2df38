package io.sietch.crash;

import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What came of damage.
 *
 * @param name of the subject
 * @param seed that replays it
 * @param counts by kind; kinds that were not tried are not in it
 * @param nanos how long it took
 */
public record DamageReport(String name, long seed, Map<DamageKind, Counts> counts, long nanos) {
    /**
     * What came of damage of one kind.
     *
     * @param detected how often the subject refused, with an {@link java.io.IOException}
     * @param harmless how often it found all that it had
     * @param outdated how often it found what it had once, and said nothing: as if the power had gone earlier
     * @param wrong how often it found anything else, and said nothing
     * @param anOutdated the token of an outdated one
     * @param aWrong the token of a wrong one
     */
    public record Counts(
            long detected,
            long harmless,
            long outdated,
            long wrong,
            @Nullable String anOutdated,
            @Nullable String aWrong) {
        static final Counts NONE = new Counts(0, 0, 0, 0, null, null);

        /** How much of it was done. */
        public long tried() {
            return detected + harmless + outdated + wrong;
        }

        Counts plusDetected() {
            return new Counts(detected + 1, harmless, outdated, wrong, anOutdated, aWrong);
        }

        Counts plusHarmless() {
            return new Counts(detected, harmless + 1, outdated, wrong, anOutdated, aWrong);
        }

        Counts plusOutdated(String token) {
            return new Counts(detected, harmless, outdated + 1, wrong, anOutdated == null ? token : anOutdated, aWrong);
        }

        Counts plusWrong(String token) {
            return new Counts(detected, harmless, outdated, wrong + 1, anOutdated, aWrong == null ? token : aWrong);
        }
    }

    /** How much was done of a kind, and what came of it. */
    public Counts of(DamageKind kind) {
        return counts.getOrDefault(kind, Counts.NONE);
    }

    /** How much was done in all. */
    public long tried() {
        return counts.values().stream().mapToLong(Counts::tried).sum();
    }

    /** How much of it was detected. */
    public long detected() {
        return counts.values().stream().mapToLong(Counts::detected).sum();
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(String.format(
                Locale.ROOT,
                "%s: %d damages; seed %d; %.1f s%n  %-18s %9s %9s %9s %9s%n",
                name,
                tried(),
                seed,
                nanos / 1e9,
                "kind",
                "detected",
                "harmless",
                "outdated",
                "wrong"));
        counts.forEach((kind, each) -> text.append(String.format(
                Locale.ROOT,
                "  %-18s %9d %9d %9d %9d%s%s%n",
                kind.name().toLowerCase(Locale.ROOT).replace('_', ' '),
                each.detected,
                each.harmless,
                each.outdated,
                each.wrong,
                each.anOutdated == null ? "" : "  outdated " + each.anOutdated,
                each.aWrong == null ? "" : "  wrong " + each.aWrong)));
        return text.toString();
    }
}
