package io.sietch.vnic;

/** Under construction. */
public final class Flow {
    private Flow() {}
}
