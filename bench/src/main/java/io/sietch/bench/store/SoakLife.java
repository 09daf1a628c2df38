package io.sietch.bench.store;

import io.sietch.persistent.AppendCallback;
import io.sietch.persistent.PersistentTable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * What a soaked table must hold, and threads that change it. Each key belongs to one writer, so that it is known what
 * is there when all have stopped; a reader meanwhile looks at all keys, and must never see a value of another one.
 */
final class SoakLife {
    private static final int WRITERS = 2;
    private static final int HEADER = 12;
    private static final int VALUE_MAX = 400;
    private static final int REMOVE_PERCENT = 10;
    private static final int BETWEEN_SYNCS = 1 << 12;

    /** The version that each key has; 0 for none. Each element is touched by its writer only, and between lives. */
    private final int[] versions;

    private final long seed;
    private volatile @Nullable IOException failure;
    private final AppendCallback remember = (position, refusal) -> {
        if (refusal != null) {
            failure = refusal;
        }
    };

    SoakLife(int keys, long seed) {
        this.versions = new int[keys];
        this.seed = seed;
    }

    private static byte[] value(int key, int version) {
        int length = HEADER + Math.floorMod(key * 31 + version * 17, VALUE_MAX);
        return ByteBuffer.allocate(length).putLong(key).putInt(version).array();
    }

    /** Changes keys for so long. Returns how many changes there were, when all are durable. */
    long live(PersistentTable<Long, byte[]> table, int life, long nanos) throws Exception {
        AtomicBoolean stopped = new AtomicBoolean();
        long changes = 0;
        try (ExecutorService threads = Executors.newFixedThreadPool(WRITERS + 1)) {
            List<Future<Long>> writers = new ArrayList<>();
            for (int i = 0; i < WRITERS; i++) {
                int writer = i;
                Callable<Long> body = () -> write(table, writer, seed + life * 1000L + writer, nanos);
                writers.add(threads.submit(body));
            }
            Callable<Boolean> reading = () -> read(table, life, stopped);
            Future<Boolean> reader = threads.submit(reading);
            try {
                for (Future<Long> writer : writers) {
                    changes += result(writer);
                }
            } finally {
                stopped.set(true);
            }
            result(reader);
        }
        table.sync().join();
        IOException refusal = failure;
        if (refusal != null) {
            throw new IOException("a change failed", refusal);
        }
        return changes;
    }

    private static <T> T result(Future<T> future) throws Exception {
        try {
            return future.get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof Exception cause ? cause : e;
        }
    }

    private long write(PersistentTable<Long, byte[]> table, int writer, long from, long nanos) {
        SplittableRandom random = new SplittableRandom(from);
        int own = (versions.length - writer + WRITERS - 1) / WRITERS;
        long start = System.nanoTime();
        long done = 0;
        while (own > 0 && System.nanoTime() - start < nanos) {
            int key = writer + WRITERS * random.nextInt(own);
            if (versions[key] != 0 && random.nextInt(100) < REMOVE_PERCENT) {
                versions[key] = 0;
                // Its future fails with the sync, if it fails.
                table.removeAsync((long) key);
            } else {
                int version = (int) (from * 7919 + done) | 1;
                versions[key] = version;
                table.putAsync((long) key, value(key, version), remember);
            }
            if (++done % BETWEEN_SYNCS == 0) {
                table.sync().join();
            }
        }
        return done;
    }

    private boolean read(PersistentTable<Long, byte[]> table, long life, AtomicBoolean stopped) {
        SplittableRandom random = new SplittableRandom(life);
        while (!stopped.get()) {
            int key = random.nextInt(versions.length);
            byte[] found = table.get((long) key);
            if (found != null
                    && !Arrays.equals(found, value(key, ByteBuffer.wrap(found).getInt(8)))) {
                throw new IllegalStateException("key " + key + " showed a value that is none of its own");
            }
        }
        return true;
    }

    /** Compares all keys with what was put, and lets the table look at everything itself. */
    void check(PersistentTable<Long, byte[]> table) throws IOException {
        long size = 0;
        for (int key = 0; key < versions.length; key++) {
            byte[] found = table.get((long) key);
            int version = versions[key];
            boolean right = version == 0 ? found == null : found != null && Arrays.equals(found, value(key, version));
            if (!right) {
                throw new IllegalStateException("key " + key + " has "
                        + (found == null ? "no value" : found.length + " other bytes") + " after opening");
            }
            size += version == 0 ? 0 : 1;
        }
        if (table.size() != size) {
            throw new IllegalStateException("the table says that it has " + table.size() + " keys; it has " + size);
        }
        var verification = table.verify();
        if (!verification.isSound()) {
            throw new IllegalStateException("the table does not verify: " + verification);
        }
    }
}
