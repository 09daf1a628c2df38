package io.sietch.persistent.tool;

import io.sietch.persistent.Codec;
import io.sietch.persistent.PersistentLog;
import io.sietch.persistent.PersistentQueue;
import io.sietch.persistent.PersistentTable;
import io.sietch.persistent.Sietch;
import java.io.IOException;
import java.util.List;
import java.util.SplittableRandom;

/** What is timed: phases one after the other, each of operations that every thread does in turn. */
final class BenchWork implements AutoCloseable {
    /** The structures that can be timed. */
    enum Structure {
        LOG,
        QUEUE,
        TABLE
    }

    /** One operation of a thread. Returns when what it did is durable. */
    @FunctionalInterface
    interface Operation {
        /**
         * @param thread 0 and up
         * @param round how often this thread has been here
         */
        void run(int thread, long round) throws IOException;
    }

    /** An operation under the name that its times are told by. */
    record Step(String name, Operation operation) {}

    private static final int BLOCK = 4096;
    private static final int KEYS_MAX = 100_000;
    private static final int KEY_BYTES = 64;

    private final AutoCloseable structure;
    private final List<List<Step>> phases;

    private BenchWork(AutoCloseable structure, List<List<Step>> phases) {
        this.structure = structure;
        this.phases = phases;
    }

    List<List<Step>> phases() {
        return phases;
    }

    /**
     * Makes a structure to be timed.
     *
     * @param name of its area, which must not exist
     * @param areaBytes how large that will be
     */
    static BenchWork of(Structure kind, Sietch sietch, String name, long areaBytes, int threads, byte[] value)
            throws IOException {
        return switch (kind) {
            case LOG -> log(sietch.log(name), areaBytes, threads, value);
            case QUEUE -> queue(sietch.queue(name, Codec.bytes()), value);
            case TABLE -> table(sietch.table(name, Codec.longs(), Codec.bytes()), areaBytes, threads, value);
        };
    }

    private static BenchWork log(PersistentLog log, long areaBytes, int threads, byte[] value) {
        // In the worst case each record takes blocks of its own. All threads together trim before half is used.
        long recordBytes = value.length + 2L * BLOCK;
        long trimAfter = Math.max(1, areaBytes / 4 / recordBytes / threads);
        Operation append = (thread, round) -> {
            long position = log.appendAndWait(value);
            if (round % trimAfter == 0) {
                log.trim(position);
            }
        };
        return new BenchWork(log, List.of(List.of(new Step("append", append))));
    }

    private static BenchWork queue(PersistentQueue<byte[]> queue, byte[] value) {
        Step offer = new Step("offer", (thread, round) -> {
            if (!queue.offer(value)) {
                throw new IOException("the queue is full: its area is too small for so many threads and such values");
            }
        });
        Step poll = new Step("poll", (thread, round) -> queue.poll());
        return new BenchWork(queue, List.of(List.of(offer, poll)));
    }

    private static BenchWork table(PersistentTable<Long, byte[]> table, long areaBytes, int threads, byte[] value) {
        long keys = Math.clamp(areaBytes / 8 / (value.length + KEY_BYTES), 1, KEYS_MAX);
        SplittableRandom[] random = new SplittableRandom[threads];
        for (int i = 0; i < threads; i++) {
            random[i] = new SplittableRandom(i);
        }
        Step put = new Step("put", (thread, round) -> table.put(random[thread].nextLong(keys), value));
        Step get = new Step("get", (thread, round) -> table.get(random[thread].nextLong(keys)));
        return new BenchWork(table, List.of(List.of(put), List.of(get)));
    }

    @Override
    public void close() throws IOException {
        try {
            structure.close();
        } catch (IOException e) {
            throw e;
        } catch (Exception e) {
            throw new IOException("closing failed: " + e, e);
        }
    }
}
