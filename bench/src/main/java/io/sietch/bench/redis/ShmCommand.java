package io.sietch.bench.redis;

import static io.sietch.bench.report.Table.figure;
import static io.sietch.bench.report.Table.ratio;

import io.sietch.bench.CommonOptions;
import io.sietch.bench.RunContext;
import io.sietch.bench.report.Report;
import io.sietch.bench.report.Results;
import io.sietch.bench.report.Samples;
import io.sietch.bench.report.Table;
import io.sietch.bench.report.Target;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code bench shm}: redis-lite without the kernel's network, beside an installed Redis on loopback. */
@Command(
        name = "shm",
        mixinStandardHelpOptions = true,
        description = "redis-lite over shared memory and over TAP, with all data in memory, beside Redis on loopback.",
        footer = {
            "",
            "The data goes to /dev/shm unless --dir says otherwise: what is compared is the network. TAP is measured"
                    + " where an interface sietbench with 10.83.9.1/24 can be made (CAP_NET_ADMIN)."
        })
public final class ShmCommand implements Callable<Integer> {
    static final String RATE = "requests/s";
    static final String MEAN = "mean us";
    static final String P50 = "p50 us";
    static final String P99 = "p99 us";
    static final String CPU = "server CPU us/request";
    static final String LINE = "line, ns";
    static final String LINE_AFTER = "line after, ns";
    static final String BYTES = "MB/s";
    static final String BULK = "bulk, one connection";
    private static final Path MEMORY = Path.of("/dev/shm");

    @Mixin
    private final CommonOptions options = new CommonOptions();

    @Option(names = "--redis-server", defaultValue = "redis-server", description = "The server to compare with.")
    private String redisServer = "redis-server";

    @Option(names = "--redis-benchmark", defaultValue = "redis-benchmark", description = "The client over sockets.")
    private String redisBenchmark = "redis-benchmark";

    private ShmCommand() {}

    static String deep(String test) {
        return test + " -c 50 -P 16";
    }

    static String single(String test) {
        return test + ", one at a time";
    }

    @Override
    public Integer call() throws Exception {
        options.check();
        if (Files.isWritable(MEMORY)) {
            options.dirUnlessGiven(MEMORY.resolve("sietch-bench"));
        }
        try (RunContext run = new RunContext(options)) {
            ShmRound.Programs programs = ShmRound.Programs.find(run, redisServer, redisBenchmark);
            run.plan(ShmRound.steps(run) * options.rounds());
            for (int round = 0; round < options.rounds(); round++) {
                new ShmRound(run, round, programs).run();
            }
            run.publish(report(run));
        }
        return 0;
    }

    private Report report(RunContext run) {
        Results results = run.results();
        Report report = run.report("Shared memory and TAP");
        report.command("bench/bin/bench shm " + options.asFlags());
        report.version("Java", System.getProperty("java.runtime.version"));
        for (String test : List.of("SET", "GET")) {
            add(report, rates(results, deep(test)));
        }
        for (String test : List.of("SET", "GET")) {
            add(report, times(results, single(test)));
        }
        add(report, bulk(results));
        targets(results).forEach(report::target);
        report.note("Every SET is durable when it is answered; the medium is the directory's, in memory if the head"
                + " says tmpfs. Redis runs with appendfsync always.");
        report.note("Who waits on shared memory looks for 50 us, then sleeps. redis-benchmark and Redis sleep at once."
            + " \"One core\": server and client on the same one (taskset), where nobody is woken on another. \"Each on"
            + " its core\": the server with all its threads on one, the client on another.");
        report.note("Line: how long a line of memory took from one of these cores to the other and back, in each round"
                + " before and after. A host that moves virtual processors changes it from 30 to 400 ns within seconds,"
                + " and the answer's time with it.");
        report.note("Our own client sends by streams (VnicClient.stream), Jedis and bulk by TCP.");
        return report;
    }

    private static void add(Report report, Table table) {
        if (!table.isEmpty()) {
            report.table(table);
        }
    }

    private static Table rates(Results results, String name) {
        String base = ShmContender.REDIS.title();
        Table table = new Table(name, "server, client", RATE, "spread", "to Redis", P50, P99, CPU, "CPU to Redis");
        for (String who : results.contenders(name)) {
            Samples rate = results.get(name, who, RATE);
            table.row(
                    who,
                    figure(rate.median()),
                    rate.spread(),
                    ratio(results.ratio(name, who, base, RATE)),
                    figure(results.get(name, who, P50).median()),
                    figure(results.get(name, who, P99).median()),
                    figure(results.get(name, who, CPU).median()),
                    ratio(results.ratio(name, who, base, CPU)));
        }
        return table;
    }

    private static Table times(Results results, String name) {
        Table table = new Table(
                name, "server, client", MEAN, "spread", "to Redis, one core", "to Jedis on Redis", P50, P99, LINE);
        for (String who : results.contenders(name)) {
            Samples mean = results.get(name, who, MEAN);
            table.row(
                    who,
                    figure(mean.median()),
                    mean.spread(),
                    ratio(results.ratio(name, who, ShmContender.REDIS_ONE_CORE.title(), MEAN)),
                    ratio(results.ratio(name, who, ShmContender.REDIS_JEDIS.title(), MEAN)),
                    figure(results.get(name, who, P50).median()),
                    figure(results.get(name, who, P99).median()),
                    each(results.get(name, who, LINE), results.get(name, who, LINE_AFTER)));
        }
        return table;
    }

    private static String each(Samples before, Samples after) {
        String all = IntStream.range(0, before.rounds().length)
                .filter(round -> Double.isFinite(after.rounds()[round]))
                .mapToObj(round -> figure(before.rounds()[round]) + " then " + figure(after.rounds()[round]))
                .collect(Collectors.joining(", "));
        return all.isEmpty() ? "-" : all;
    }

    private static Table bulk(Results results) {
        Table table = new Table(BULK, "network", BYTES, "spread", "to loopback");
        for (String who : results.contenders(BULK)) {
            Samples rate = results.get(BULK, who, BYTES);
            double to = results.ratio(BULK, who, ShmContender.BULK_LOOPBACK.title(), BYTES);
            table.row(who, figure(rate.median()), rate.spread(), ratio(to));
        }
        return table;
    }

    private static List<Target> targets(Results results) {
        List<Target> targets = new ArrayList<>();
        String redis = ShmContender.REDIS.title();
        String one = ShmContender.REDIS_ONE_CORE.title();
        String shm = ShmContender.LITE_SHM.title();
        String tap = ShmContender.LITE_TAP.title();
        targets.add(Target.atLeast(
                deep("SET") + " over shared memory against Redis", 9, results.ratio(deep("SET"), shm, redis, RATE)));
        targets.add(Target.atLeast(
                deep("GET") + " over shared memory against Redis", 8, results.ratio(deep("GET"), shm, redis, RATE)));
        // Both at their best placement: Redis with its client on one core, where nobody is woken on another.
        for (String where : List.of(ShmContender.LITE_SHM_BOUND.title(), shm)) {
            String on = where.equals(shm) ? " over shared memory" : " over shared memory, each end on its core,";
            targets.add(mean("SET" + on + " against Redis on one core", 12, results, single("SET"), where, one));
            targets.add(mean("GET" + on + " against Redis on one core", 25, results, single("GET"), where, one));
        }
        for (String test : List.of("SET", "GET")) {
            targets.add(mean(
                    "Jedis, " + test + ", over shared memory against loopback to Redis",
                    4,
                    results,
                    single(test),
                    ShmContender.LITE_JEDIS.title(),
                    ShmContender.REDIS_JEDIS.title()));
        }
        for (String test : List.of("SET", "GET")) {
            targets.add(Target.atLeast(
                    deep(test) + " over TAP against Redis", 1.1, results.ratio(deep(test), tap, redis, RATE)));
            targets.add(Target.atMost(
                    deep(test) + " over TAP, server CPU against Redis",
                    0.75,
                    results.ratio(deep(test), tap, redis, CPU),
                    "x"));
        }
        targets.add(Target.atLeast(
                BULK + ", shared memory against loopback",
                2,
                results.ratio(BULK, ShmContender.BULK_SHM.title(), ShmContender.BULK_LOOPBACK.title(), BYTES)));
        return targets;
    }

    private static Target mean(String what, int part, Results results, String name, String ours, String base) {
        return Target.atMost(what, 1.0 / part, results.ratio(name, ours, base, MEAN), "x");
    }
}
