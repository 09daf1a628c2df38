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
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code bench redis}: redis-lite beside an installed Redis. */
@Command(
        name = "redis",
        mixinStandardHelpOptions = true,
        description =
                "redis-lite beside an installed redis-server, with and without persistence, driven by redis-benchmark.")
public final class RedisCommand implements Callable<Integer> {
    static final String RATE = "requests/s";
    static final String P50 = "p50 ms";
    static final String P99 = "p99 ms";
    static final String CPU = "server CPU ms/1000";
    static final String BACKGROUND = "background SET/s";
    static final String START = "start on an empty directory";
    static final String READY = "ms to ready";
    private static final long BUILD_SECONDS = 900;
    private static final Pattern VERSION = Pattern.compile("[0-9]+\\.[0-9]+[^ ]*");
    private static final int CLIENTS = 50;
    private static final int BACKGROUND_CLIENTS = 8;
    private static final int PIPELINE = 16;

    @Mixin
    private final CommonOptions options = new CommonOptions();

    @Option(
            names = "--redis-server",
            paramLabel = "PROGRAM",
            defaultValue = "redis-server",
            description = "The server to compare with: a name on the PATH or a file (default: ${DEFAULT-VALUE}).")
    private String redisServer = "redis-server";

    @Option(
            names = "--redis-benchmark",
            paramLabel = "PROGRAM",
            defaultValue = "redis-benchmark",
            description = "The client that drives all servers (default: ${DEFAULT-VALUE}).")
    private String redisBenchmark = "redis-benchmark";

    /**
     * A load with what runs beside it.
     *
     * @param mixed whether a SET load with few connections runs meanwhile
     */
    record Question(Load load, boolean mixed) {
        String title() {
            return load.title() + (mixed ? " beside SET -c " + BACKGROUND_CLIENTS : "");
        }
    }

    @Override
    public Integer call() throws Exception {
        options.check();
        String client = find(redisBenchmark)
                .orElseThrow(() -> new IOException(redisBenchmark
                        + " is not installed, and nothing can be driven without it: install the Redis tools, or name it"
                        + " with --redis-benchmark"));
        try (RunContext run = new RunContext(options)) {
            Map<ServerKind, String> programs = programs(run);
            List<Question> questions = questions(client);
            int steps = programs.size() * 2;
            for (ServerKind kind : programs.keySet()) {
                steps += (int) questions.stream().filter(q -> wants(q, kind)).count();
            }
            run.plan(steps * options.rounds());
            for (int round = 0; round < options.rounds(); round++) {
                new RedisRound(run, round, programs, client).run(questions, this::wants);
            }
            run.publish(report(run, client, programs, questions));
        }
        return 0;
    }

    private boolean wants(Question question, ServerKind kind) {
        return options.wants(question.title(), kind.title());
    }

    private Map<ServerKind, String> programs(RunContext run) throws InterruptedException {
        Map<ServerKind, String> programs = new EnumMap<>(ServerKind.class);
        Optional<String> server = find(redisServer);
        Path lite = ServerKind.liteLauncher();
        for (ServerKind kind : ServerKind.values()) {
            if (kind == ServerKind.LITE) {
                addLite(run, lite, programs);
            } else if (server.isPresent()) {
                programs.put(kind, server.get());
            } else {
                run.skip(kind.title(), redisServer + " is not installed");
            }
        }
        return programs;
    }

    /** Starts it once, so that it is built if need be, which shall not count as its start. */
    private static void addLite(RunContext run, Path program, Map<ServerKind, String> programs)
            throws InterruptedException {
        try {
            run.children().run(List.of(program.toString(), "--version"), BUILD_SECONDS);
            programs.put(ServerKind.LITE, program.toString());
        } catch (IOException e) {
            run.skip(ServerKind.LITE.title(), String.valueOf(e.getMessage()));
        }
    }

    private static List<Question> questions(String client) {
        List<Question> questions = new ArrayList<>();
        for (String test : List.of("set", "get")) {
            for (int pipeline : new int[] {PIPELINE, 1}) {
                questions.add(new Question(new Load(client, test, CLIENTS, pipeline), false));
            }
        }
        questions.add(new Question(new Load(client, "get", CLIENTS, 1), true));
        return questions;
    }

    static Load background(String client) {
        return new Load(client, "set", BACKGROUND_CLIENTS, 1);
    }

    /** A program by its path, or by its name on the PATH. */
    private static Optional<String> find(String program) {
        if (program.contains(File.separator)) {
            return Files.isExecutable(Path.of(program)) ? Optional.of(program) : Optional.empty();
        }
        String path = System.getenv("PATH");
        return Arrays.stream((path == null ? "" : path).split(File.pathSeparator))
                .map(directory -> Path.of(directory, program))
                .filter(Files::isExecutable)
                .map(Path::toString)
                .findFirst();
    }

    private Report report(RunContext run, String client, Map<ServerKind, String> programs, List<Question> questions)
            throws InterruptedException {
        Results results = run.results();
        Report report = run.report("Redis");
        report.command("bench/bin/bench redis " + options.asFlags());
        questions.stream()
                .map(question -> "  " + question.load().typed())
                .distinct()
                .forEach(report::command);
        report.command("  " + background(client).typed() + "   (in the background of the last table)");
        report.version("redis-benchmark", version(run, client));
        for (Map.Entry<ServerKind, String> program : programs.entrySet()) {
            report.version(program.getKey().title(), version(run, program.getValue()));
        }
        for (Question question : questions) {
            Table table = table(results, question);
            if (!table.isEmpty()) {
                report.table(table);
            }
        }
        Table starts = new Table(START, "server", READY, "spread");
        for (String who : results.contenders(START)) {
            Samples ready = results.get(START, who, READY);
            starts.row(who, figure(ready.median()), ready.spread());
        }
        if (!starts.isEmpty()) {
            report.table(starts);
        }
        targets(results, questions).forEach(report::target);
        report.note("Client and server share the processors, so a server that needs less of them leaves more to the"
                + " client.");
        return report;
    }

    /** What a program says its version is. */
    private static String version(RunContext run, String program) throws InterruptedException {
        try {
            String said = run.children().run(List.of(program, "--version"), BUILD_SECONDS);
            Matcher matcher = VERSION.matcher(said);
            return matcher.find() ? matcher.group() : "of unknown version";
        } catch (IOException e) {
            return "of unknown version";
        }
    }

    private static Table table(Results results, Question question) {
        String name = question.title();
        List<String> headings = new ArrayList<>(List.of("server", RATE, "spread"));
        headings.addAll(List.of("to Redis none", "to Redis always", P50, P99, CPU));
        if (question.mixed()) {
            headings.add(BACKGROUND);
        }
        Table table = new Table(name, headings.toArray(String[]::new));
        for (String who : results.contenders(name)) {
            Samples rate = results.get(name, who, RATE);
            List<String> row = new ArrayList<>(List.of(who, figure(rate.median()), rate.spread()));
            for (ServerKind base : List.of(ServerKind.NONE, ServerKind.ALWAYS)) {
                row.add(ratio(results.ratio(name, who, base.title(), RATE)));
            }
            List<String> metrics = question.mixed() ? List.of(P50, P99, CPU, BACKGROUND) : List.of(P50, P99, CPU);
            for (String metric : metrics) {
                row.add(figure(results.get(name, who, metric).median()));
            }
            table.row(row.toArray(String[]::new));
        }
        return table;
    }

    private static List<Target> targets(Results results, List<Question> questions) {
        String lite = ServerKind.LITE.title();
        String none = ServerKind.NONE.title();
        String always = ServerKind.ALWAYS.title();
        String set16 = questions.get(0).title();
        String set1 = questions.get(1).title();
        String get16 = questions.get(2).title();
        String get1 = questions.get(3).title();
        String mixed = questions.get(4).title();
        return List.of(
                Target.atLeast(set16 + " against Redis always", 2.0, results.ratio(set16, lite, always, RATE)),
                Target.atLeast(
                        set16 + " against Redis with no persistence", 1.0, results.ratio(set16, lite, none, RATE)),
                Target.atLeast(set1 + " against Redis always", 1.3, results.ratio(set1, lite, always, RATE)),
                Target.atLeast(get1 + " against Redis", 1.0, results.ratio(get1, lite, none, RATE)),
                Target.atLeast(get16 + " against Redis", 1.3, results.ratio(get16, lite, none, RATE)),
                Target.atLeast(mixed + " against Redis always, rate", 1.4, results.ratio(mixed, lite, always, RATE)),
                Target.atMost(mixed + " against Redis always, p99", 0.5, results.ratio(mixed, lite, always, P99), "x"),
                Target.atMost(
                        "server CPU for each " + set16 + " against Redis always",
                        0.6,
                        results.ratio(set16, lite, always, CPU),
                        "x"),
                Target.atMost(
                        "redis-lite ready after its start on an empty directory",
                        500,
                        results.get(START, lite, READY).median(),
                        "ms"));
    }

    /** The servers in another order each round, so that none always runs after the same one. */
    static List<ServerKind> rotated(List<ServerKind> kinds, int round) {
        List<ServerKind> order = new ArrayList<>(kinds);
        Collections.rotate(order, -round);
        return order;
    }
}
