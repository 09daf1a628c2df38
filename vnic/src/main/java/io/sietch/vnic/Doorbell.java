package io.sietch.vnic;

/** Tells the other end of a pair of rings that there is something in them. */
@FunctionalInterface
interface Doorbell {
    /** For an end that is polled all the time, or by the same thread. */
    Doorbell NONE = () -> {};

    /** Wakes the other end if it sleeps. Cheap if it does not. */
    void ring();
}
