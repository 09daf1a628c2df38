package io.sietch.bench.queue;

import static io.sietch.bench.report.Table.figure;
import static io.sietch.bench.report.Table.ratio;

import io.sietch.bench.CommonOptions;
import io.sietch.bench.RunContext;
import io.sietch.bench.report.Children;
import io.sietch.bench.report.Report;
import io.sietch.bench.report.Results;
import io.sietch.bench.report.Table;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code bench queue}: the persistent queue beside its peers. */
@Command(
        name = "queue",
        mixinStandardHelpOptions = true,
        description = "The persistent queue beside Chronicle Queue and a queue made of H2 MVStore's map.")
public final class QueueCommand implements Callable<Integer> {
    private static final String RATE = "items/s";
    private static final int BYTES = 128;
    private static final long PATIENCE_SECONDS = 60;

    @Mixin
    private final CommonOptions options = new CommonOptions();

    private record Step(QueueCase question, QueueKind kind) {}

    @Override
    public Integer call() throws Exception {
        options.check();
        try (RunContext run = new RunContext(options)) {
            List<Step> steps = new ArrayList<>();
            for (QueueCase question : QueueCase.values()) {
                for (QueueKind kind : QueueKind.values()) {
                    if (options.wants(question.title(), kind.title())) {
                        steps.add(new Step(question, kind));
                    }
                }
            }
            run.plan(steps.size() * options.rounds());
            for (int round = 0; round < options.rounds(); round++) {
                for (Step step : steps) {
                    int now = round;
                    String what = step.question().title() + ", " + step.kind().title();
                    run.step(what, "round " + (round + 1) + ", " + what, () -> measure(run, now, step));
                }
            }
            run.publish(report(run));
        }
        return 0;
    }

    private String measure(RunContext run, int round, Step step) throws Exception {
        Path directory = run.children().newDirectory("queue");
        try {
            List<String> command = Children.java(
                    step.kind().jvmFlags(),
                    QueueFork.class,
                    step.kind().name(),
                    step.question().name(),
                    BYTES,
                    options.warmup(),
                    options.seconds(),
                    directory);
            long patience = (long) (2 * (options.warmup() + options.seconds())) + PATIENCE_SECONDS;
            String printed = run.children().run(command, patience);
            // Some libraries talk on standard output.
            String line = printed.lines()
                    .filter(said -> said.startsWith("rate "))
                    .findFirst()
                    .orElseThrow();
            double rate = Double.parseDouble(line.substring(5));
            run.results().put(round, step.question().title(), step.kind().title(), RATE, rate);
            return String.format(Locale.ROOT, "%,.0f %s", rate, RATE);
        } finally {
            Children.delete(directory);
        }
    }

    private Report report(RunContext run) {
        Results results = run.results();
        Report report = run.report("Queue").command("bench/bin/bench queue " + options.asFlags());
        for (QueueKind kind : QueueKind.values()) {
            report.version(kind.title(), kind.version());
        }
        for (QueueCase question : QueueCase.values()) {
            String name = question.title();
            Table table = new Table(
                    name + ", " + BYTES + " B", "queue", "what survives a loss of power", RATE, "spread", "ours to it");
            for (QueueKind kind : QueueKind.values()) {
                String who = kind.title();
                if (results.contenders(name).contains(who)) {
                    var rate = results.get(name, who, RATE);
                    table.row(
                            who,
                            kind.durability(question.promise()),
                            figure(rate.median()),
                            rate.spread(),
                            ratio(results.ratio(name, QueueKind.SIETCH.title(), who, RATE)));
                }
            }
            if (!table.isEmpty()) {
                report.table(table);
            }
        }
        return report.note("Chronicle Queue's sync() asks the kernel for nothing by default (MS_ASYNC); it runs with"
                        + " SyncMode.SYNC wherever an offer is durable. It never removes.")
                .note("Where nobody waits, Sietch still shows an item only when it is durable, and removes it durably"
                        + " before it is handed out, with up to " + SietchQueue.POLLS_AHEAD
                        + " batches on their way; the others show and remove it in memory.");
    }
}
