package io.sietch.bench.redis;

import com.sun.management.ThreadMXBean;
import io.sietch.bench.CommonOptions;
import io.sietch.bench.report.Children;
import io.sietch.redis.SteppedServer;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code bench shm-steps}: what a request over shared memory costs, where neither end waits for the other. */
@Command(
        name = "shm-steps",
        mixinStandardHelpOptions = true,
        description =
                "Has redis-lite and a client over shared memory take turns on one thread, and tells what a request"
                        + " costs each of them, by windows of 1,600 requests: their 5th percentile says it on a busy"
                        + " machine, too.")
public final class ShmStepsCommand implements Callable<Integer> {
    private static final int WINDOW = 1600;
    private static final int WINDOWS = 1 << 20;

    @Spec
    private final CommandSpec spec = CommandSpec.create();

    @Option(
            names = "--dir",
            paramLabel = "DIR",
            description = "Where the data goes, in memory for what the code costs; it is removed again"
                    + " (default: bench/target/data).")
    private @Nullable Path dir;

    @Mixin
    private final ShmLoadOptions options = new ShmLoadOptions();

    @Option(names = "-t", defaultValue = "get,set", split = ",", description = "get, set (default both, in turn).")
    private String[] tests = {};

    @Option(names = "--rounds", defaultValue = "3", description = "How often (default 3).")
    private int rounds;

    @Option(names = "--seconds", defaultValue = "2", description = "How long each time, after as long (default 2).")
    private double seconds;

    private final double[] serverNanos = new double[WINDOWS];
    private final double[] clientNanos = new double[WINDOWS];

    private ShmStepsCommand() {}

    @Override
    public Integer call() throws IOException {
        options.check(seconds, tests);
        if (rounds < 1) {
            throw new CommandLine.ParameterException(
                    spec.commandLine(), "--rounds " + rounds + ": must be more than 0");
        }
        try (Children children = new Children(CommonOptions.dirOr(dir))) {
            steps(children.newDirectory("shm-steps"));
        }
        return 0;
    }

    private void steps(Path directory) throws IOException {
        Path door = directory.resolve("door");
        try (SteppedServer server = SteppedServer.start(directory, door)) {
            int keys = options.keys();
            try (ShmLoad filling = connect(server, () -> ShmLoad.filling(door, options.valueBytes(), keys, 0))) {
                while (filling.step() < keys) {
                    server.poll();
                }
            }
            for (int round = 0; round < rounds; round++) {
                for (String test : tests) {
                    try (ShmLoad load = connect(server, () -> options.load(door, test, 0))) {
                        measure(server, load);
                        print(test, measure(server, load));
                    }
                }
            }
        }
    }

    /** The server greets whoever asks for a network card in its turn, so another thread does the asking. */
    private static ShmLoad connect(SteppedServer server, Callable<ShmLoad> asking) throws IOException {
        CompletableFuture<ShmLoad> connecting = CompletableFuture.supplyAsync(() -> {
            try {
                return asking.call();
            } catch (Exception e) {
                throw new CompletionException(e);
            }
        });
        while (!connecting.isDone()) {
            server.poll();
        }
        return connecting.join();
    }

    private record Measured(int windows, double bytes) {}

    private Measured measure(SteppedServer server, ShmLoad load) throws IOException {
        ThreadMXBean thread = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long bytes = thread.getCurrentThreadAllocatedBytes();
        long start = System.nanoTime();
        long time = start;
        long begun = load.step();
        long counted = begun;
        long serverTime = 0;
        long clientTime = 0;
        int windows = 0;
        while (time - start < seconds * 1e9 && windows < WINDOWS) {
            long before = System.nanoTime();
            server.poll();
            long between = System.nanoTime();
            long answered = load.step();
            time = System.nanoTime();
            serverTime += between - before;
            clientTime += time - between;
            if (answered - counted >= WINDOW) {
                serverNanos[windows] = (double) serverTime / (answered - counted);
                clientNanos[windows++] = (double) clientTime / (answered - counted);
                counted = answered;
                serverTime = 0;
                clientTime = 0;
            }
        }
        bytes = thread.getCurrentThreadAllocatedBytes() - bytes;
        return new Measured(windows, (double) bytes / Math.max(1, counted - begun));
    }

    private void print(String test, Measured measured) {
        Arrays.sort(serverNanos, 0, measured.windows());
        Arrays.sort(clientNanos, 0, measured.windows());
        spec.commandLine()
                .getOut()
                .println(String.format(
                        Locale.ROOT,
                        "%s -c %d -P %d: ns/request of server %.0f (median %.0f), of client %.0f (median %.0f), %.2f B",
                        test.toUpperCase(Locale.ROOT),
                        options.connections(),
                        options.pipeline(),
                        serverNanos[measured.windows() / 20],
                        serverNanos[measured.windows() / 2],
                        clientNanos[measured.windows() / 20],
                        clientNanos[measured.windows() / 2],
                        measured.bytes()));
    }
}
