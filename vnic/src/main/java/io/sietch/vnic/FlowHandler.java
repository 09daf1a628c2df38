package io.sietch.vnic;

/**
 * What the owner of flows does when something happens to them. Called from {@link Network#poll} only, on its thread.
 */
public interface FlowHandler {
    /** A peer has connected. */
    void opened(Flow flow);

    /**
     * Bytes have arrived. Whatever is not consumed is kept; the next call comes when more bytes have arrived. At most
     * one call for each flow and poll.
     */
    void received(Flow flow);

    /** The peer will send no more, but may still read. Bytes received before are still there. */
    default void ended(Flow flow) {
        flow.finish();
    }

    /** The peer had been slow, and everything flushed is now sent. */
    default void writable(Flow flow) {}

    /** The flow is closed. The last call for each flow, exactly one for each that was {@link #opened}. */
    void closed(Flow flow, CloseCause cause);
}
