package io.sietch.persistent;

/**
 * A structure as the {@link Sietch} sees it that it lives in. On the structure's thread, where nothing else is said.
 */
interface Hosted {
    /** The name of its area. Any thread. */
    String name();

    /** The log that it is made of. */
    LogCore log();

    /** Does the structure's share of a turn. Whatever breaks, those who wait are told. */
    int pollSafely();

    /** How long it may be left alone when it had nothing to do, as {@link io.sietch.vsic.Poller#idleNanos}. */
    default long idleNanos() {
        return Long.MAX_VALUE;
    }

    /** Whether it was closed, so that it has to be opened anew. Any thread. */
    boolean isClosed();

    /** Whether nothing will ever come from this structure again. */
    boolean hasEnded();
}
