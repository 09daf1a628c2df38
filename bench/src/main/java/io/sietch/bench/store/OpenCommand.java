package io.sietch.bench.store;

import io.sietch.bench.CommonOptions;
import io.sietch.bench.report.Children;
import io.sietch.bench.report.Table;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * {@code bench open}: how long it takes to open a table whose process was killed. A process loads it and overwrites
 * keys until it is killed as {@code kill -9} does; others open it, one after the other, each up to the first value
 * read.
 */
@Command(
        name = "open",
        mixinStandardHelpOptions = true,
        description = "Kills a process that changes a table, and opens the table again.")
public final class OpenCommand implements Callable<Integer> {
    private static final long LOAD_SECONDS_MAX = 3600;
    private static final long OPEN_SECONDS_MAX = 600;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Option(
            names = "--keys",
            paramLabel = "N",
            defaultValue = "1000000",
            description = "How many keys of 16 bytes (default: ${DEFAULT-VALUE}).")
    private long keys = 1_000_000;

    @Option(
            names = "--value-bytes",
            paramLabel = "N",
            defaultValue = "100",
            description = "How long each value is (default: ${DEFAULT-VALUE}).")
    private int valueBytes = 100;

    @Option(
            names = "--churn",
            paramLabel = "S",
            defaultValue = "10",
            description = "For how many seconds keys are overwritten after loading (default: ${DEFAULT-VALUE}).")
    private double churnSeconds = 10;

    @Option(
            names = "--rounds",
            paramLabel = "N",
            defaultValue = "3",
            description = "How often it is opened (default: ${DEFAULT-VALUE}).")
    private int rounds = 3;

    @Option(
            names = "--dir",
            paramLabel = "DIR",
            description = "Where the table goes; it is removed again (default: bench/target/data).")
    private @Nullable Path dir;

    @Override
    public Integer call() throws Exception {
        if (keys < 1 || valueBytes < 0 || rounds < 1 || !(churnSeconds >= 0)) {
            throw new IllegalArgumentException("--keys " + keys + ", --value-bytes " + valueBytes + ", --rounds "
                    + rounds + ", --churn " + churnSeconds + ": must be at least 1, 0, 1 and 0");
        }
        try (Children children = new Children(CommonOptions.dirOr(dir))) {
            Path directory = children.newDirectory("open");
            List<String> load =
                    Children.java(List.of(), OpenFork.class, "load", directory, keys, valueBytes, churnSeconds);
            String[] puts = children.runAndKill(load, OpenFork.READY, LOAD_SECONDS_MAX)
                    .strip()
                    .split(OpenFork.FIELDS);
            Table table = new Table(
                    String.format(
                            Locale.ROOT,
                            "%,d keys, values of %,d B, killed; puts p99.99 and max %s/%s ms when loading, %s/%s ms"
                                    + " when overwriting; longest flush %s ms; %.2f B on disk for each payload byte",
                            keys,
                            valueBytes,
                            millis(puts[0]),
                            millis(puts[1]),
                            millis(puts[2]),
                            millis(puts[3]),
                            millis(puts[4]),
                            StoreFork.diskBytes(directory) / (keys * (16.0 + valueBytes))),
                    "opened",
                    "ms",
                    "keys",
                    "of them from a checkpoint",
                    "MiB replayed");
            for (int round = 1; round <= rounds; round++) {
                List<String> open = Children.java(List.of(), OpenFork.class, "open", directory);
                String[] figures = children.run(open, OPEN_SECONDS_MAX).strip().split(OpenFork.FIELDS);
                table.row(
                        "round " + round,
                        String.format(Locale.ROOT, "%,.0f", Long.parseLong(figures[0]) / 1e6),
                        String.format(Locale.ROOT, "%,d", Long.parseLong(figures[1])),
                        String.format(Locale.ROOT, "%,d", Long.parseLong(figures[2])),
                        String.format(Locale.ROOT, "%,.1f", Long.parseLong(figures[3]) / (double) (1 << 20)));
            }
            CommonOptions.print(spec, table.text());
        }
        return 0;
    }

    private static String millis(String nanos) {
        return String.format(Locale.ROOT, "%.1f", Long.parseLong(nanos) / 1e6);
    }
}
