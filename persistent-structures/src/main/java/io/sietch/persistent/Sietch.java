package io.sietch.persistent;

/** Under construction. */
public final class Sietch {
    private Sietch() {}
}
