package io.sietch.bench.echo;

import static io.sietch.bench.report.Table.figure;
import static io.sietch.bench.report.Table.ratio;

import io.sietch.bench.CommonOptions;
import io.sietch.bench.RunContext;
import io.sietch.bench.report.Children;
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

/** {@code bench echo}: a UDP echo server on sockets of the kernel, on TAP, by AF_XDP and on shared memory. */
@Command(
        name = "echo",
        mixinStandardHelpOptions = true,
        description = "A UDP echo server on the kernel's sockets, on a TAP interface, by AF_XDP and on shared memory.",
        footer = {
            "",
            "TAP is measured where an interface sietecho with 10.83.8.1/24 can be made (CAP_NET_ADMIN), AF_XDP where a"
                    + " pair sietxdp with 10.83.10.1/24 can (also CAP_BPF, CAP_NET_RAW). Their client is a socket of"
                    + " the kernel, like the one of the kernel's own echo, which goes over loopback."
        })
public final class EchoCommand implements Callable<Integer> {
    private static final int[] WINDOWS = {1, 32};
    private static final String RATE = "datagrams/s";
    private static final String P50 = "p50 us";
    private static final String P99 = "p99 us";
    private static final String SYSTEM = "server system us/datagram";
    private static final String CPU = "server CPU us/datagram";
    private static final String LOST = "lost";

    @Mixin
    private final CommonOptions options = new CommonOptions();

    private static String title(int window) {
        return "64 bytes, " + window + " outstanding";
    }

    @Override
    public Integer call() throws Exception {
        options.check();
        try (RunContext run = new RunContext(options)) {
            List<EchoKind> kinds = new ArrayList<>();
            for (EchoKind kind : EchoKind.values()) {
                if (options.wants("echo", kind.title())) {
                    kinds.add(kind);
                }
            }
            run.plan(kinds.size() * WINDOWS.length * options.rounds());
            for (int round = 0; round < options.rounds(); round++) {
                for (int window : WINDOWS) {
                    for (EchoKind kind : kinds) {
                        int now = round;
                        String what = "round " + (round + 1) + ", " + title(window) + ", " + kind.title();
                        run.step(kind.title(), what, () -> measure(run, now, window, kind));
                    }
                }
            }
            run.publish(report(run));
        }
        return 0;
    }

    private String measure(RunContext run, int round, int window, EchoKind kind) throws Exception {
        Path directory = run.children().newDirectory("echo");
        List<String> command = Children.java(
                List.of("-XX:+UseSerialGC", "--enable-native-access=ALL-UNNAMED"),
                EchoFork.class,
                kind.name(),
                window,
                options.warmup(),
                options.seconds(),
                directory);
        long patience = (long) (options.warmup() + options.seconds()) + 60;
        EchoFork.Figures figures = EchoFork.Figures.parse(run.children().run(command, patience));
        Children.delete(directory);
        Results results = run.results();
        results.put(round, title(window), kind.title(), RATE, figures.rate());
        results.put(round, title(window), kind.title(), P50, figures.p50Micros());
        results.put(round, title(window), kind.title(), P99, figures.p99Micros());
        results.put(round, title(window), kind.title(), SYSTEM, figures.systemMicros());
        results.put(round, title(window), kind.title(), CPU, figures.cpuMicros());
        results.put(round, title(window), kind.title(), LOST, figures.lost());
        return figures.toString();
    }

    private Report report(RunContext run) {
        Results results = run.results();
        Report report = run.report("UDP echo");
        report.command("bench/bin/bench echo " + options.asFlags());
        report.version("Java", System.getProperty("java.runtime.version"));
        report.note("The client polls. A polled server's CPU time says nothing, its system time does.");
        for (int window : WINDOWS) {
            Table table = table(results, title(window));
            if (!table.isEmpty()) {
                report.table(table);
            }
        }
        report.target(target(results, 32, EchoKind.TAP_POLLED, EchoKind.KERNEL_POLLED, SYSTEM, 0.65));
        report.target(target(results, 32, EchoKind.XDP_POLLED, EchoKind.KERNEL_POLLED, SYSTEM, 0.6));
        report.target(target(results, 1, EchoKind.TAP_POLLED, EchoKind.KERNEL_POLLED, P50, 0.8));
        report.target(target(results, 1, EchoKind.TAP_POLLED, EchoKind.KERNEL_BLOCKING, P50, 0.3));
        return report;
    }

    private static Target target(
            Results results, int window, EchoKind ours, EchoKind base, String metric, double bound) {
        return Target.atMost(
                title(window) + ", " + metric + ": " + ours.title() + " against " + base.title(),
                bound,
                results.ratio(title(window), ours.title(), base.title(), metric),
                "x");
    }

    private static Table table(Results results, String name) {
        String base = EchoKind.KERNEL_POLLED.title();
        Table table = new Table(name, "server", RATE, "spread", "to " + base, P50, P99, SYSTEM, CPU, LOST);
        for (String who : results.contenders(name)) {
            Samples rate = results.get(name, who, RATE);
            List<String> row = new ArrayList<>(List.of(who, figure(rate.median()), rate.spread()));
            row.add(ratio(rate.dividedBy(results.get(name, base, RATE)).median()));
            for (String metric : List.of(P50, P99, SYSTEM, CPU, LOST)) {
                row.add(figure(results.get(name, who, metric).median()));
            }
            table.row(row.toArray(String[]::new));
        }
        return table;
    }
}
