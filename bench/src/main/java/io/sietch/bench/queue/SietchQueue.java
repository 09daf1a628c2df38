package io.sietch.bench.queue;

import io.sietch.bench.queue.QueueCase.Promise;
import io.sietch.persistent.Codec;
import io.sietch.persistent.Lease;
import io.sietch.persistent.PersistentQueue;
import io.sietch.persistent.Sietch;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Our queue with all defaults. What is handed out is gone, or (where it may come again) leased. */
final class SietchQueue implements BenchQueue {
    private static final int BETWEEN_WAITS = 1024;

    /** So many batches are asked for before the first of them is looked at, where nobody waits. */
    static final int POLLS_AHEAD = 4;

    private final Sietch sietch;
    private final PersistentQueue<byte[]> queue;
    private final Promise promise;
    private volatile @Nullable Throwable failure;

    SietchQueue(Path directory, Promise promise) throws IOException {
        this.promise = promise;
        this.sietch = Sietch.open(directory);
        this.queue = sietch.queue("bench", Codec.bytes());
    }

    @Override
    public Worker worker() {
        return promise == Promise.NOBODY_WAITS ? new Streaming() : new Waiting();
    }

    private final class Waiting implements Worker {
        @Override
        public void offer(byte[] item) throws IOException {
            if (!queue.offer(item)) {
                throw new IOException("the queue is full");
            }
        }

        @Override
        public int poll(int max) throws IOException {
            if (promise == Promise.DURABLE) {
                return max == 1 ? queue.poll() == null ? 0 : 1 : queue.poll(max).size();
            }
            Lease<byte[]> lease = queue.lease();
            if (lease == null) {
                return 0;
            }
            lease.ackLater();
            return 1;
        }
    }

    private final class Streaming implements Worker {
        private final ArrayDeque<CompletableFuture<List<byte[]>>> polls = new ArrayDeque<>();
        private int offered;

        @Override
        public void offer(byte[] item) {
            CompletableFuture<Boolean> end = queue.offerAsync(item);
            // So many may be on their way.
            if (++offered % BETWEEN_WAITS == 0) {
                end.join();
            }
            end.whenComplete(this::done);
        }

        private void done(@Nullable Boolean accepted, @Nullable Throwable refusal) {
            if (refusal != null) {
                failure = refusal;
            } else if (!Boolean.TRUE.equals(accepted)) {
                failure = new IOException("the queue is full");
            }
        }

        @Override
        public int poll(int max) {
            while (polls.size() < POLLS_AHEAD) {
                polls.add(queue.pollAsync(max));
            }
            return polls.remove().join().size();
        }
    }

    @Override
    public @Nullable Throwable failure() {
        return failure;
    }

    @Override
    public void close() throws IOException {
        sietch.close();
    }
}
