package io.sietch.net;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** Builds the segments of one connection in the buffers of the link. */
final class SegmentWriter {
    private final Stack stack;
    private final int remoteAddress;
    private final int remotePort;
    private final int localPort;
    private final TcpTimestamps timestamps;
    private final TcpReceiver receiver;

    SegmentWriter(
            Stack stack,
            int remoteAddress,
            int remotePort,
            int localPort,
            TcpTimestamps timestamps,
            TcpReceiver receiver) {
        this.stack = stack;
        this.remoteAddress = remoteAddress;
        this.remotePort = remotePort;
        this.localPort = localPort;
        this.timestamps = timestamps;
        this.receiver = receiver;
    }

    /**
     * Sends a SYN with what we offer.
     *
     * @param answer whether it acknowledges the peer's
     * @return false if the link has no buffer
     */
    boolean syn(int iss, boolean answer, boolean scaling, boolean sack, int window, long now) {
        long buffer = stack.claim();
        if (buffer == Link.NONE) {
            return false;
        }
        MemorySegment memory = stack.memory();
        long tcp = stack.aboveIp(buffer);
        int scale = scaling ? receiver.scale : TcpSegment.NONE;
        long at = TcpFormat.writeSynOptions(memory, tcp + TcpFormat.BYTES, stack.mss(), scale, sack);
        at += timestamps.write(memory, at, now);
        int headerBytes = (int) (at - tcp);
        int flags = TcpFormat.SYN | (answer ? TcpFormat.ACK : 0);
        int acknowledgement = answer ? receiver.next : 0;
        TcpFormat.write(memory, tcp, localPort, remotePort, iss, acknowledgement, headerBytes, flags, window);
        stack.sendTcp(buffer, remoteAddress, headerBytes, 0);
        return true;
    }

    /**
     * Sends a segment, or a run of them.
     *
     * @param offset of the payload in the ring
     * @param mss more payload than this is a run
     * @param sack whether the peer understands it
     * @return false if the link has no buffer
     */
    boolean segment(
            int sequence,
            int flags,
            @Nullable ByteRing ring,
            int offset,
            int length,
            int mss,
            int window,
            boolean sack,
            long now) {
        long buffer = stack.claim();
        if (buffer == Link.NONE) {
            return false;
        }
        MemorySegment memory = stack.memory();
        long tcp = stack.aboveIp(buffer);
        int headerBytes = TcpFormat.BYTES + timestamps.write(memory, tcp + TcpFormat.BYTES, now);
        if (sack && receiver.holes() > 0) {
            headerBytes += writeBlocks(memory, tcp + headerBytes, stack.mss() + TcpFormat.BYTES - headerBytes - length);
        }
        TcpFormat.write(memory, tcp, localPort, remotePort, sequence, receiver.next, headerBytes, flags, window);
        if (ring != null && length > 0) {
            ring.get(offset, length, memory, tcp + headerBytes);
        }
        stack.sendTcp(buffer, remoteAddress, headerBytes + length, length > mss ? mss : 0);
        timestamps.acknowledged(receiver.next);
        return true;
    }

    /** As many holes as there is room for beside the payload. */
    private int writeBlocks(MemorySegment memory, long at, int room) {
        int fitting = Math.min(room - 4 >> 3, timestamps.isOn() ? 3 : 4);
        int blocks = Math.min(receiver.holes(), fitting);
        if (blocks <= 0) {
            return 0;
        }
        TcpFormat.writeSackHead(memory, at, blocks);
        for (int i = 0; i < blocks; i++) {
            int range = receiver.reported(i);
            NetBytes.put32(memory, at + 4 + 8L * i, receiver.left(range));
            NetBytes.put32(memory, at + 8 + 8L * i, receiver.right(range));
        }
        return 4 + 8 * blocks;
    }
}
