package io.sietch.bench.store;

import io.sietch.bench.CommonOptions;
import io.sietch.bench.RunContext;
import io.sietch.bench.report.Children;
import io.sietch.bench.report.LaneThreads;
import io.sietch.bench.store.StoreFork.Part;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code bench table}: the persistent table beside its peers. */
@Command(
        name = "table",
        mixinStandardHelpOptions = true,
        description = "The persistent table beside Chronicle Map, RocksDB, LMDB, H2 MVStore, MapDB and Xodus.")
public final class TableCommand implements Callable<Integer> {
    /** Durable puts go to keys among these, which are not there at first. */
    private static final long DURABLE_KEYS = 100_000;

    private static final long PATIENCE_SECONDS = 120;

    @Mixin
    private final CommonOptions options = new CommonOptions();

    @Option(
            names = "--sets",
            paramLabel = "ENTRIESxBYTES",
            split = ",",
            defaultValue = "1000000x100,1000000x1024,10000000x100",
            description = "What the stores hold. The first is measured with all mixes, the others with reads"
                    + " (default: ${DEFAULT-VALUE}).")
    private final List<String> sets = new ArrayList<>();

    @Option(
            names = "--load-seconds",
            paramLabel = "S",
            defaultValue = "60",
            description = "How long loading may take, and overwriting twice; a store that is slower is measured with"
                    + " what it holds by then (default: ${DEFAULT-VALUE}).")
    private double loadSeconds = 60;

    @Option(
            names = "--jvm-arg",
            paramLabel = "ARG",
            description = "Passed to every measuring JVM, for profiling: --jvm-arg=-XX:StartFlightRecording:...")
    private final List<String> jvmArgs = new ArrayList<>();

    /** A measuring JVM to be started, or two after one another. */
    private record Step(Part part, Data data, StoreKind kind, List<String> rest, String what) {}

    @Override
    public Integer call() throws Exception {
        options.check();
        List<Data> all = sets.stream().map(Data::parse).toList();
        try (RunContext run = new RunContext(options)) {
            List<Step> steps = steps(run, all);
            run.plan(steps.size() * options.rounds());
            for (int round = 0; round < options.rounds(); round++) {
                for (Step step : steps) {
                    int now = round;
                    String who = step.kind().title();
                    String what = "round " + (round + 1) + ", " + step.what() + ", " + who;
                    // What fails at one thing may well do another.
                    run.step(who + ", " + step.what(), what, () -> measure(run, now, step));
                }
            }
            String flags = options.asFlags() + " --load-seconds " + String.format(Locale.ROOT, "%.0f", loadSeconds)
                    + " --sets " + String.join(",", sets);
            run.publish(new TableReport(run, all).report("bench/bin/bench table " + flags));
        }
        return 0;
    }

    private List<Step> steps(RunContext run, List<Data> all) {
        List<Step> steps = new ArrayList<>();
        for (Data data : all) {
            List<String> workloads = (data == all.getFirst()
                            ? Workload.all()
                            : List.of(Workload.GET, Workload.GET_ZIPF_8))
                    .stream().map(Workload::title).toList();
            for (StoreKind kind : StoreKind.values()) {
                if (!kind.isInstalled()) {
                    run.skip(kind.title(), "not on the class path (run bench/bin/bench with a network to fetch it)");
                } else if (kind.isStore()) {
                    steps.add(new Step(Part.SERVE, data, kind, workloads, data.title()));
                }
            }
            for (StoreKind kind : StoreKind.values()) {
                if (kind.isInstalled() && kind.isStore()) {
                    steps.add(new Step(Part.LOAD, data, kind, List.of(), data.title() + ", " + Workload.load(8)));
                }
            }
        }
        Data few = new Data(DURABLE_KEYS, all.getFirst().valueBytes());
        for (LaneThreads threads : Workload.DURABLE_THREADS) {
            for (StoreKind kind : StoreKind.values()) {
                if (kind.isInstalled() && kind.canBeDurable() && (kind.isStore() || threads.count() == 1)) {
                    List<String> rest = List.of(threads.argument());
                    steps.add(new Step(Part.DURABLE, few, kind, rest, Workload.durable(threads)));
                }
            }
        }
        steps.removeIf(step -> !options.wants(step.what(), step.kind().title()));
        return steps;
    }

    private List<String> command(Part part, Step step, Path directory) {
        List<String> flags = new ArrayList<>(step.kind().jvmFlags());
        flags.addAll(jvmArgs);
        List<String> command = Children.java(
                flags,
                StoreFork.class,
                part.name(),
                step.kind().name(),
                directory,
                step.data().entries(),
                step.data().valueBytes(),
                loadSeconds,
                options.warmup(),
                options.seconds());
        command.addAll(step.rest());
        return command;
    }

    private String measure(RunContext run, int round, Step step) throws Exception {
        Children children = run.children();
        Path directory = children.newDirectory("table");
        try {
            List<String> command = command(step.part(), step, directory);
            double work = 2 * loadSeconds + (step.rest().size() + 5) * (options.seconds() + options.warmup());
            long patience = (long) work + PATIENCE_SECONDS;
            if (step.part() != Part.SERVE) {
                return store(run, round, step, children.run(command, patience));
            }
            String served = store(run, round, step, children.runAndKill(command, StoreFork.READY, patience));
            String opened = children.run(command(Part.OPEN, step, directory), PATIENCE_SECONDS);
            store(run, round, step, opened);
            return served;
        } finally {
            Children.delete(directory);
        }
    }

    /** Keeps the figures that a fork printed, and returns the first in words. */
    private static String store(RunContext run, int round, Step step, String printed) {
        String first = "";
        for (String line : printed.lines().toList()) {
            String[] fields = line.split(StoreFork.FIELDS, -1);
            // Some libraries talk on standard output.
            if (fields.length == 3) {
                double value = Double.parseDouble(fields[2]);
                String caseName =
                        step.part() == Part.DURABLE ? fields[0] : step.data().title() + ": " + fields[0];
                run.results().put(round, caseName, step.kind().title(), fields[1], value);
                if (first.isEmpty()) {
                    first = String.format(Locale.ROOT, "%s: %,.0f %s", fields[0], value, fields[1]);
                }
            }
        }
        return first;
    }
}
