package io.sietch.vnic;

/** What happens when a channel is ready that is not a flow. Attached to the channel's key. */
@FunctionalInterface
interface KernelEvent {
    /** The channel is ready. */
    void ready(long nowNanos);
}
