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

    /** Whether the calling thread is the log's, or its guest. */
    boolean isCurrent();

    /** Tells the log's thread that there is work. */
    void wake();

    /**
     * Lets the calling thread do what the log's thread would, as its guest, until it {@link #leave leaves}: if that
     * thread has nothing to do, and a flush runs on the thread that polls.
     */
    boolean tryEnter();

    /** Polls the device below. By the guest. */
    int pollDevice();

    /** Whether others have work for the log's thread meanwhile. */
    boolean isWanted();

    /**
     * The guest leaves.
     *
     * @param owed whether it leaves something to be done
     */
    void leave(boolean owed);
}
