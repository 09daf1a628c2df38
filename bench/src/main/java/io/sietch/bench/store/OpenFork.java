package io.sietch.bench.store;

import io.sietch.bench.report.Children;
import io.sietch.persistent.Codec;
import io.sietch.persistent.PersistentTable;
import io.sietch.persistent.Sietch;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.SplittableRandom;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/** What {@link OpenCommand} kills: a JVM that loads a table and goes on changing it, or that opens one. */
public final class OpenFork {
    /** The line after which it waits for being killed. */
    static final String READY = "ready to be killed";

    static final String FIELDS = "\t";

    private static final long LONGEST_NANOS = 60_000_000_000L;

    /** So many puts of each kind are not timed: code that is run for the first time is slow. */
    private static final long COLD = 100_000;

    private static final String NAME = "open";

    private final Sietch sietch;
    private final PersistentTable<byte[], byte[]> table;
    private volatile boolean failed;

    private OpenFork(Path directory) throws IOException {
        this.sietch = Sietch.open(directory);
        this.table = sietch.table(NAME, Codec.bytes(), Codec.bytes());
    }

    /** @param args load, directory, keys, bytes of a value, seconds of overwriting; or open, directory */
    public static void main(String[] args) throws Exception {
        Children.endWithParent();
        Path directory = Path.of(args[1]);
        if (args[0].equals("open")) {
            open(directory);
        } else {
            new OpenFork(directory)
                    .load(Long.parseLong(args[2]), Integer.parseInt(args[3]), Double.parseDouble(args[4]));
        }
        // Not closed: who opens it next finds it as it was.
        Runtime.getRuntime().halt(0);
    }

    private static byte[] key(long number) {
        return ByteBuffer.allocate(16)
                .putLong(number * 0x9E3779B97F4A7C15L)
                .putLong(number)
                .array();
    }

    private void load(long keys, int valueBytes, double churnSeconds) throws Exception {
        byte[] value = new byte[valueBytes];
        Histogram loading = new Histogram(LONGEST_NANOS, 3);
        for (long i = 0; i < keys; i++) {
            put(i, value, i < COLD ? null : loading);
        }
        Histogram changing = new Histogram(LONGEST_NANOS, 3);
        SplittableRandom random = new SplittableRandom(1);
        long end = System.nanoTime() + (long) (churnSeconds * 1e9);
        for (long i = 0; System.nanoTime() < end; i++) {
            put(random.nextLong(keys), value, i < COLD ? null : changing);
        }
        table.sync().join();
        if (failed) {
            throw new IOException("a put failed");
        }
        System.out.println(String.join(
                FIELDS,
                tail(loading),
                tail(changing),
                String.valueOf(table.metrics().flushLatency().getMaxValue())));
        System.out.println(READY);
        Thread.currentThread().join();
    }

    /** Takes down how long it took to hand the put over. */
    private void put(long number, byte[] value, @Nullable Histogram times) {
        long begin = System.nanoTime();
        table.putAsync(key(number), value, (position, failure) -> failed |= failure != null);
        if (times != null) {
            times.recordValue(Math.min(System.nanoTime() - begin, LONGEST_NANOS));
        }
    }

    private static String tail(Histogram times) {
        return times.getValueAtPercentile(99.99) + FIELDS + times.getMaxValue();
    }

    private static void open(Path directory) throws IOException {
        long begin = System.nanoTime();
        OpenFork fork = new OpenFork(directory);
        boolean found = fork.table.containsKey(key(0));
        long nanos = System.nanoTime() - begin;
        System.out.println(String.join(
                FIELDS,
                String.valueOf(nanos),
                String.valueOf(found ? fork.table.size() : 0),
                String.valueOf(fork.table.opening().loadedKeys()),
                String.valueOf(fork.table.opening().replayedBytes())));
    }
}
