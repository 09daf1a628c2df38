package io.sietch.crash;

/**
 * Something that changed a {@link CrashMedia}, or made it durable.
 *
 * @param offset where; for a growth, the size before
 * @param length of what was written or flushed, in bytes; for a growth, the size after
 * @param nanos when it began, on the device's clock
 */
record Event(Kind kind, long offset, long length, boolean failed, long nanos) {
    enum Kind {
        WRITE,
        FLUSH,
        FLUSH_ONLY,
        DEALLOCATE,
        GROW
    }

    Event ofFailure() {
        return new Event(kind, offset, length, true, nanos);
    }

    boolean isFlush() {
        return kind == Kind.FLUSH || kind == Kind.FLUSH_ONLY;
    }
}
