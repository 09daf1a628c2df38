package io.sietch.bench.echo;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Path;
import java.util.Locale;

/** One measure in a JVM of its own: server and client, each on a thread. Prints one line of figures. */
final class EchoFork {
    private static final String MARK = "measured ";

    private EchoFork() {}

    /**
     * What came out.
     *
     * @param rate answers a second
     * @param p50Micros half of the answers took at most so long
     * @param p99Micros 99 % of them did
     * @param systemMicros of the server's thread in the kernel, for each datagram
     * @param cpuMicros of the server's thread in all, for each datagram
     * @param lost datagrams without an answer
     */
    record Figures(double rate, double p50Micros, double p99Micros, double systemMicros, double cpuMicros, long lost) {
        String line() {
            return MARK + rate + " " + p50Micros + " " + p99Micros + " " + systemMicros + " " + cpuMicros + " " + lost;
        }

        static Figures parse(String output) {
            for (String line : output.lines().toList()) {
                if (line.startsWith(MARK)) {
                    String[] v = line.substring(MARK.length()).split(" ", -1);
                    return new Figures(
                            Double.parseDouble(v[0]),
                            Double.parseDouble(v[1]),
                            Double.parseDouble(v[2]),
                            Double.parseDouble(v[3]),
                            Double.parseDouble(v[4]),
                            Long.parseLong(v[5]));
                }
            }
            throw new IllegalArgumentException("the measuring JVM printed no result");
        }

        @Override
        public String toString() {
            return String.format(Locale.ROOT, "%,.0f/s, p50 %.1f us, %d lost", rate, p50Micros, lost);
        }
    }

    /** The arguments are the kind, the window, the seconds to warm up and to measure, and a directory. */
    public static void main(String[] args) throws IOException {
        Figures figures = measure(
                EchoKind.valueOf(args[0]),
                Integer.parseInt(args[1]),
                Double.parseDouble(args[2]),
                Double.parseDouble(args[3]),
                Path.of(args[4]));
        System.out.println(figures.line());
    }

    static EchoLine line(EchoKind kind, EchoServer server) throws IOException {
        return kind.carrier() == EchoKind.Carrier.SHM ? new StackLine(server.door()) : new SocketLine(server.address());
    }

    private static Figures measure(EchoKind kind, int window, double warmup, double seconds, Path directory)
            throws IOException {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        try (EchoServer server = new EchoServer(kind, directory);
                EchoLine line = line(kind, server)) {
            EchoLoad load = new EchoLoad(line, window);
            runFor(load, warmup);
            load.reset();
            long user = threads.getThreadUserTime(server.threadId());
            long cpu = threads.getThreadCpuTime(server.threadId());
            double took = runFor(load, seconds);
            user = threads.getThreadUserTime(server.threadId()) - user;
            cpu = threads.getThreadCpuTime(server.threadId()) - cpu;
            double answers = load.answers();
            return new Figures(
                    answers / took,
                    load.times().getValueAtPercentile(50) / 1e3,
                    load.times().getValueAtPercentile(99) / 1e3,
                    (cpu - user) / 1e3 / answers,
                    cpu / 1e3 / answers,
                    load.lost());
        }
    }

    private static double runFor(EchoLoad load, double seconds) throws IOException {
        long begin = System.nanoTime();
        long nanos = (long) (seconds * 1e9);
        load.run(() -> System.nanoTime() - begin >= nanos);
        return (System.nanoTime() - begin) / 1e9;
    }
}
