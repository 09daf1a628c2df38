package io.sietch.bench.redis;

import io.sietch.net.StackOptions;
import io.sietch.vnic.VnicClient;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/**
 * What {@code redis-benchmark} does, over shared memory: one thread, one network card, any number of connections; each
 * sends so many requests at once and the next so many when all are answered, as {@code redis-benchmark -P}
 * does. Requests are written and answers are counted in place. Answers are checked by their length.
 */
final class ShmLoad implements AutoCloseable {
    private static final int PORT = 6379;
    private static final long LONGEST = TimeUnit.SECONDS.toNanos(60);

    private final VnicClient client;
    private final List<Line> lines = new ArrayList<>();
    private final Request request;
    private final int pipeline;
    private final long spinNanos;
    private final Histogram times = new Histogram(LONGEST, 3);
    private long answered;

    /**
     * One request and what answers it.
     *
     * @param bytes with twelve digits of the key at {@code keyAt}
     * @param answerBytes how long the answer is
     * @param keys how many there are
     * @param inOrder whether all are asked for in turn, and not any
     */
    record Request(MemorySegment bytes, int keyAt, int answerBytes, int keys, boolean inOrder) {
        static final int DIGITS = 12;

        static Request of(String test, int valueBytes, int keys) {
            boolean set = test.equals("set");
            String head = set ? "*3\r\n$3\r\nSET\r\n$16\r\nkey:" : "*2\r\n$3\r\nGET\r\n$16\r\nkey:";
            String tail = set ? "\r\n$" + valueBytes + "\r\n" + "x".repeat(valueBytes) + "\r\n" : "\r\n";
            byte[] all = (head + "0".repeat(DIGITS) + tail).getBytes(StandardCharsets.US_ASCII);
            int answer = set ? 5 : Integer.toString(valueBytes).length() + 3 + valueBytes + 2;
            return new Request(MemorySegment.ofArray(all), head.length(), answer, keys, false);
        }

        Request byTurns() {
            return new Request(bytes, keyAt, answerBytes, keys, true);
        }
    }

    /**
     * What came out.
     *
     * @param rate answers a second
     * @param meanMicros from sending a pipeline to its last answer
     * @param p50Micros of the same
     * @param p99Micros of the same
     */
    record Figures(double rate, double meanMicros, double p50Micros, double p99Micros) {}

    /** One connection. */
    private final class Line {
        private final ShmPipe pipe;
        private long awaited;
        private int unsent;
        private int ofRequest;
        private long sentAt;
        private long key;
        private long number;

        Line(ShmPipe pipe, long firstKey) {
            this.pipe = pipe;
            this.key = firstKey;
        }

        /** Takes answers, and sends the next requests when all are there. */
        void move() throws IOException {
            pipe.check();
            int n = pipe.available();
            if (n > 0) {
                pipe.consume(n);
                awaited -= n;
            }
            if (awaited == 0 && pipe.claimedLength() > 0) {
                long now = System.nanoTime();
                if (sentAt != 0) {
                    times.recordValue(Math.min(now - sentAt, LONGEST));
                    answered += pipeline;
                }
                sentAt = now;
                awaited = (long) request.answerBytes() * pipeline;
                unsent = pipeline;
            }
            while (unsent > 0 && send()) {
                unsent--;
            }
        }

        private long nextKey() {
            if (request.inOrder()) {
                return key++ % request.keys();
            }
            key = key * 6364136223846793005L + 1442695040888963407L;
            return Long.remainderUnsigned(key >>> 16, request.keys());
        }

        /** Sends the next request, or what is left of it. Returns false if there is no room for all of it now. */
        private boolean send() {
            key(ofRequest == 0 ? nextKey() : number);
            MemorySegment source = request.bytes();
            int length = (int) source.byteSize();
            while (ofRequest < length) {
                int run = Math.min(length - ofRequest, pipe.claimedLength());
                if (run == 0) {
                    return false;
                }
                MemorySegment.copy(source, ofRequest, pipe.claimedSegment(), pipe.claimedOffset(), run);
                pipe.commit(run);
                ofRequest += run;
            }
            ofRequest = 0;
            return true;
        }

        private void key(long newNumber) {
            number = newNumber;
            MemorySegment source = request.bytes();
            long at = request.keyAt() + Request.DIGITS - 1;
            for (long rest = number, end = at - Request.DIGITS; at > end; at--, rest /= 10) {
                source.set(ValueLayout.JAVA_BYTE, at, (byte) ('0' + rest % 10));
            }
        }
    }

    /**
     * @param overTcp whether to send by connections of TCP, and not by streams
     * @param spinNanos how long to look for answers before sleeping
     */
    ShmLoad(Path door, Request request, int connections, int pipeline, boolean overTcp, long spinNanos)
            throws IOException {
        this.client = VnicClient.connect(door, StackOptions.DEFAULTS.withBuffers(1 << 18, 1 << 18));
        this.request = request;
        this.pipeline = pipeline;
        this.spinNanos = spinNanos;
        for (int i = 0; i < connections; i++) {
            lines.add(new Line(ShmPipe.open(client, PORT, overTcp), i));
        }
    }

    /** Sets the keys in turn, as long as it is told to go on. */
    static ShmLoad filling(Path door, int valueBytes, int keys, long spinNanos) throws IOException {
        return new ShmLoad(door, Request.of("set", valueBytes, keys).byTurns(), 1, 16, false, spinNanos);
    }

    /**
     * Sets every key once: the answer to a GET of one that is not there would have another length.
     *
     * @throws IOException if that takes more than a minute
     */
    static void fill(Path door, int valueBytes, int keys, long spinNanos) throws IOException {
        try (ShmLoad load = filling(door, valueBytes, keys, spinNanos)) {
            load.run(60, keys);
            if (load.answered < keys) {
                throw new IOException("only " + load.answered + " of " + keys + " keys were set within a minute");
            }
        }
    }

    /** Takes what has arrived and sends what is due, without waiting. Returns how many requests are answered so far. */
    long step() throws IOException {
        client.poll();
        move();
        client.flush();
        return answered;
    }

    private void move() throws IOException {
        for (int i = 0; i < lines.size(); i++) {
            lines.get(i).move();
        }
    }

    /** Goes on for so long, and tells what came out meanwhile. */
    Figures run(double seconds) throws IOException {
        return run(seconds, Long.MAX_VALUE);
    }

    private Figures run(double seconds, long enough) throws IOException {
        times.reset();
        answered = 0;
        long start = System.nanoTime();
        long end = start + (long) (seconds * 1e9);
        long now = start;
        while (now - end < 0 && answered < enough) {
            int work = client.poll();
            move();
            client.flush();
            // Before waiting, and not after it, when an answer is there.
            now = System.nanoTime();
            if (work == 0) {
                client.await(end - now, spinNanos);
                if (!client.isOpen()) {
                    throw new IOException("the server has ended");
                }
            }
        }
        return new Figures(
                answered * 1e9 / (now - start),
                times.getMean() / 1e3,
                times.getValueAtPercentile(50) / 1e3,
                times.getValueAtPercentile(99) / 1e3);
    }

    @Override
    public void close() throws IOException {
        client.close();
    }
}
