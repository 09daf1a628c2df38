package io.sietch.vnic;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * One connection: bytes in order in both directions. The owner looks at received bytes where they lie
 * ({@link #receivedSegment}), consumes what it has understood, writes replies straight into the send buffer
 * ({@link #claim}, {@link #commit}) and says up to where they may leave ({@link #flush}).
 *
 * <p>Words. A <em>position</em> counts the bytes committed since the flow was opened. It is always {@code sent <=
 * flushed <= committed}.
 *
 * <p>Threads: that of the network's loop, alone. After {@link #close} every method is harmless: there is nothing to
 * receive and {@link #claim} answers false.
 */
public interface Flow {
    /** The number of the flow in its network, counted from 1 and never used twice. */
    long id();

    /** Who is at the other end, for people to read. */
    String peer();

    /** At which local address the flow arrived, for people to read. */
    String local();

    // ---- receiving --------------------------------------------------------------------------------------------------

    /**
     * The memory that holds the received and not yet consumed bytes, at {@link #receivedOffset}. It is valid until the
     * {@link FlowHandler} returns or, outside of it, until the next poll; bytes that were not consumed are kept and
     * stand before those that follow, maybe at another address.
     */
    MemorySegment receivedSegment();

    /** Where in {@link #receivedSegment} the first byte lies. */
    long receivedOffset();

    /** How many bytes there are. */
    int receivedLength();

    /**
     * Gives up the first {@code length} received bytes.
     *
     * @throws IllegalArgumentException if there are fewer
     */
    void consume(int length);

    /** Stops receiving: the network's own flow control then slows the peer down. */
    void pause();

    /** Receives again. Bytes kept meanwhile are not announced once more. */
    void resume();

    // ---- sending ----------------------------------------------------------------------------------------------------

    /**
     * Makes room for at least {@code length} bytes at {@link #claimedOffset} of {@link #claimedSegment}.
     *
     * @return false if the flow's or the network's memory limit does not allow it, or the flow is closed
     */
    boolean claim(int length);

    /** The memory that the claimed bytes go to. Valid until the next claim, flush or poll. */
    MemorySegment claimedSegment();

    /** Where in {@link #claimedSegment} the next byte goes. */
    long claimedOffset();

    /** How many bytes there is room for. */
    int claimedLength();

    /** Appends the first {@code length} claimed bytes to what will be sent; 0 gives the claim back. */
    void commit(int length);

    /** The position after the last committed byte. */
    long committed();

    /**
     * Drops committed bytes from {@code position} on.
     *
     * @throws IllegalArgumentException if they were flushed already, or not yet committed
     */
    void rewind(long position);

    /**
     * Lets everything before {@code position} leave: sends what the network takes at once, the rest as soon as it takes
     * more. A smaller position than before changes nothing.
     */
    void flush(long position);

    /** The position up to which the network has taken over the bytes. */
    long sent();

    /** Bytes committed and not yet taken over by the network. */
    default long unsent() {
        return committed() - sent();
    }

    // ---- life -------------------------------------------------------------------------------------------------------

    /** Lets everything committed leave, receives no more, and closes when all is sent. */
    void finish();

    /** Closes at once; what was not sent is lost. {@link FlowHandler#closed} follows in the next poll. */
    void close();

    /** Whether bytes may still be sent. */
    boolean isOpen();

    /** What the owner attached. */
    @Nullable
    Object attachment();

    /** Attaches something of the owner's. */
    void attach(@Nullable Object attachment);
}
