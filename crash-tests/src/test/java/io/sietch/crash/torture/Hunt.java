package io.sietch.crash.torture;

import io.sietch.crash.CrashExplorer;
import io.sietch.crash.CrashModel;
import io.sietch.crash.CrashPlan;
import io.sietch.crash.CrashReport;
import io.sietch.crash.CrashSubject;
import io.sietch.crash.DamageExplorer;
import io.sietch.crash.DamageReport;
import io.sietch.crash.FaultExplorer;
import io.sietch.crash.FaultReport;
import io.sietch.crash.RotExplorer;
import java.util.Locale;
import java.util.function.Supplier;

/** How it is broken. */
public enum Hunt {
    /** Power losses that keep a prefix of the commands. */
    PREFIX,
    /** Power losses that keep any subset of the commands. */
    COMMANDS,
    /** Power losses, each sector for itself. */
    SECTORS,
    /** Power losses that tear sectors between words. */
    WORDS,
    /** Power losses that leave garbage in whole sectors. */
    GARBAGE,
    /** All power losses to depth 2, with one sector torn: at each place where its versions differ. */
    TEARS,
    /** The same, or filled with each kind of garbage. */
    FILLS,
    /** The n-th call fails, for every n. */
    FAULTS,
    /** Bits flip: some, chosen by the seed. */
    ROT,
    /** Bits flip: all those of the kibibyte whose number is the plan's seed. */
    BITS,
    /** All that a medium does to data without telling anybody. */
    DAMAGE;

    /** What {@link #BITS} goes through at a time, in bytes; and how much of a medium in all. */
    private static final int CHUNK = 1024;

    static final int CHUNKS = 64;

    /** How many bits {@link #ROT} flips. */
    private static final int SOME = 4000;

    /**
     * Explores.
     *
     * @throws io.sietch.crash.CrashViolation at the first broken promise
     */
    public Tally explore(Supplier<CrashSubject<Object, Object>> subjects, CrashPlan plan, Prey prey) {
        return switch (this) {
            case PREFIX, COMMANDS, SECTORS, WORDS, GARBAGE ->
                Tally.of(new CrashExplorer<>(subjects, with(plan)).explore());
            case TEARS, FILLS -> {
                CrashReport report = new CrashExplorer<>(subjects, with(plan)).explore();
                if (!report.exhaustive()) {
                    throw new IllegalStateException("some crashes were left out: " + report);
                }
                System.out.println(report);
                yield Tally.of(report);
            }
            case DAMAGE -> Tally.of(new DamageExplorer<>(subjects, plan).explore(Integer.MAX_VALUE, prey.tolerated()));
            case FAULTS -> {
                FaultExplorer<Object, Object> explorer = new FaultExplorer<>(subjects, plan);
                yield Tally.of(explorer.explore()).plus(Tally.of(explorer.exploreMore()));
            }
            case ROT -> Tally.ofBits(new RotExplorer<>(subjects, plan).someBits(0, CHUNKS * CHUNK, SOME));
            case BITS -> {
                long from = plan.seed() % CHUNKS * CHUNK;
                yield Tally.ofBits(new RotExplorer<>(subjects, plan).everyBit(from, from + CHUNK));
            }
        };
    }

    /**
     * Does again what a token says.
     *
     * @throws io.sietch.crash.CrashViolation if the promise is still broken
     */
    void replay(Supplier<CrashSubject<Object, Object>> subjects, CrashPlan plan, String token) {
        switch (this) {
            case PREFIX, COMMANDS, SECTORS, WORDS, GARBAGE, TEARS, FILLS ->
                new CrashExplorer<>(subjects, with(plan)).replay(token);
            case FAULTS -> new FaultExplorer<>(subjects, plan).replay(token);
            case DAMAGE -> new DamageExplorer<>(subjects, plan).replay(token);
            case ROT, BITS -> new RotExplorer<>(subjects, plan).replay(token);
        }
    }

    private CrashPlan with(CrashPlan plan) {
        return plan.withModel(
                switch (this) {
                    case PREFIX -> CrashModel.PREFIX;
                    case COMMANDS -> CrashModel.COMMANDS;
                    case WORDS -> CrashModel.WORDS;
                    case GARBAGE -> CrashModel.GARBAGE_SECTORS;
                    case TEARS -> CrashModel.WORDS.withMaxDamaged(1);
                    case FILLS -> CrashModel.GARBAGE_SECTORS.withMaxDamaged(1);
                    case SECTORS, FAULTS, ROT, BITS, DAMAGE -> CrashModel.SECTORS;
                });
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * What was done.
     *
     * @param trials explorations
     * @param states images that were recovered from and checked
     * @param distinct how many of them differed within their exploration
     * @param represented how many images the crash points of first lives have in all
     * @param nested how many of them came from a second crash
     * @param faults calls that were made to fail
     * @param bits bits that were flipped
     * @param damages other damage that was done to data
     * @param outdated after how many of them an earlier state was found, and nothing was said
     */
    public record Tally(
            long trials,
            long states,
            long distinct,
            double represented,
            long nested,
            long faults,
            long bits,
            long damages,
            long outdated) {
        static final Tally NONE = new Tally(0, 0, 0, 0, 0, 0, 0, 0, 0);

        private static Tally of(CrashReport report) {
            return new Tally(1, report.states(), report.distinct(), report.represented(), report.nested(), 0, 0, 0, 0);
        }

        private static Tally of(FaultReport report) {
            return new Tally(1, report.states(), report.states(), 0, 0, report.faults(), 0, 0, 0);
        }

        private static Tally ofBits(FaultReport report) {
            return new Tally(1, report.states(), report.states(), 0, 0, 0, report.faults(), 0, 0);
        }

        private static Tally of(DamageReport report) {
            long outdated = report.counts().values().stream()
                    .mapToLong(DamageReport.Counts::outdated)
                    .sum();
            return new Tally(1, report.tried(), report.tried(), 0, 0, 0, 0, report.tried(), outdated);
        }

        Tally plus(Tally other) {
            return new Tally(
                    trials + other.trials,
                    states + other.states,
                    distinct + other.distinct,
                    represented + other.represented,
                    nested + other.nested,
                    faults + other.faults,
                    bits + other.bits,
                    damages + other.damages,
                    outdated + other.outdated);
        }
    }
}
