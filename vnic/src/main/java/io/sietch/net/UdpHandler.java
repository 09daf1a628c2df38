package io.sietch.net;

import java.lang.foreign.MemorySegment;

/** Who gets the datagrams of a {@link UdpSocket}. */
@FunctionalInterface
public interface UdpHandler {
    /**
     * A datagram has arrived. Its memory is valid until this returns.
     *
     * @param socket through which it came
     * @param address of the sender
     * @param port of the sender
     */
    void datagram(UdpSocket socket, int address, int port, MemorySegment memory, long offset, int length);
}
