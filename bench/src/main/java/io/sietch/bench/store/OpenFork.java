package io.sietch.bench.store;

import io.sietch.bench.report.Children;
import io.sietch.persistent.Codec;
import io.sietch.persistent.PersistentTable;
import io.sietch.persistent.Sietch;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.SplittableRandom;

/** What {@link OpenCommand} kills: a JVM that loads a table and goes on changing it, or that opens one. */
public final class OpenFork {
    /** The line after which it waits for being killed. */
    static final String READY = "ready to be killed";

    static final String FIELDS = "\t";
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
        long longest = 0;
        for (long i = 0; i < keys; i++) {
            longest = Math.max(longest, put(i, value));
        }
        SplittableRandom random = new SplittableRandom(1);
        long end = System.nanoTime() + (long) (churnSeconds * 1e9);
        while (System.nanoTime() < end) {
            longest = Math.max(longest, put(random.nextLong(keys), value));
        }
        table.sync().join();
        if (failed) {
            throw new IOException("a put failed");
        }
        System.out.println(longest);
        System.out.println(READY);
        Thread.currentThread().join();
    }

    /** Returns how long it took to hand the put over. */
    private long put(long number, byte[] value) {
        long begin = System.nanoTime();
        table.putAsync(key(number), value, (position, failure) -> failed |= failure != null);
        return System.nanoTime() - begin;
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
