package io.sietch.net;

import java.lang.foreign.MemorySegment;

/** ICMP: echoes, and word of what cannot be reached, in both directions. */
final class Icmp {
    private final Stack stack;

    Icmp(Stack stack) {
        this.stack = stack;
    }

    void receive(MemorySegment frame, int source, long at, int length) {
        if (length < IcmpFormat.BYTES) {
            stack.counters().countMalformed();
        } else if (InternetChecksum.finish(InternetChecksum.sum(frame, at, length)) != 0) {
            stack.counters().countBadChecksum();
        } else if (IcmpFormat.type(frame, at) == IcmpFormat.ECHO) {
            answerEcho(frame, source, at, length);
        } else if (IcmpFormat.type(frame, at) == IcmpFormat.UNREACHABLE) {
            receiveUnreachable(frame, at + IcmpFormat.BYTES, length - IcmpFormat.BYTES, IcmpFormat.code(frame, at));
        }
    }

    /** The answer is as long as the question, and we send no fragments: what came in some may not fit. */
    private void answerEcho(MemorySegment frame, int source, long at, int length) {
        boolean fits = length <= stack.maxDatagramBytes() + UdpFormat.BYTES;
        long buffer = fits ? stack.claim() : Link.NONE;
        if (buffer != Link.NONE) {
            long to = stack.aboveIp(buffer);
            MemorySegment.copy(frame, at, stack.memory(), to, length);
            IcmpFormat.write(stack.memory(), to, IcmpFormat.ECHO_REPLY, 0, length);
            stack.sendIcmp(buffer, source, length);
        }
    }

    void sendUnreachable(MemorySegment frame, long ip, int source, int code) {
        send(frame, ip, source, IcmpFormat.UNREACHABLE, code);
    }

    /** Of a packet whose fragments did not all come: {@code ip} is the header of the first one. */
    void sendTimeExceeded(MemorySegment frame, long ip, int source) {
        send(frame, ip, source, IcmpFormat.TIME_EXCEEDED, IcmpFormat.REASSEMBLY);
    }

    /** Quotes the header and the first eight bytes of the packet that could not be delivered (RFC 792). */
    private void send(MemorySegment frame, long ip, int source, int type, int code) {
        int quoted = Math.min(Ipv4Format.totalBytes(frame, ip), Ipv4Format.headerBytes(frame, ip) + 8);
        long buffer = stack.mayAnswer(stack.now()) ? stack.claim() : Link.NONE;
        if (buffer != Link.NONE) {
            long to = stack.aboveIp(buffer);
            NetBytes.put32(stack.memory(), to + 4, 0);
            MemorySegment.copy(frame, ip, stack.memory(), to + IcmpFormat.BYTES, quoted);
            IcmpFormat.write(stack.memory(), to, type, code, IcmpFormat.BYTES + quoted);
            stack.sendIcmp(buffer, source, IcmpFormat.BYTES + quoted);
        }
    }

    /**
     * Somebody says that a segment of ours did not arrive. Believed only if it quotes one that is under way (RFC 5927).
     */
    private void receiveUnreachable(MemorySegment frame, long ip, int length, int code) {
        if (length < Ipv4Format.BYTES || length < Ipv4Format.headerBytes(frame, ip) + 8) {
            return;
        }
        long at = ip + Ipv4Format.headerBytes(frame, ip);
        if (Ipv4Format.protocol(frame, ip) == Ipv4Format.TCP && Ipv4Format.source(frame, ip) == stack.address()) {
            TcpConnection connection = stack.connection(
                    Ipv4Format.destination(frame, ip),
                    TcpFormat.destinationPort(frame, at),
                    TcpFormat.sourcePort(frame, at));
            int sequence = TcpFormat.sequence(frame, at);
            boolean hard = code == IcmpFormat.NO_PROTOCOL || code == IcmpFormat.NO_PORT;
            // Once there is a connection, only what the peer itself says ends it (RFC 9293, MUST-56; RFC 5927).
            if (connection != null
                    && connection.state() == TcpState.SYN_SENT
                    && hard
                    && sequence == connection.sender().una) {
                connection.die(TcpEnd.UNREACHABLE);
            }
        }
    }
}
