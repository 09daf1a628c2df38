package io.sietch.bench.log;

import io.sietch.bench.report.Lanes;
import java.io.IOException;

/** A log, or what is used as one: what is measured, and nothing about how. */
interface LogContender extends AutoCloseable {
    /** One thread's way in. */
    @FunctionalInterface
    interface Writer extends Lanes.Worker {
        /**
         * Appends one record. When it returns, the record is durable ({@link Promise#DURABLE}) or accepted
         * ({@link Promise#ACCEPTED}).
         */
        void append(Payload payload) throws Exception;
    }

    /** What holds when an append returns. */
    enum Promise {
        /** The record survives a loss of power. */
        DURABLE,
        /** The record is on its way, and nobody waits for it. */
        ACCEPTED
    }

    /** A writer for the calling thread. */
    Writer writer() throws IOException;

    /**
     * Returns when everything accepted has been handed to the operating system, or further. Called once, by one thread,
     * when no writer is at work any more; its time counts.
     */
    default void drain() throws Exception {
        // nothing is ever left over
    }

    @Override
    void close() throws IOException;
}
