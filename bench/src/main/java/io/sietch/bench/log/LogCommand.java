package io.sietch.bench.log;

import static io.sietch.bench.report.Table.figure;
import static io.sietch.bench.report.Table.ratio;

import io.sietch.bench.CommonOptions;
import io.sietch.bench.RunContext;
import io.sietch.bench.log.LogContender.Promise;
import io.sietch.bench.report.Children;
import io.sietch.bench.report.LaneThreads;
import io.sietch.bench.report.Report;
import io.sietch.bench.report.Results;
import io.sietch.bench.report.Samples;
import io.sietch.bench.report.Table;
import io.sietch.bench.report.Target;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code bench log}: the persistent log beside its peers. */
@Command(
        name = "log",
        mixinStandardHelpOptions = true,
        description =
                "The persistent log beside a raw write + fdatasync loop, Chronicle Queue, H2 MVStore and RocksDB.")
public final class LogCommand implements Callable<Integer> {
    private static final String RATE = "records/s";
    private static final String P50 = "p50 us";
    private static final String P99 = "p99 us";
    private static final String CPU = "CPU us/record";

    private static final LogCase ALONE = new LogCase(
            Promise.DURABLE,
            LaneThreads.platform(1),
            128,
            List.of(
                    Contender.RAW,
                    Contender.CORE,
                    Contender.FACE,
                    Contender.CHRONICLE,
                    Contender.MVSTORE,
                    Contender.ROCKSDB));
    private static final LogCase EIGHT = shared(LaneThreads.platform(8));
    private static final LogCase MANY = shared(LaneThreads.platform(64));
    private static final LogCase MANY_VIRTUAL = shared(LaneThreads.virtual(64));
    private static final LogCase ACCEPTED = new LogCase(
            Promise.ACCEPTED,
            LaneThreads.platform(1),
            64,
            List.of(Contender.CHRONICLE, Contender.CORE, Contender.FACE));
    private static final List<LogCase> CASES = List.of(ALONE, EIGHT, MANY, MANY_VIRTUAL, ACCEPTED);

    private static LogCase shared(LaneThreads threads) {
        return new LogCase(
                Promise.DURABLE, threads, 128, List.of(Contender.FACE, Contender.MVSTORE, Contender.ROCKSDB));
    }

    @Mixin
    private final CommonOptions options = new CommonOptions();

    @Option(
            names = "--jvm-arg",
            paramLabel = "ARG",
            description = "Passed to every measuring JVM, for profiling: --jvm-arg=-XX:StartFlightRecording:...")
    private final List<String> jvmArgs = new ArrayList<>();

    private record Step(LogCase question, Contender contender) {}

    @Override
    public Integer call() throws Exception {
        options.check();
        try (RunContext run = new RunContext(options)) {
            List<Step> steps = steps(run);
            run.plan(steps.size() * options.rounds());
            for (int round = 0; round < options.rounds(); round++) {
                for (Step step : steps) {
                    int now = round;
                    String what = "round " + (round + 1) + ", "
                            + step.question().title() + ", " + step.contender().title();
                    run.step(step.contender().title(), what, () -> measure(run, now, step));
                }
            }
            run.publish(report(run));
        }
        return 0;
    }

    private List<Step> steps(RunContext run) {
        List<Step> steps = new ArrayList<>();
        for (LogCase question : CASES) {
            for (Contender contender : question.contenders()) {
                if (!contender.isInstalled()) {
                    run.skip(
                            contender.title(),
                            "not on the class path (run bench/bin/bench with a network to fetch it)");
                } else if (options.wants(question.title(), contender.title())) {
                    steps.add(new Step(question, contender));
                }
            }
        }
        return steps;
    }

    private String measure(RunContext run, int round, Step step) throws Exception {
        LogCase question = step.question();
        Path directory = run.children().newDirectory("log");
        List<String> flags = new ArrayList<>(step.contender().jvmFlags());
        flags.addAll(jvmArgs);
        List<String> command = Children.java(
                flags,
                LogFork.class,
                step.contender().name(),
                question.promise().name(),
                question.threads().argument(),
                question.bytes(),
                options.warmup(),
                options.seconds(),
                directory);
        long patience = (long) (options.warmup() + options.seconds()) + 60;
        Measurement measured = Measurement.parse(run.children().run(command, patience));
        Children.delete(directory);
        Results results = run.results();
        String name = question.title();
        String who = step.contender().title();
        results.put(round, name, who, RATE, measured.rate());
        results.put(round, name, who, P50, measured.p50Micros());
        results.put(round, name, who, P99, measured.p99Micros());
        results.put(round, name, who, CPU, measured.cpuMicros());
        return measured.toString();
    }

    private Report report(RunContext run) {
        Results results = run.results();
        Report report = run.report("Log");
        report.command("bench/bin/bench log " + options.asFlags());
        for (Contender contender : Contender.values()) {
            report.version(contender.title(), contender.version());
        }
        for (LogCase question : CASES) {
            Table table = table(results, question);
            if (!table.isEmpty()) {
                report.table(table);
            }
        }
        targets(results).forEach(report::target);
        return report.note("A virtual thread that calls native code keeps its carrier, of which there are as many as"
                + " processors: so RocksDB has as many appends under way, however many threads there are.");
    }

    private static List<Target> targets(Results results) {
        List<Target> targets = new ArrayList<>();
        for (Contender ours : List.of(Contender.CORE, Contender.FACE)) {
            targets.add(against(results, 0.9, ALONE, ours, Contender.RAW));
        }
        String face = Contender.FACE.title();
        Samples many = results.get(MANY.title(), face, RATE);
        targets.add(Target.atLeast(
                MANY.title() + ": " + face + " against itself with 1 thread",
                20,
                many.dividedBy(results.get(ALONE.title(), face, RATE)).median()));
        for (Contender ours : List.of(Contender.CORE, Contender.FACE)) {
            targets.add(against(results, 1.5, ACCEPTED, ours, Contender.CHRONICLE));
        }
        return targets;
    }

    private static Target against(Results results, double bound, LogCase question, Contender ours, Contender base) {
        return Target.atLeast(
                question.title() + ": " + ours.title() + " against " + base.title(),
                bound,
                results.ratio(question.title(), ours.title(), base.title(), RATE));
    }

    private Table table(Results results, LogCase question) {
        Contender base = question.promise() == Promise.DURABLE ? Contender.RAW : Contender.CHRONICLE;
        LogCase baseCase = question.promise() == Promise.DURABLE ? ALONE : question;
        boolean shared = question.threads().count() > 1;
        List<String> headings = new ArrayList<>(List.of("contender", RATE, "spread"));
        headings.add("to " + base.title() + (shared ? ", 1 thread" : ""));
        if (shared) {
            headings.add("to itself, 1 thread");
        }
        headings.addAll(List.of(P50, P99, CPU));
        Table table = new Table(question.title(), headings.toArray(String[]::new));
        Samples baseRate = results.get(baseCase.title(), base.title(), RATE);
        for (String who : results.contenders(question.title())) {
            Samples rate = results.get(question.title(), who, RATE);
            List<String> row = new ArrayList<>(List.of(who, figure(rate.median()), rate.spread()));
            row.add(ratio(rate.dividedBy(baseRate).median()));
            if (shared) {
                Samples alone = results.get(ALONE.title(), who, RATE);
                row.add(ratio(rate.dividedBy(alone).median()));
            }
            for (String metric : List.of(P50, P99, CPU)) {
                row.add(figure(results.get(question.title(), who, metric).median()));
            }
            table.row(row.toArray(String[]::new));
        }
        return table;
    }
}
