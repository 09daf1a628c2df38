package io.sietch.persistent;

/** Keeps segments of a log from being used again while somebody reads them who has no {@link ReaderPin}. */
@FunctionalInterface
interface FreeGuard {
    /**
     * All segments before {@code segment} were trimmed. Returns up to which they may be freed now; the log asks again.
     */
    long keepFrom(long segment);
}
