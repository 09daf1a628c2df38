package io.sietch.persistent;

import java.io.IOException;

/** The thread that a {@link PersistentLog} belongs to, as far as the log needs to know it. */
interface LogRunner {
    /** Something to run on the log's thread. */
    @FunctionalInterface
    interface Call<T> {
        T run() throws IOException;
    }

    /** Runs on the log's thread, between two polls, and waits for the result. */
    <T> T call(Call<T> body) throws IOException;

    /** Whether the calling thread is the log's. */
    boolean isCurrent();

    /** Tells the log's thread that there is work. */
    void wake();
}
