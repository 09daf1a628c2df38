package io.sietch.bench.queue;

import io.sietch.persistent.Codec;
import io.sietch.persistent.PersistentQueue;
import io.sietch.persistent.Sietch;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Our queue with all defaults. A removal is always waited for: what is handed out is gone. */
final class SietchQueue implements BenchQueue {
    private static final int BETWEEN_WAITS = 1024;

    private final Sietch sietch;
    private final PersistentQueue<byte[]> queue;
    private final boolean durable;
    private volatile @Nullable Throwable failure;

    SietchQueue(Path directory, boolean durable) throws IOException {
        this.durable = durable;
        this.sietch = Sietch.open(directory);
        this.queue = sietch.queue("bench", Codec.bytes());
    }

    @Override
    public Worker worker() {
        return new Worker() {
            private int offered;

            @Override
            public void offer(byte[] item) throws IOException {
                if (durable) {
                    if (!queue.offer(item)) {
                        throw new IOException("the queue is full");
                    }
                    return;
                }
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
            public int poll(int max) throws IOException {
                return queue.poll(max).size();
            }
        };
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
