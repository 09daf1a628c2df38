package io.sietch.net;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * UDP (RFC 768): who gets the datagrams that come, and those that go.
 *
 * <p>Where the link takes runs, datagrams that are sent in one turn from one port to another gather: the first waits,
 * the next ones of its length are put behind it, and all leave as one frame. A shorter one ends the run. What goes
 * elsewhere sends it off before, so that datagrams leave in the order in which they were sent. A turn ends with {@link
 * #flush}; nothing waits longer.
 */
final class Udp {
    private final Stack stack;
    private final Link link;
    private final MemorySegment memory;
    private final List<UdpSocket> sockets = new ArrayList<>();

    /** How many datagrams a run may have, and how much payload; one, if the link takes none. */
    private final int maxCount;

    private final int maxBytes;

    private long buffer = Link.NONE;
    private int from;
    private int to;
    private int toPort;
    private int each;
    private int count;
    private int bytes;

    Udp(Stack stack, Link link, boolean offload) {
        this.stack = stack;
        this.link = link;
        this.memory = link.memory();
        this.maxCount = offload ? Math.max(1, link.maxRunDatagrams()) : 1;
        this.maxBytes = Math.min(link.maxRunBytes(), EthernetFormat.BYTES + 0xFFFF) - headerBytes();
    }

    private static int headerBytes() {
        return EthernetFormat.BYTES + Ipv4Format.BYTES + UdpFormat.BYTES;
    }

    // ---- sockets ----------------------------------------------------------------------------------------------------

    /** A port that is free, from {@code lowest} on; {@code first} ports further is where to begin looking. */
    int free(int lowest, int first) {
        int chosen = lowest + first;
        while (socket(chosen) != null) {
            chosen = chosen == 0xFFFF ? lowest : chosen + 1;
        }
        return chosen;
    }

    UdpSocket bind(int port, UdpHandler handler) {
        if (socket(port) != null) {
            throw new IllegalArgumentException("UDP port " + port + " is in use");
        }
        UdpSocket socket = new UdpSocket(stack, port, handler);
        sockets.add(socket);
        return socket;
    }

    void remove(UdpSocket socket) {
        sockets.remove(socket);
    }

    private @Nullable UdpSocket socket(int port) {
        for (int i = 0; i < sockets.size(); i++) {
            if (sockets.get(i).port() == port) {
                return sockets.get(i);
            }
        }
        return null;
    }

    void receive(MemorySegment frame, long ip, int source, long at, int length) {
        if (length < UdpFormat.BYTES
                || UdpFormat.length(frame, at) < UdpFormat.BYTES
                || UdpFormat.length(frame, at) > length) {
            stack.counters().countMalformed();
            return;
        }
        UdpSocket socket = socket(UdpFormat.destinationPort(frame, at));
        if (socket == null) {
            stack.icmp().sendUnreachable(frame, ip, source, IcmpFormat.NO_PORT);
        } else {
            int payload = UdpFormat.length(frame, at) - UdpFormat.BYTES;
            socket.handler()
                    .datagram(socket, source, UdpFormat.sourcePort(frame, at), frame, at + UdpFormat.BYTES, payload);
        }
    }

    // ---- sending ----------------------------------------------------------------------------------------------------

    /** Whether a datagram waits for others. */
    boolean isWaiting() {
        return buffer != Link.NONE;
    }

    /** Returns false if there is no buffer. The length was checked. */
    boolean send(int fromPort, int address, int port, MemorySegment source, long offset, int length) {
        if (isWaiting() && !fits(fromPort, address, port, length)) {
            flush();
        }
        if (!isWaiting()) {
            buffer = link.claim();
            if (buffer == Link.NONE) {
                return false;
            }
            from = fromPort;
            to = address;
            toPort = port;
            each = length;
            count = 0;
            bytes = 0;
        }
        MemorySegment.copy(source, offset, memory, buffer + headerBytes() + bytes, length);
        count++;
        bytes += length;
        if (count == maxCount || length < each || length == 0) {
            flush();
        }
        return true;
    }

    private boolean fits(int fromPort, int address, int port, int length) {
        return fromPort == from
                && address == to
                && port == toPort
                && length > 0
                && length <= each
                && bytes + length <= maxBytes;
    }

    /** Sends what waits. */
    void flush() {
        if (isWaiting()) {
            long whole = buffer;
            buffer = Link.NONE;
            UdpFormat.write(memory, stack.aboveIp(whole), from, toPort, bytes);
            stack.sendAbove(
                    whole, to, Ipv4Format.UDP, UdpFormat.BYTES + bytes, UdpFormat.CHECKSUM, count > 1 ? each : 0);
        }
    }
}
