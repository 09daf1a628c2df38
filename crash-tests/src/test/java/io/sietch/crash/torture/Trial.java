package io.sietch.crash.torture;

import io.sietch.crash.CrashPlan;
import io.sietch.crash.CrashSubject;
import io.sietch.crash.CrashViolation;
import io.sietch.crash.torture.Hunt.Tally;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * One exploration.
 *
 * @param prey what is broken
 * @param hunt how
 * @param seed determines everything that is sampled
 * @param workload what it does meanwhile
 */
record Trial(Prey prey, Hunt hunt, long seed, String workload) {
    private static final String SEPARATOR = "@";
    private static final int FIELDS = 5;
    private static final List<Hunt> POWER_LOSSES =
            List.of(Hunt.SECTORS, Hunt.GARBAGE, Hunt.WORDS, Hunt.SECTORS, Hunt.COMMANDS, Hunt.PREFIX);

    /** Of so many trials in a row some are of each sort. */
    private static final int SORTS = 9;

    private static final int SORTS_WITHOUT_SEQUENCES = 6;

    private static final int RANDOM_LENGTH = 12;

    /**
     * The trial of a number in an endless row. Workloads with a name come with all power losses and faults in turn;
     * sequences and bits are gone through from the first to the last and then again, with another seed.
     */
    static Trial of(Prey prey, long firstSeed, long number) {
        long round = number / SORTS;
        String named = prey.workloads().get((int) (round % prey.workloads().size()));
        Hunt powerLoss = POWER_LOSSES.get((int) (round / prey.workloads().size() % POWER_LOSSES.size()));
        return switch ((int) (number % SORTS)) {
            case 0, 1 -> new Trial(prey, powerLoss, firstSeed + number, named);
            case 2 ->
                new Trial(
                        prey, Hunt.FAULTS, firstSeed + round / prey.workloads().size(), named);
            case 3 -> new Trial(prey, Hunt.BITS, round, prey.workloads().getFirst());
            case 4 -> new Trial(prey, powerLoss, firstSeed + number, random(prey, firstSeed + number));
            case 5 -> {
                boolean wasDone = round >= prey.workloads().size();
                String workload = wasDone ? random(prey, firstSeed + number) : named;
                yield new Trial(prey, Hunt.DAMAGE, firstSeed + number, prey.forDamage(workload));
            }
            default -> {
                Sequences sequences = prey.sequences();
                long sequence = round * (SORTS - SORTS_WITHOUT_SEQUENCES) + number % SORTS - SORTS_WITHOUT_SEQUENCES;
                yield new Trial(prey, Hunt.SECTORS, firstSeed + sequence / sequences.count(), sequences.get((int)
                        (sequence % sequences.count())));
            }
        };
    }

    /** Trials without end, of each subject in turn. */
    static Iterator<Trial> row(List<Prey> preys, long firstSeed) {
        return LongStream.iterate(0, number -> number + 1)
                .mapToObj(number -> of(preys.get((int) (number % preys.size())), firstSeed, number / preys.size()))
                .iterator();
    }

    /** Trials that flip each bit of the front of the medium once. */
    static Iterator<Trial> everyBit(List<Prey> preys) {
        return preys.stream()
                .flatMap(prey -> LongStream.range(0, Hunt.CHUNKS)
                        .mapToObj(chunk -> new Trial(
                                prey, Hunt.BITS, chunk, prey.workloads().getFirst())))
                .iterator();
    }

    /** Trials that fail each call of the workloads with a name. */
    static Iterator<Trial> everyFault(List<Prey> preys) {
        return preys.stream()
                .flatMap(prey -> prey.workloads().stream().map(workload -> new Trial(prey, Hunt.FAULTS, 1, workload)))
                .iterator();
    }

    /** Trials that make all power losses of a few operations to depth 2, with every tear of a sector. */
    static Iterator<Trial> everyTear(List<Prey> preys) {
        return preys.stream()
                .flatMap(prey ->
                        Stream.of(Hunt.TEARS, Hunt.FILLS).map(hunt -> new Trial(prey, hunt, 1, prey.smallest())))
                .iterator();
    }

    private static String random(Prey prey, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        Sequences sequences = prey.sequences();
        List<String> operations = sequences.operations();
        StringBuilder text = new StringBuilder(operations.getFirst());
        for (int length = random.nextInt(RANDOM_LENGTH); length > 0; length--) {
            text.append(sequences.separator()).append(operations.get(random.nextInt(operations.size())));
        }
        return text.toString();
    }

    /** The trial that a token of {@link #token} is about. */
    static Trial parse(String token) {
        String[] fields = fields(token);
        return new Trial(
                Prey.of(fields[0]),
                Hunt.valueOf(fields[1].toUpperCase(Locale.ROOT)),
                Long.parseLong(fields[2]),
                fields[3]);
    }

    private static String[] fields(String token) {
        String[] fields = token.split(SEPARATOR, -1);
        if (fields.length != FIELDS) {
            throw new IllegalArgumentException("no replay token: \"" + token + "\" has " + fields.length + " of "
                    + FIELDS + " parts, parted by " + SEPARATOR);
        }
        return fields;
    }

    /** What reproduces a violation of this trial. */
    String token(String violation) {
        return String.join(SEPARATOR, prey.toString(), hunt.toString(), Long.toString(seed), workload, violation);
    }

    /** @throws CrashViolation at the first broken promise */
    Tally run() {
        return hunt.explore(subjects(), plan(), prey);
    }

    /**
     * Does again what a token of this trial says.
     *
     * @throws CrashViolation if the promise is still broken
     */
    void replay(String token) {
        try {
            hunt.replay(subjects(), plan(), fields(token)[FIELDS - 1]);
        } catch (CrashViolation violation) {
            throw violation;
        } catch (AssertionError e) {
            throw new IllegalArgumentException("\"" + workload + "\" does not run: " + e.getCause(), e);
        }
    }

    private Supplier<CrashSubject<Object, Object>> subjects() {
        return () -> prey.subject(Trial.class.getClassLoader(), workload);
    }

    private CrashPlan plan() {
        String name = prey + ", " + hunt + ", " + workload;
        if (hunt == Hunt.TEARS || hunt == Hunt.FILLS) {
            return prey.wholePlan(name).withEveryTear(1).withSeed(seed);
        }
        CrashPlan plan = prey.plan(name).withSeed(seed);
        return prey.workloads().contains(workload) ? plan.withLimits(100, 32, 2, 4) : plan.withLimits(24, 16, 1, 2);
    }
}
