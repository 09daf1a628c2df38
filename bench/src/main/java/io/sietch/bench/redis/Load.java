package io.sietch.bench.redis;

import io.sietch.bench.report.Children;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * {@code redis-benchmark} with one test.
 *
 * @param program the client
 * @param test {@code set} or {@code get}
 * @param clients connections
 * @param pipeline requests that a connection has under way at once
 */
record Load(String program, String test, int clients, int pipeline) {
    static final int VALUE_BYTES = 64;
    static final int KEYS = 100_000;
    private static final long TRIAL_PER_PIPELINED = 10_000;
    private static final long PATIENCE_SECONDS = 120;
    private static final long FOR_EVER = 1_000_000_000;
    private static final Pattern OVERALL = Pattern.compile("rps=[0-9.]+ \\(overall: ([0-9.]+)\\)");

    List<String> command(int port, long requests) {
        return command("127.0.0.1", port, requests);
    }

    List<String> command(String host, int port, long requests) {
        List<String> command = new ArrayList<>(List.of(program, "-h", host, "-p", Integer.toString(port)));
        command.addAll(flags());
        command.addAll(List.of("-n", Long.toString(requests)));
        return command;
    }

    private List<String> flags() {
        return List.of(
                "-t",
                test,
                "-c",
                Integer.toString(clients),
                "-P",
                Integer.toString(pipeline),
                "-d",
                Integer.toString(VALUE_BYTES),
                "-r",
                Integer.toString(KEYS));
    }

    /** As it would be typed. */
    String typed() {
        return "redis-benchmark " + String.join(" ", flags()) + " --csv";
    }

    /** {@code SET -c 50 -P 16}. */
    String title() {
        return test.toUpperCase(Locale.ROOT) + " -c " + clients + " -P " + pipeline;
    }

    /** How many requests take about so many seconds, by a short trial. */
    long requestsFor(double seconds, int port, Children children) throws IOException, InterruptedException {
        double rate =
                run(TRIAL_PER_PIPELINED * (pipeline + 1) / 2, 0, port, children).rate();
        return (long) Math.max(1000, rate * seconds);
    }

    /**
     * Sends so many requests.
     *
     * @param seconds that they are expected to take; ten times that and two minutes, and something hangs
     */
    CsvLine run(long requests, double seconds, int port, Children children) throws IOException, InterruptedException {
        List<String> command = command(port, requests);
        command.add("--csv");
        return CsvLine.parse(children.run(command, (long) (seconds * 10) + PATIENCE_SECONDS))
                .getFirst();
    }

    /** The same load without an end, for company. */
    Background startBackground(int port, Children children) throws IOException {
        Path output = children.newDirectory("background").resolve("output.txt");
        return new Background(children.start(command(port, FOR_EVER), output), output, children);
    }

    /** A load that goes on until it is stopped. */
    record Background(Process process, Path output, Children children) {
        /** Stops it and tells its requests a second, NaN if it never said. */
        double stop() throws IOException, InterruptedException {
            boolean ended = !process.isAlive();
            children.stop(process);
            String text = Files.readString(output);
            if (ended) {
                throw new IOException("the background load ended early: " + text.strip());
            }
            double rate = Double.NaN;
            Matcher matcher = OVERALL.matcher(text);
            while (matcher.find()) {
                rate = Double.parseDouble(matcher.group(1));
            }
            return rate;
        }
    }
}
