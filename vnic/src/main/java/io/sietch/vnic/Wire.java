package io.sietch.vnic;

import io.sietch.net.Link;
import java.nio.channels.SelectableChannel;

/**
 * A link that leads out of this process, with what a loop needs in order to wait for it.
 *
 * <p>Threads: one at a time.
 */
public interface Wire extends Link, AutoCloseable {
    /** What it is called, for people. */
    String name();

    /** The IPv4 address of whoever uses this end. */
    int address();

    /** Whether a frame has arrived that was not received yet. Cheap: a loop that spins asks again and again. */
    boolean hasArrived();

    /**
     * A channel that is ready to be read whenever frames have arrived, to be registered with a selector. Nobody else
     * reads from it; it is closed with the wire, and when the wire has failed.
     */
    SelectableChannel readiness();

    /**
     * The loop is about to wait for {@link #readiness}, and asks {@link #hasArrived} once more before it does; or it
     * has waited. Readiness counts between the two only.
     */
    default void sleeps(boolean sleeping) {}

    /** {@link #readiness} has ended a wait. */
    default void ready() {}

    /** Leaves the wire. Its memory may not be touched after. */
    @Override
    void close();
}
