package io.sietch.bench.redis;

import io.sietch.bench.report.Table;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code bench shm-load}: loads a redis-lite that runs with {@code --listen shm://PATH}. */
@Command(
        name = "shm-load",
        mixinStandardHelpOptions = true,
        description = "Loads a running redis-lite over shared memory (redis-lite --listen shm:///PATH).")
public final class ShmLoadCommand implements Callable<Integer> {
    @Spec
    private final CommandSpec spec = CommandSpec.create();

    @Option(names = "--door", required = true, description = "The server's socket.")
    private Path door = Path.of("");

    @Mixin
    private final ShmLoadOptions options = new ShmLoadOptions();

    @Option(names = "-t", defaultValue = "set", description = "set, or get of keys that are set before (default set).")
    private String test = "set";

    @Option(names = "--seconds", defaultValue = "5", description = "How long to measure, after as long (default 5).")
    private double seconds;

    @Option(names = "--spin", defaultValue = "100", description = "Microseconds to look before sleeping (default 100).")
    private int spinMicros;

    private ShmLoadCommand() {}

    @Override
    public Integer call() throws IOException {
        options.check(seconds, test);
        long spin = TimeUnit.MICROSECONDS.toNanos(spinMicros);
        if (test.equals("get")) {
            ShmLoad.fill(door, options.valueBytes(), options.keys(), spin);
        }
        try (ShmLoad load = options.load(door, test, spin)) {
            load.run(seconds);
            ShmLoad.Figures figures = load.run(seconds);
            spec.commandLine()
                    .getOut()
                    .println(test.toUpperCase(Locale.ROOT) + " -c " + options.connections() + " -P "
                            + options.pipeline() + ": "
                            + Table.figure(figures.rate()) + "/s, p50 "
                            + Table.figure(figures.p50Micros()) + " us, p99 "
                            + Table.figure(figures.p99Micros()) + " us, mean "
                            + Table.figure(figures.meanMicros()) + " us");
        }
        return 0;
    }
}
