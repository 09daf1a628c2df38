package io.sietch.bench.redis;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/**
 * SETs of keys of 16 bytes, timed one by one, which redis-benchmark does not tell beyond the 99th percentile.
 *
 * @param keys how many different ones
 */
record SetLoad(int port, long keys, int valueBytes) {
    private static final int ANSWER_WITHIN_MILLIS = 60_000;
    private static final int PIPELINE = 64;
    private static final int KEY_DIGITS = 12;
    private static final long LONGEST_NANOS = TimeUnit.MINUTES.toNanos(1);

    /** A connection with one request in memory, of which only the key changes. */
    private static final class Connection implements AutoCloseable {
        private static final byte[] OK = "+OK\r\n".getBytes(StandardCharsets.US_ASCII);

        private final Socket socket;
        private final OutputStream out;
        private final DataInputStream in;
        private final byte[] requests;
        private final int requestBytes;
        private final int keyAt;
        private final byte[] reply = new byte[OK.length];

        Connection(int port, int valueBytes) throws IOException {
            String head = "*3\r\n$3\r\nSET\r\n$16\r\nkey:";
            String request =
                    head + "0".repeat(KEY_DIGITS) + "\r\n$" + valueBytes + "\r\n" + "v".repeat(valueBytes) + "\r\n";
            this.requests = request.repeat(PIPELINE).getBytes(StandardCharsets.US_ASCII);
            this.requestBytes = request.length();
            this.keyAt = head.length();
            this.socket = new Socket(InetAddress.getLoopbackAddress(), port);
            socket.setTcpNoDelay(true);
            socket.setSoTimeout(ANSWER_WITHIN_MILLIS);
            this.out = socket.getOutputStream();
            this.in = new DataInputStream(socket.getInputStream());
        }

        void key(int request, long number) {
            int at = request * requestBytes + keyAt + KEY_DIGITS;
            for (int i = 1; i <= KEY_DIGITS; i++) {
                requests[at - i] = (byte) ('0' + number % 10);
                number /= 10;
            }
        }

        void ask(int count) throws IOException {
            out.write(requests, 0, count * requestBytes);
            for (int i = 0; i < count; i++) {
                in.readFully(reply);
                if (!Arrays.equals(reply, OK)) {
                    throw new IOException("a SET was answered with "
                            + new String(reply, StandardCharsets.US_ASCII)
                            + new String(in.readNBytes(in.available()), StandardCharsets.US_ASCII).strip());
                }
            }
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }

    /** Sets each key once. */
    void fill() throws IOException {
        try (Connection connection = new Connection(port, valueBytes)) {
            for (long next = 0; next < keys; next += PIPELINE) {
                int count = (int) Math.min(PIPELINE, keys - next);
                for (int i = 0; i < count; i++) {
                    connection.key(i, next + i);
                }
                connection.ask(count);
            }
        }
    }

    /** Sets so many keys, any. */
    void overwrite(long count, long seed) throws IOException {
        SplittableRandom random = new SplittableRandom(seed);
        try (Connection connection = new Connection(port, valueBytes)) {
            for (long done = 0; done < count; done += PIPELINE) {
                for (int i = 0; i < PIPELINE; i++) {
                    connection.key(i, random.nextLong(keys));
                }
                connection.ask(PIPELINE);
            }
        }
    }

    /** Sets any keys for a time, with one request of each client under way; returns how long each took. */
    Histogram measure(int clients, double seconds, long seed) throws IOException, InterruptedException {
        Histogram all = new Histogram(1, LONGEST_NANOS, 3);
        long end = System.nanoTime() + (long) (seconds * 1e9);
        try (ExecutorService threads = Executors.newFixedThreadPool(clients)) {
            List<Future<Histogram>> each = new ArrayList<>();
            for (int i = 0; i < clients; i++) {
                SplittableRandom random = new SplittableRandom(seed * 1000 + i);
                each.add(threads.submit(() -> one(random, end)));
            }
            for (Future<Histogram> client : each) {
                all.add(client.get());
            }
        } catch (ExecutionException e) {
            throw new IOException(e.getCause());
        }
        return all;
    }

    private Histogram one(SplittableRandom random, long end) throws IOException {
        Histogram times = new Histogram(1, LONGEST_NANOS, 3);
        try (Connection connection = new Connection(port, valueBytes)) {
            for (long now = System.nanoTime(); now - end < 0; ) {
                connection.key(0, random.nextLong(keys));
                connection.ask(1);
                long then = System.nanoTime();
                times.recordValue(Math.min(then - now, LONGEST_NANOS));
                now = then;
            }
        }
        return times;
    }

    /** A number that the server's INFO tells. */
    long info(String field) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(ANSWER_WITHIN_MILLIS);
            socket.getOutputStream().write("INFO persistence\r\nQUIT\r\n".getBytes(StandardCharsets.US_ASCII));
            String text = new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
            return text.lines()
                    .filter(line -> line.startsWith(field + ":"))
                    .mapToLong(line -> Long.parseLong(line.substring(field.length() + 1)))
                    .findFirst()
                    .orElseThrow(() -> new IOException("the server's INFO does not tell " + field));
        }
    }
}
