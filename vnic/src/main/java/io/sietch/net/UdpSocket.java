package io.sietch.net;

import java.lang.foreign.MemorySegment;

/** A UDP port of a {@link Stack}. Threads: that of the stack. */
public final class UdpSocket {
    private final Stack stack;
    private final int port;
    private final UdpHandler handler;

    UdpSocket(Stack stack, int port, UdpHandler handler) {
        this.stack = stack;
        this.port = port;
        this.handler = handler;
    }

    /** Our port. */
    public int port() {
        return port;
    }

    UdpHandler handler() {
        return handler;
    }

    /**
     * Sends a datagram, with the next poll at the latest.
     *
     * @return false if it is longer than a frame, or there is no buffer now
     */
    public boolean send(int address, int toPort, MemorySegment memory, long offset, int length) {
        return stack.sendUdp(port, address, toPort, memory, offset, length);
    }

    /** Takes no more datagrams. */
    public void close() {
        stack.remove(this);
    }
}
