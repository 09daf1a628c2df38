package io.sietch.persistent;

/** Under construction: the face of {@link LogCore} for many threads. */
public final class PersistentLog {
    private PersistentLog() {}
}
