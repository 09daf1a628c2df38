package io.sietch.vsa;

/** Under construction. */
public final class ControlPlane {
    private ControlPlane() {}
}
