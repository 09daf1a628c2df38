package io.sietch.bench.store;

import io.sietch.bench.CommonOptions;
import io.sietch.bench.report.Children;
import io.sietch.persistent.Codec;
import io.sietch.persistent.PersistentTable;
import io.sietch.persistent.Sietch;
import java.nio.file.Path;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/**
 * {@code bench soak}: one table for a long time. It is overwritten, removed from, cleaned, closed and opened again;
 * after each opening every key is compared with what was put, and the table verifies itself. Ends with 1 if anything is
 * wrong, or if memory or space go on growing.
 */
@Command(
        name = "soak",
        mixinStandardHelpOptions = true,
        description = "Overwrites, removes, cleans and restarts a table for a long time, and checks all of it.")
public final class SoakCommand implements Callable<Integer> {
    private static final int LIVES = 24;
    private static final double MEMORY_GROWTH = 1.25;
    private static final double SPACE_GROWTH = 1.10;

    @Option(
            names = "--for",
            paramLabel = "TIME",
            defaultValue = "2m",
            converter = DurationConverter.class,
            description = "How long, like 90s, 2m or 1h (default: ${DEFAULT-VALUE}).")
    private Duration duration = Duration.ofMinutes(2);

    @Option(
            names = "--keys",
            paramLabel = "N",
            defaultValue = "200000",
            description = "How many keys there may be at most (default: ${DEFAULT-VALUE}).")
    private int keys = 200_000;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "1",
            description = "Which changes are made (default: ${DEFAULT-VALUE}).")
    private long seed = 1;

    @Option(
            names = "--dir",
            paramLabel = "DIR",
            description = "Where the table goes; it is removed again (default: bench/target/data).")
    private @Nullable Path dir;

    /** A time as people write it. */
    static final class DurationConverter implements ITypeConverter<Duration> {
        @Override
        public Duration convert(String text) {
            try {
                Duration duration = Duration.parse("PT" + text.toUpperCase(Locale.ROOT));
                if (duration.isPositive()) {
                    return duration;
                }
            } catch (DateTimeParseException e) {
                throw new TypeConversionException("'" + text + "' is no time: write 90s, 2m, 1h or 1h30m");
            }
            throw new TypeConversionException("'" + text + "' is no time: it must be more than none");
        }
    }

    /** What there was after one life. */
    private record Life(long changes, long size, long memoryBytes, double diskBytes) {}

    @Override
    public Integer call() throws Exception {
        if (keys < 1) {
            throw new IllegalArgumentException("--keys " + keys + ": must be more than none");
        }
        try (Children children = new Children(CommonOptions.dirOr(dir))) {
            return soak(children.newDirectory("soak"), duration.toNanos() / LIVES);
        }
    }

    private int soak(Path directory, long lifeNanos) throws Exception {
        SoakLife soak = new SoakLife(keys, seed);
        List<Life> lives = new ArrayList<>();
        long start = System.nanoTime();
        for (int i = 0; i < LIVES; i++) {
            try (Sietch sietch = Sietch.open(directory)) {
                PersistentTable<Long, byte[]> table = sietch.table("soak", Codec.longs(), Codec.bytes());
                soak.check(table);
                // Checking takes of the time, too.
                long left = start + (i + 1) * lifeNanos - System.nanoTime();
                long changes = soak.live(table, i, Math.max(lifeNanos / 4, left));
                Life life =
                        new Life(changes, table.size(), ProcessMemory.now().ownBytes(), StoreFork.diskBytes(directory));
                lives.add(life);
                System.out.printf(
                        Locale.ROOT,
                        "life %d of %d: %,d changes, %,d keys, %,d KiB own memory, %,d KiB on disk, %,d KiB cleaned,"
                                + " %.2f bytes of log for each alive, %.2f written for each changed%n",
                        i + 1,
                        LIVES,
                        life.changes(),
                        life.size(),
                        life.memoryBytes() >> 10,
                        (long) life.diskBytes() >> 10,
                        table.figures().relocatedBytes() >> 10,
                        table.figures().spaceAmplification(),
                        table.figures().writeAmplification());
            }
        }
        try (Sietch sietch = Sietch.open(directory)) {
            soak.check(sietch.table("soak", Codec.longs(), Codec.bytes()));
        }
        return judge(lives);
    }

    /** The last third beside the one before it: in the first, everything still comes to its size. */
    private static int judge(List<Life> lives) {
        List<Life> before = lives.subList(LIVES / 3, LIVES * 2 / 3);
        List<Life> last = lives.subList(LIVES * 2 / 3, LIVES);
        double memory = most(last, true) / most(before, true);
        double space = most(last, false) / most(before, false);
        long changes = lives.stream().mapToLong(Life::changes).sum();
        boolean grows = memory > MEMORY_GROWTH || space > SPACE_GROWTH;
        System.out.printf(
                Locale.ROOT,
                "%,d changes, %d openings, every key right each time, verified; from the second third to the last,"
                        + " memory %.2fx (may be %.2fx), space %.2fx (may be %.2fx): %s%n",
                changes,
                LIVES + 1,
                memory,
                MEMORY_GROWTH,
                space,
                SPACE_GROWTH,
                grows ? "it grows" : "no growth");
        return grows ? 1 : 0;
    }

    private static double most(List<Life> lives, boolean memory) {
        return lives.stream()
                .mapToDouble(life -> memory ? life.memoryBytes() : life.diskBytes())
                .max()
                .orElseThrow();
    }
}
