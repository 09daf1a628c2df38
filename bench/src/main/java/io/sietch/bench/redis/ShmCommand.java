package io.sietch.bench.redis;

import io.sietch.bench.report.Table;
import io.sietch.net.Stack;
import io.sietch.net.StackOptions;
import io.sietch.net.TcpConnection;
import io.sietch.net.TcpEnd;
import io.sietch.vnic.SharedVnic;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * {@code bench shm}: what {@code redis-benchmark} does, over shared memory, against a redis-lite that runs with
 * {@code --listen shm://PATH}. One thread, one VNIC, any number of connections; every connection sends so many requests
 * at once and the next so many when all are answered, as {@code redis-benchmark -P} does. Answers are checked by their
 * length.
 */
@Command(
        name = "shm",
        mixinStandardHelpOptions = true,
        description = "Loads a redis-lite over shared memory (redis-lite --listen shm:///PATH).")
public final class ShmCommand implements Callable<Integer> {
    private static final int PORT = 6379;

    @Spec
    private final CommandSpec spec = CommandSpec.create();

    @Option(names = "--door", required = true, description = "The server's socket.")
    private Path door = Path.of("");

    @Option(names = "-c", defaultValue = "50", description = "Connections (default 50).")
    private int connections;

    @Option(names = "-P", defaultValue = "16", description = "Requests at once on each (default 16).")
    private int pipeline;

    @Option(names = "-t", defaultValue = "set", description = "set or get (default set).")
    private String test = "set";

    @Option(names = "-d", defaultValue = "64", description = "Bytes of a value (default 64).")
    private int valueBytes;

    @Option(names = "-r", defaultValue = "100000", description = "Keys (default 100000).")
    private int keys;

    @Option(names = "--seconds", defaultValue = "5", description = "How long to measure, after as long (default 5).")
    private int seconds;

    @Option(names = "--spin", defaultValue = "100", description = "Microseconds to look before sleeping (default 100).")
    private int spinMicros;

    private final Histogram times = new Histogram(TimeUnit.SECONDS.toNanos(60), 3);
    private long answered;

    private ShmCommand() {}

    /** One connection. */
    private final class Line {
        private final ByteBuffer out;
        private final ByteBuffer in = ByteBuffer.allocateDirect(1 << 16);
        private final byte[] digits = new byte[12];
        private final int requestBytes;
        private final int keyAt;
        private long awaited;
        private long sentAt;
        private long key;

        Line(String prefix, String suffix, long firstKey) {
            byte[] before = prefix.getBytes(StandardCharsets.US_ASCII);
            byte[] after = suffix.getBytes(StandardCharsets.US_ASCII);
            this.requestBytes = before.length + digits.length + after.length;
            this.out = ByteBuffer.allocateDirect(requestBytes * pipeline);
            this.key = firstKey;
            while (out.hasRemaining()) {
                out.put(before).put(digits).put(after);
            }
            this.keyAt = before.length;
        }

        /** Takes answers, and sends the next requests when all are there. */
        void move(TcpConnection connection, int answerBytes) throws IOException {
            if (connection.end() != TcpEnd.NONE) {
                throw new IOException("the server ended a connection: " + connection.end());
            }
            int n;
            while ((n = connection.read(in.clear())) > 0) {
                awaited -= n;
            }
            if (awaited == 0 && connection.room() >= out.capacity()) {
                long now = System.nanoTime();
                if (sentAt != 0) {
                    times.recordValue(Math.min(now - sentAt, TimeUnit.SECONDS.toNanos(60)));
                    answered += pipeline;
                }
                for (int i = 0; i < pipeline; i++) {
                    writeKey(i * requestBytes + keyAt);
                }
                sentAt = now;
                awaited = (long) answerBytes * pipeline;
                connection.write(out.clear());
            }
        }

        /** The next key, spread over all of them, in twelve digits as {@code redis-benchmark} has them. */
        private void writeKey(int at) {
            key = (key * 6364136223846793005L + 1442695040888963407L);
            long number = Long.remainderUnsigned(key >>> 16, keys);
            for (int i = digits.length - 1; i >= 0; i--) {
                out.put(at + i, (byte) ('0' + number % 10));
                number /= 10;
            }
        }
    }

    @Override
    public Integer call() throws IOException {
        boolean set = test.equals("set");
        String head = set ? "*3\r\n$3\r\nSET\r\n$16\r\nkey:" : "*2\r\n$3\r\nGET\r\n$16\r\nkey:";
        String tail = set ? "\r\n$" + valueBytes + "\r\n" + "x".repeat(valueBytes) + "\r\n" : "\r\n";
        int answerBytes = set ? 5 : Integer.toString(valueBytes).length() + 3 + valueBytes + 2;
        try (SharedVnic shared = SharedVnic.connect(door)) {
            Stack stack = new Stack(
                    shared.vnic(),
                    shared.vnic().address(),
                    StackOptions.DEFAULTS.withBuffers(1 << 18, 1 << 18),
                    new SecureRandom(),
                    System.nanoTime());
            List<TcpConnection> open = new ArrayList<>();
            for (int i = 0; i < connections; i++) {
                Line line = new Line(head, tail, i);
                TcpConnection connection = stack.connect(shared.serverAddress(), PORT, changed -> {});
                connection.attach(line);
                open.add(connection);
            }
            run(shared, stack, open, answerBytes);
            times.reset();
            answered = 0;
            long took = run(shared, stack, open, answerBytes);
            report(took);
        }
        return 0;
    }

    private long run(SharedVnic shared, Stack stack, List<TcpConnection> open, int answerBytes) throws IOException {
        long start = System.nanoTime();
        long end = start + TimeUnit.SECONDS.toNanos(seconds);
        long now = start;
        while (now - end < 0) {
            int work = stack.poll(now);
            for (int i = 0; i < open.size(); i++) {
                TcpConnection connection = open.get(i);
                if (connection.attachment() instanceof Line line) {
                    line.move(connection, answerBytes);
                }
            }
            now = System.nanoTime();
            long idle = stack.idleNanos(now);
            if (work == 0 && idle > 0) {
                shared.await(Math.min(idle, end - now), TimeUnit.MICROSECONDS.toNanos(spinMicros));
                now = System.nanoTime();
            }
            if (!shared.isOpen()) {
                throw new IOException("the server at " + door + " has ended");
            }
        }
        return now - start;
    }

    private void report(long nanos) {
        spec.commandLine()
                .getOut()
                .println(test.toUpperCase(Locale.ROOT) + " -c " + connections + " -P " + pipeline + ": "
                        + Table.figure(answered * 1e9 / nanos) + "/s, p50 "
                        + Table.figure(times.getValueAtPercentile(50) / 1e3) + " us, p99 "
                        + Table.figure(times.getValueAtPercentile(99) / 1e3) + " us, mean "
                        + Table.figure(times.getMean() / 1e3) + " us");
    }
}
