package io.sietch.bench.redis;

import io.sietch.bench.CommonOptions;
import io.sietch.bench.RunContext;
import io.sietch.bench.report.Children;
import io.sietch.bench.report.Results;
import io.sietch.bench.report.Table;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** One round: three servers are started on empty directories; then all take turns, question by question. */
final class ShmRound {
    private static final String TAP_HOST = "10.83.9.2";
    private static final String TAP = "tap://sietbench?ip=" + TAP_HOST + "/24&host=10.83.9.1";
    private static final int TAP_PORT = 6379;
    private static final String LOOPBACK = "127.0.0.1";
    private static final long BUILD_SECONDS = 900;
    private static final List<String> ONE_CORE = List.of("taskset", "-c", "0");
    private static final int CORES = Runtime.getRuntime().availableProcessors();
    private static final List<String> CHILD_FLAGS = List.of("-XX:+UseSerialGC");
    private static final List<ShmContender> DEEP =
            List.of(ShmContender.REDIS, ShmContender.LITE, ShmContender.LITE_TAP, ShmContender.LITE_SHM);
    private static final List<ShmContender> SINGLE = List.of(
            ShmContender.REDIS,
            ShmContender.REDIS_ONE_CORE,
            ShmContender.LITE_SHM,
            ShmContender.LITE_SHM_BOUND,
            ShmContender.REDIS_JEDIS,
            ShmContender.LITE_JEDIS);
    private static final List<ShmContender> BULK = List.of(ShmContender.BULK_LOOPBACK, ShmContender.BULK_SHM);

    private final RunContext run;
    private final int round;
    private final Programs programs;
    private final List<RunningServer> started = new ArrayList<>();
    private @Nullable RunningServer redis;
    private @Nullable RunningServer lite;
    private @Nullable RunningServer tap;

    /**
     * What is run.
     *
     * @param redisServer a file, or a name on the PATH
     * @param benchmark the same
     * @param lite our server's program
     */
    record Programs(String redisServer, String benchmark, String lite) {
        /** Tries them, so that ours is built if need be and what is missing is skipped, with the reason. */
        static Programs find(RunContext run, String redisServer, String benchmark) throws InterruptedException {
            Path lite = ServerKind.liteLauncher();
            Programs programs = new Programs(redisServer, benchmark, lite.toString());
            tryOut(run, redisServer, ShmContender.REDIS, ShmContender.REDIS_ONE_CORE, ShmContender.REDIS_JEDIS);
            tryOut(
                    run,
                    benchmark,
                    ShmContender.REDIS,
                    ShmContender.REDIS_ONE_CORE,
                    ShmContender.LITE,
                    ShmContender.LITE_TAP);
            tryOut(
                    run,
                    lite.toString(),
                    ShmContender.LITE,
                    ShmContender.LITE_TAP,
                    ShmContender.LITE_SHM,
                    ShmContender.LITE_SHM_BOUND,
                    ShmContender.LITE_JEDIS);
            tryOut(run, "taskset", ShmContender.REDIS_ONE_CORE, ShmContender.LITE_SHM_BOUND);
            if (CORES < 2) {
                run.skip(ShmContender.LITE_SHM_BOUND.title(), "there is only one core");
            }
            return programs;
        }

        private static void tryOut(RunContext run, String program, ShmContender... needed) throws InterruptedException {
            try {
                run.children().run(List.of(program, "--version"), BUILD_SECONDS);
            } catch (IOException e) {
                for (ShmContender each : needed) {
                    run.skip(each.title(), program + " does not run: " + e.getMessage());
                }
            }
        }
    }

    /** A question to one contender. */
    @FunctionalInterface
    private interface Question {
        String ask(String name, String test, ShmContender who) throws Exception;
    }

    ShmRound(RunContext run, int round, Programs programs) {
        this.run = run;
        this.round = round;
        this.programs = programs;
    }

    /** How many steps a round has. */
    static int steps(RunContext run) {
        int steps = 3;
        for (String test : List.of("SET", "GET")) {
            steps += wanted(run.options(), ShmCommand.deep(test), DEEP).size();
            steps += wanted(run.options(), ShmCommand.single(test), SINGLE).size();
        }
        return steps + wanted(run.options(), ShmCommand.BULK, BULK).size();
    }

    private static List<ShmContender> wanted(CommonOptions options, String name, List<ShmContender> of) {
        return of.stream().filter(who -> options.wants(name, who.title())).toList();
    }

    void run() throws IOException, InterruptedException {
        try {
            run.step(ShmContender.REDIS.title(), what("start", "Redis"), () -> {
                redis = start(ServerKind.ALWAYS, programs.redisServer(), List.of());
                return "ready";
            });
            run.step(ShmContender.LITE.title(), what("start", "redis-lite"), () -> {
                lite = start(ServerKind.LITE, programs.lite(), List.of("shm://" + RunningServer.DOOR));
                return "ready";
            });
            run.step(ShmContender.LITE_TAP.title(), what("start", "redis-lite on TAP"), () -> {
                tap = start(ServerKind.LITE, programs.lite(), List.of(TAP));
                return "ready";
            });
            for (String test : List.of("SET", "GET")) {
                ask(ShmCommand.deep(test), test, DEEP, this::deep);
                ask(ShmCommand.single(test), test, SINGLE, this::single);
            }
            ask(ShmCommand.BULK, "", BULK, this::bulk);
        } finally {
            for (RunningServer server : started) {
                server.stop();
            }
        }
    }

    private String what(String name, String who) {
        return "round " + (round + 1) + ", " + name + ", " + who;
    }

    private void ask(String name, String test, List<ShmContender> of, Question question) throws InterruptedException {
        for (ShmContender who : wanted(run.options(), name, of)) {
            run.step(who.title(), what(name, who.title()), () -> question.ask(name, test, who));
        }
    }

    private RunningServer start(ServerKind kind, String program, List<String> wires)
            throws IOException, InterruptedException {
        RunningServer server = RunningServer.start(kind, program, wires, run.children());
        started.add(server);
        boolean overTap = wires.contains(TAP);
        for (String test : List.of("set", "get")) {
            socketLoad(overTap ? TAP_HOST : LOOPBACK, overTap ? TAP_PORT : server.port(), test, 50, 16)
                    .warmUp();
        }
        return server;
    }

    private RunningServer server(ShmContender who) throws IOException {
        RunningServer server = switch (who) {
            case REDIS, REDIS_ONE_CORE, REDIS_JEDIS -> redis;
            case LITE, LITE_SHM, LITE_SHM_BOUND, LITE_JEDIS -> lite;
            case LITE_TAP -> tap;
            case BULK_LOOPBACK, BULK_SHM -> null;
        };
        if (server == null) {
            throw new IOException("its server did not start");
        }
        return server;
    }

    // ---- redis-benchmark --------------------------------------------------------------------------------------------

    /** A load over sockets. */
    private record SocketLoad(RunContext run, List<String> prefix, String host, int port, Load load) {
        private static final long TRIAL = 2000;

        private CsvLine send(long requests, double seconds) throws IOException, InterruptedException {
            List<String> command = new ArrayList<>(prefix);
            command.addAll(load.command(host, port, requests));
            command.add("--csv");
            long patience = (long) (10 * seconds) + 120;
            return CsvLine.parse(run.children().run(command, patience)).getFirst();
        }

        /** Fills the keys, and warms up what wants to be. */
        void warmUp() throws IOException, InterruptedException {
            if (load.test().equals("set")) {
                send(5L * Load.KEYS, 60);
            }
            double seconds = run.options().warmup() / 2;
            if (seconds > 0) {
                send(requestsFor(seconds), seconds);
            }
        }

        long requestsFor(double seconds) throws IOException, InterruptedException {
            double rate = send(TRIAL * load.clients(), 10).rate();
            return (long) Math.max(1000, rate * seconds);
        }
    }

    private SocketLoad socketLoad(String host, int port, String test, int clients, int pipeline) {
        return new SocketLoad(run, List.of(), host, port, new Load(programs.benchmark(), test, clients, pipeline));
    }

    private SocketLoad socketLoad(ShmContender who, String test, int clients, int pipeline) throws IOException {
        boolean overTap = who == ShmContender.LITE_TAP;
        int port = overTap ? TAP_PORT : server(who).port();
        SocketLoad load = socketLoad(overTap ? TAP_HOST : LOOPBACK, port, test, clients, pipeline);
        return who == ShmContender.REDIS_ONE_CORE
                ? new SocketLoad(run, ONE_CORE, load.host(), load.port(), load.load())
                : load;
    }

    // ---- questions --------------------------------------------------------------------------------------------------

    private String deep(String name, String test, ShmContender who) throws IOException, InterruptedException {
        RunningServer server = server(who);
        double seconds = run.options().seconds();
        String lower = test.toLowerCase(Locale.ROOT);
        if (who == ShmContender.LITE_SHM) {
            double[] figures = fork(ShmFork.class, server.door(), lower, 50, 16);
            put(name, who, ShmCommand.RATE, figures[0]);
            put(name, who, ShmCommand.P50, figures[2]);
            put(name, who, ShmCommand.P99, figures[3]);
            return Table.figure(figures[0]) + "/s";
        }
        SocketLoad load = socketLoad(who, lower, 50, 16);
        long requests = load.requestsFor(seconds);
        double cpu = server.cpuSeconds();
        CsvLine line = load.send(requests, seconds);
        cpu = server.cpuSeconds() - cpu;
        put(name, who, ShmCommand.RATE, line.rate());
        put(name, who, ShmCommand.P50, line.p50Millis() * 1e3);
        put(name, who, ShmCommand.P99, line.p99Millis() * 1e3);
        put(name, who, ShmCommand.CPU, cpu * 1e6 / requests);
        return Table.figure(line.rate()) + "/s";
    }

    private String single(String name, String test, ShmContender who) throws IOException, InterruptedException {
        RunningServer server = server(who);
        String lower = test.toLowerCase(Locale.ROOT);
        switch (who) {
            case LITE_SHM -> putTimes(name, who, fork(ShmFork.class, server.door(), lower, 1, 1));
            case LITE_SHM_BOUND -> bound(name, lower, who, server);
            case LITE_JEDIS -> putTimes(name, who, fork(JedisFork.class, server.door(), lower));
            case REDIS_JEDIS -> putTimes(name, who, fork(JedisFork.class, server.port(), lower));
            case REDIS, REDIS_ONE_CORE -> single(name, lower, who, server);
            case LITE, LITE_TAP, BULK_LOOPBACK, BULK_SHM -> throw new IllegalArgumentException(who.title());
        }
        return Table.figure(
                        run.results().get(name, who.title(), ShmCommand.MEAN).rounds()[round]) + " us";
    }

    private void single(String name, String test, ShmContender who, RunningServer server)
            throws IOException, InterruptedException {
        if (who == ShmContender.REDIS_ONE_CORE) {
            pin(server, "0");
        }
        try {
            SocketLoad load = socketLoad(who, test, 1, 1);
            CsvLine line = load.send(
                    load.requestsFor(run.options().seconds()), run.options().seconds());
            // The client's own mean; its quantiles are told in milliseconds with three digits.
            put(name, who, ShmCommand.MEAN, 1e6 / line.rate());
            put(name, who, ShmCommand.P50, line.p50Millis() * 1e3);
            put(name, who, ShmCommand.P99, line.p99Millis() * 1e3);
        } finally {
            if (who == ShmContender.REDIS_ONE_CORE) {
                unpin(server);
            }
        }
    }

    /** The server has all of one core, and the client all of another, with whatever else their JVMs do. */
    private void bound(String name, String test, ShmContender who, RunningServer server)
            throws IOException, InterruptedException {
        put(name, who, ShmCommand.LINE, lineNanos());
        pin(server, "1");
        try {
            putTimes(name, who, child(ONE_CORE, ShmFork.class, arguments(server.door(), test, 1, 1)));
        } finally {
            unpin(server);
        }
        put(name, who, ShmCommand.LINE_AFTER, lineNanos());
    }

    private double lineNanos() throws IOException, InterruptedException {
        return child(List.of("taskset", "-c", "0,1"), LineFork.class)[0];
    }

    private void unpin(RunningServer server) throws IOException, InterruptedException {
        pin(server, "0-" + (CORES - 1));
    }

    private void pin(RunningServer server, String cores) throws IOException, InterruptedException {
        run.children().run(List.of("taskset", "-acp", cores, Long.toString(server.pid())), 10);
    }

    private String bulk(String name, String test, ShmContender who) throws IOException, InterruptedException {
        Path directory = run.children().newDirectory("bulk");
        String carrier = who == ShmContender.BULK_SHM ? "shm" : "tcp";
        double[] figures = child(
                List.of(),
                BulkFork.class,
                carrier,
                run.options().warmup(),
                run.options().seconds(),
                directory);
        put(name, who, ShmCommand.BYTES, figures[0] / 1e6);
        return Table.figure(figures[0] / 1e6) + " MB/s";
    }

    private double[] fork(Class<?> main, Object server, Object... more) throws IOException, InterruptedException {
        return child(List.of(), main, arguments(server, more));
    }

    private Object[] arguments(Object server, Object... more) {
        List<Object> arguments = new ArrayList<>(List.of(server));
        arguments.addAll(List.of(more));
        arguments.add(run.options().warmup());
        arguments.add(run.options().seconds());
        return arguments.toArray();
    }

    private double[] child(List<String> prefix, Class<?> main, Object... arguments)
            throws IOException, InterruptedException {
        long patience = (long) (run.options().warmup() + run.options().seconds()) + 60;
        List<String> command = new ArrayList<>(prefix);
        command.addAll(Children.java(CHILD_FLAGS, main, arguments));
        return Measured.parse(run.children().run(command, patience));
    }

    private void putTimes(String name, ShmContender who, double[] figures) {
        put(name, who, ShmCommand.MEAN, figures[1]);
        put(name, who, ShmCommand.P50, figures[2]);
        put(name, who, ShmCommand.P99, figures[3]);
    }

    private void put(String name, ShmContender who, String metric, double value) {
        Results results = run.results();
        results.put(round, name, who.title(), metric, value);
    }
}
