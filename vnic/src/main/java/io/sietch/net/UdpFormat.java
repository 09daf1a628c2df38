package io.sietch.net;

import java.lang.foreign.MemorySegment;

/**
 * The header of a UDP datagram (RFC 768).
 *
 * <pre>
 *  0             2                  4        6          8
 *  ├ source port ┼ destination port ┼ length ┼ checksum ┤ payload
 * </pre>
 */
public final class UdpFormat {
    /** Bytes of the header. */
    public static final int BYTES = 8;

    /** Where the checksum is. */
    public static final int CHECKSUM = 6;

    private static final int DESTINATION = 2;
    private static final int LENGTH = 4;

    private UdpFormat() {}

    /** The port that sent it. */
    public static int sourcePort(MemorySegment frame, long at) {
        return NetBytes.u16(frame, at);
    }

    /** The port that shall get it. */
    public static int destinationPort(MemorySegment frame, long at) {
        return NetBytes.u16(frame, at + DESTINATION);
    }

    /** Bytes of header and payload, as it says. */
    public static int length(MemorySegment frame, long at) {
        return NetBytes.u16(frame, at + LENGTH);
    }

    /** The checksum; 0 if the sender made none. */
    public static int checksum(MemorySegment frame, long at) {
        return NetBytes.u16(frame, at + CHECKSUM);
    }

    /** Writes the header, with a checksum of 0. */
    public static void write(MemorySegment frame, long at, int sourcePort, int destinationPort, int payloadBytes) {
        NetBytes.put64(
                frame,
                at,
                (long) sourcePort << 48 | (long) destinationPort << 32 | (long) (BYTES + payloadBytes) << 16);
    }
}
