package io.sietch.bench.redis;

import io.sietch.bench.RunContext;
import io.sietch.bench.redis.RedisCommand.Question;
import io.sietch.bench.report.Results;
import io.sietch.bench.report.Table;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BiPredicate;

/**
 * One round: every server is started on an empty directory and warmed up; then they take turns, question by question,
 * while the others idle.
 */
final class RedisRound {
    private final RunContext run;
    private final int round;
    private final Map<ServerKind, String> programs;
    private final String client;
    private final List<RunningServer> servers = new ArrayList<>();

    RedisRound(RunContext run, int round, Map<ServerKind, String> programs, String client) {
        this.run = run;
        this.round = round;
        this.programs = programs;
        this.client = client;
    }

    void run(List<Question> questions, BiPredicate<Question, ServerKind> wanted)
            throws IOException, InterruptedException {
        try {
            List<ServerKind> order = RedisCommand.rotated(List.copyOf(programs.keySet()), round);
            for (ServerKind kind : order) {
                run.step(kind.title(), what("start", kind), () -> start(kind));
            }
            for (RunningServer server : servers) {
                run.step(server.kind().title(), what("warm-up", server.kind()), () -> warmUp(server));
            }
            for (Question question : questions) {
                for (RunningServer server : servers) {
                    if (wanted.test(question, server.kind())) {
                        run.step(
                                server.kind().title(),
                                what(question.title(), server.kind()),
                                () -> measure(question, server));
                    }
                }
            }
        } finally {
            for (RunningServer server : servers) {
                server.stop();
            }
        }
    }

    private String what(String step, ServerKind kind) {
        return "round " + (round + 1) + ", " + step + ", " + kind.title();
    }

    private String start(ServerKind kind) throws IOException, InterruptedException {
        RunningServer server = RunningServer.start(kind, programs.getOrDefault(kind, ""), run.children());
        servers.add(server);
        run.results().put(round, RedisCommand.START, kind.title(), RedisCommand.READY, server.readyMillis());
        return "ready after " + Table.figure(server.readyMillis()) + " ms";
    }

    /** Fills the keys, and gives a JIT compiler its time, which costs a server without one nothing. */
    private String warmUp(RunningServer server) throws IOException, InterruptedException {
        Load fill = new Load(client, "set", 50, 16);
        fill.run(5L * Load.KEYS, 60, server.port(), run.children());
        double seconds = run.options().warmup() / 4;
        if (seconds > 0) {
            for (String test : List.of("set", "get")) {
                for (int pipeline : new int[] {1, 16}) {
                    Load load = new Load(client, test, 50, pipeline);
                    long requests = load.requestsFor(seconds, server.port(), run.children());
                    load.run(requests, seconds, server.port(), run.children());
                }
            }
        }
        return "done";
    }

    private String measure(Question question, RunningServer server) throws IOException, InterruptedException {
        String who = server.kind().title();
        String name = question.title();
        Results results = run.results();
        if (question.mixed()) {
            Load.Background background = RedisCommand.background(client).startBackground(server.port(), run.children());
            try {
                measureLoad(question, server);
            } finally {
                results.put(round, name, who, RedisCommand.BACKGROUND, background.stop());
            }
        } else {
            measureLoad(question, server);
        }
        double rate = results.get(name, who, RedisCommand.RATE).rounds()[round];
        return Table.figure(rate) + "/s";
    }

    private void measureLoad(Question question, RunningServer server) throws IOException, InterruptedException {
        Load load = question.load();
        double seconds = run.options().seconds();
        long requests = load.requestsFor(seconds, server.port(), run.children());
        double cpu = server.cpuSeconds();
        CsvLine line = load.run(requests, seconds, server.port(), run.children());
        cpu = server.cpuSeconds() - cpu;
        Results results = run.results();
        String who = server.kind().title();
        String name = question.title();
        results.put(round, name, who, RedisCommand.RATE, line.rate());
        results.put(round, name, who, RedisCommand.P50, line.p50Millis());
        results.put(round, name, who, RedisCommand.P99, line.p99Millis());
        if (!question.mixed()) {
            results.put(round, name, who, RedisCommand.CPU, cpu * 1e6 / requests);
        }
    }
}
