package io.sietch.bench.redis;

import io.sietch.bench.CommonOptions;
import io.sietch.bench.report.Children;
import io.sietch.bench.report.Samples;
import io.sietch.bench.report.Table;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * {@code bench cleaning}: what a SET waits for while redis-lite cleans its log, beside the same without. Keys are
 * overwritten in a log of a fixed size: first while there is room, then on and on, with cleaning to make it.
 */
@Command(
        name = "cleaning",
        mixinStandardHelpOptions = true,
        description = "The latency of durable SETs to redis-lite while it cleans its log, and while it does not.")
public final class CleaningCommand implements Callable<Integer> {
    private static final long BUILD_SECONDS = 900;

    /** Bytes that a key takes in the log beside its value. */
    private static final long RECORD = 16 + 16 + 8;

    /** Bytes of log for each that is alive: cleaning begins at two. */
    private static final long AREA = 3;

    private static final long LEAST_AREA = 256L << 20;
    private static final int CHUNK = 100_000;
    private static final int CHUNKS_MAX = 2_000;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Option(
            names = "--keys",
            paramLabel = "N",
            defaultValue = "3000000",
            description = "How many keys of 16 bytes (default: ${DEFAULT-VALUE}).")
    private long keys = 3_000_000;

    @Option(
            names = "--value-bytes",
            paramLabel = "N",
            defaultValue = "64",
            description = "How long each value is (default: ${DEFAULT-VALUE}).")
    private int valueBytes = 64;

    @Option(
            names = "--clients",
            paramLabel = "N",
            defaultValue = "8",
            description = "Connections, each with one request under way (default: ${DEFAULT-VALUE}).")
    private int clients = 8;

    @Option(
            names = "--seconds",
            paramLabel = "S",
            defaultValue = "10",
            description = "How long each measure takes (default: ${DEFAULT-VALUE}).")
    private double seconds = 10;

    @Option(
            names = "--rounds",
            paramLabel = "N",
            defaultValue = "3",
            description = "Servers, one after the other; the median counts (default: ${DEFAULT-VALUE}).")
    private int rounds = 3;

    @Option(
            names = "--dir",
            paramLabel = "DIR",
            description = "Where the data goes; it is removed again (default: bench/target/data).")
    private @Nullable Path dir;

    @Override
    public Integer call() throws Exception {
        if (keys < 1 || valueBytes < 0 || clients < 1 || rounds < 1 || !(seconds > 0)) {
            throw new IllegalArgumentException("--keys " + keys + ", --value-bytes " + valueBytes + ", --clients "
                    + clients + ", --rounds " + rounds + ", --seconds " + seconds
                    + ": must be at least 1, 0, 1, 1 and more than 0");
        }
        Table table = new Table(
                String.format(
                        Locale.ROOT,
                        "SET, %d clients, %,d keys, values of %,d B, appendfsync always",
                        clients,
                        keys,
                        valueBytes),
                "round",
                "SET/s",
                "p50 us",
                "p99 us",
                "p99.9 us",
                "max us",
                "MiB cleaned");
        double[] ratios = new double[rounds];
        Path program = ServerKind.liteLauncher();
        try (Children children = new Children(CommonOptions.dirOr(dir))) {
            children.run(List.of(program.toString(), "--version"), BUILD_SECONDS);
            for (int round = 0; round < rounds; round++) {
                ratios[round] = round(round, program.toString(), children, table);
            }
        }
        CommonOptions.print(
                spec,
                table.text()
                        + String.format(
                                Locale.ROOT,
                                "p99.9 while cleaning to p99.9 without: %.2f (median of %d)%n",
                                new Samples(ratios).median(),
                                rounds));
        return 0;
    }

    private double round(int round, String program, Children children, Table table)
            throws IOException, InterruptedException {
        long area = Math.max(LEAST_AREA, AREA * keys * (RECORD + valueBytes));
        RunningServer server = RunningServer.startWith(
                ServerKind.LITE, program, List.of("--device-max-size", Long.toString(area)), children);
        try {
            SetLoad load = new SetLoad(server.port(), keys, valueBytes);
            load.fill();
            load.measure(clients, seconds / 4, round); // the compiler's time
            Histogram without = measure(load, round, "without", table);
            if (load.info("log_head") > 0) {
                throw new IOException("cleaning began too early to measure without it: more --keys or fewer --seconds");
            }
            for (int i = 0; load.info("log_head") == 0; i++) {
                if (i == CHUNKS_MAX) {
                    throw new IOException("cleaning does not begin");
                }
                load.overwrite(CHUNK, i);
            }
            Histogram cleaning = measure(load, round, "cleaning", table);
            return (double) p999(cleaning) / p999(without);
        } finally {
            server.stop();
        }
    }

    private static long p999(Histogram times) {
        return times.getValueAtPercentile(99.9);
    }

    private Histogram measure(SetLoad load, int round, String what, Table table)
            throws IOException, InterruptedException {
        long head = load.info("log_head");
        Histogram times = load.measure(clients, seconds, round);
        long cleaned = load.info("log_head") - head;
        table.row(
                (round + 1) + ", " + what,
                String.format(Locale.ROOT, "%,.0f", times.getTotalCount() / seconds),
                micros(times.getValueAtPercentile(50)),
                micros(times.getValueAtPercentile(99)),
                micros(p999(times)),
                micros(times.getMaxValue()),
                String.format(Locale.ROOT, "%,.1f", cleaned / (double) (1 << 20)));
        return times;
    }

    private static String micros(long nanos) {
        return String.format(Locale.ROOT, "%,.0f", nanos / 1e3);
    }
}
