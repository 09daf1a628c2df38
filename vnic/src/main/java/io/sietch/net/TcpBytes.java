package io.sietch.net;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of a connection where they lie, for applications that do without a buffer of their own: what has arrived is
 * looked at in the memory that the peer's window stands for, and what is to be sent is written to where it stays until
 * it is acknowledged.
 *
 * <p>Both memories are rings. A run ends where the ring does, so what is received or claimed may be less than there is:
 * after {@link #consume} or {@link #commit} of all of it, the next run begins.
 *
 * <p>Threads: that of the {@link Stack}. What a method answers is valid until the stack is polled.
 */
public final class TcpBytes {
    private final TcpConnection connection;

    TcpBytes(TcpConnection connection) {
        this.connection = connection;
    }

    // ---- receiving --------------------------------------------------------------------------------------------------

    private @Nullable ByteRing received() {
        return connection.receiver.ring();
    }

    /** The memory with the received bytes, to be read only. */
    public MemorySegment receivedSegment() {
        ByteRing ring = received();
        return ring == null ? MemorySegment.NULL : ring.memory();
    }

    /** Where in {@link #receivedSegment} the first of them lies. */
    public long receivedOffset() {
        ByteRing ring = received();
        return ring == null ? 0 : ring.firstAt();
    }

    /** How many lie there one after the other; 0 if none has arrived. */
    public int receivedLength() {
        ByteRing ring = received();
        return ring == null ? 0 : ring.firstRun();
    }

    /**
     * Gives up the first so many received bytes. They may be more than {@link #receivedLength}, up to {@link
     * TcpConnection#available}.
     *
     * @throws IllegalArgumentException if there are fewer
     */
    public void consume(int length) {
        ByteRing ring = received();
        if (length < 0 || length > connection.available()) {
            throw new IllegalArgumentException("cannot consume " + length + " of " + connection.available() + " bytes");
        }
        if (ring != null) {
            ring.drop(length);
            connection.consumed(length);
        }
    }

    // ---- sending ----------------------------------------------------------------------------------------------------

    private @Nullable ByteRing sending() {
        return connection.canWrite() ? connection.sender().writable() : null;
    }

    /** The memory for bytes to send. */
    public MemorySegment claimedSegment() {
        ByteRing ring = sending();
        return ring == null ? MemorySegment.NULL : ring.memory();
    }

    /** Where in {@link #claimedSegment} the next one goes. */
    public long claimedOffset() {
        ByteRing ring = sending();
        return ring == null ? 0 : ring.roomAt();
    }

    /**
     * How many have room there one after the other; 0 if none has, and then the connection's handler hears when some
     * have again.
     */
    public int claimedLength() {
        ByteRing ring = sending();
        int length = ring == null ? 0 : ring.roomRun();
        connection.wantsRoom |= length == 0;
        return length;
    }

    /**
     * Sends the first so many claimed bytes, from the next poll on.
     *
     * @throws IllegalArgumentException if that is more than there was room for
     */
    public void commit(int length) {
        ByteRing ring = sending();
        if (length < 0 || length > (ring == null ? 0 : ring.roomRun())) {
            throw new IllegalArgumentException(
                    "cannot send " + length + " bytes: there is room for " + (ring == null ? 0 : ring.roomRun()));
        }
        if (ring != null && length > 0) {
            ring.extend(length);
            connection.stack.dirty(connection);
        }
    }
}
