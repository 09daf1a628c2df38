package io.sietch.bench.queue;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A queue: what is measured, and nothing about how. */
interface BenchQueue extends AutoCloseable {
    /** One thread's way in. */
    interface Worker {
        /** Appends an item; when it returns, that is durable, or (where nobody waits) accepted. */
        void offer(byte[] item) throws Exception;

        /**
         * Removes some of the first items and counts them; 0 if there is none. When it returns, that is durable where
         * the queue can do that, or (where nobody waits) accepted.
         */
        int poll(int max) throws Exception;
    }

    Worker worker() throws Exception;

    /** Why something that nobody waited for failed, or null. */
    default @Nullable Throwable failure() {
        return null;
    }

    @Override
    void close() throws IOException;
}
