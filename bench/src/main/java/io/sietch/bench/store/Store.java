package io.sietch.bench.store;

import io.sietch.bench.report.Lanes;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * A key-value store: what is measured, and nothing about how. Keys and values are byte arrays that the caller keeps.
 */
interface Store extends AutoCloseable {
    /** One thread's way in. */
    interface Worker extends Lanes.Worker {
        /** The value of a key, in an array that may be used again by the next call; null if it is not there. */
        byte @Nullable [] get(byte[] key) throws Exception;

        /**
         * Gives a key a value. When it returns, that is durable ({@link Promise#DURABLE}) or accepted
         * ({@link Promise#ACCEPTED}).
         */
        void put(byte[] key, byte[] value) throws Exception;

        /** As {@link #put}, while nobody else uses the store: may gather many in a transaction. */
        default void load(byte[] key, byte[] value) throws Exception {
            put(key, value);
        }

        /** The loading is over. */
        default void endLoad() throws Exception {
            // nothing was gathered
        }
    }

    /** What holds when a put returns. */
    enum Promise {
        /** The entry survives a loss of power. */
        DURABLE,
        /** The entry is on its way, and nobody waits for it. */
        ACCEPTED
    }

    /**
     * How a store is opened.
     *
     * @param entries at most so many; for those who want to know beforehand
     * @param valueBytes of each entry
     */
    record Setup(Promise promise, long entries, int valueBytes) {
        boolean durable() {
            return promise == Promise.DURABLE;
        }
    }

    /** A worker for the calling thread. */
    Worker worker() throws Exception;

    /** Returns when everything accepted is durable and can be read; as far as the store can do that. */
    default void drain() throws Exception {
        // nothing is ever left over
    }

    @Override
    void close() throws IOException;
}
