package io.sietch.crash;

/** Under construction. */
public final class CrashMedia {
    private CrashMedia() {}
}
