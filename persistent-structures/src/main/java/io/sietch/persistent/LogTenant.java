package io.sietch.persistent;

import java.lang.foreign.MemorySegment;

/** What becomes of the payloads that are handed to a {@link PersistentLog}. On the log's thread. */
interface LogTenant {
    /**
     * Result of {@link #append}: nothing was to be done. Told to the caller when everything appended so far is
     * complete.
     */
    long UNDONE = -5;

    /** Appends a payload. Returns an END position, {@link #UNDONE}, or a refusal of {@link LogCore#claim}. */
    long append(MemorySegment payload, long offset, int length);

    /** Does what follows from the log having moved on. Returns how much was done. */
    int poll();

    /** How long the log may be left alone when nothing was done. */
    default long idleNanos() {
        return Long.MAX_VALUE;
    }

    /** Everything before this position is complete: durable, and whatever that entails is done. */
    long completed();

    /** What keeps room from coming back, for a message; may be empty. */
    default String whyFull() {
        return "";
    }

    /** How large the log's area may usefully become where room runs short, in bytes: it is not grown further ahead. */
    default long areaBytesWanted() {
        return Long.MAX_VALUE;
    }
}
