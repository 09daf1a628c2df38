package io.sietch.net;

import java.lang.foreign.MemorySegment;

/**
 * The header of an ICMP message (RFC 792). Of an error the packet follows that caused it.
 *
 * <pre>
 *  0      1      2          4             8
 *  ├ type ┼ code ┼ checksum ┼ for an echo: identifier, number ┤ payload
 * </pre>
 */
public final class IcmpFormat {
    /** Bytes of the header. */
    public static final int BYTES = 8;

    /** The answer to an echo. */
    public static final int ECHO_REPLY = 0;

    /** Something cannot be reached; the code says what. */
    public static final int UNREACHABLE = 3;

    /** Asks for an echo. */
    public static final int ECHO = 8;

    /** Something took too long; the code says what. */
    public static final int TIME_EXCEEDED = 11;

    /** Code of {@link #TIME_EXCEEDED}: the fragments of a packet. */
    public static final int REASSEMBLY = 1;

    /** Code of {@link #UNREACHABLE}: the host has no such protocol. */
    public static final int NO_PROTOCOL = 2;

    /** Code of {@link #UNREACHABLE}: nobody listens at the port. */
    public static final int NO_PORT = 3;

    private static final int CODE = 1;
    private static final int CHECKSUM = 2;

    private IcmpFormat() {}

    /** What it is. */
    public static int type(MemorySegment frame, long at) {
        return NetBytes.u8(frame, at);
    }

    /** What exactly. */
    public static int code(MemorySegment frame, long at) {
        return NetBytes.u8(frame, at + CODE);
    }

    /** Writes type and code, and the checksum over a message of {@code length} bytes whose rest is there already. */
    public static void write(MemorySegment frame, long at, int type, int code, int length) {
        NetBytes.put32(frame, at, type << 24 | code << 16);
        NetBytes.put16(frame, at + CHECKSUM, InternetChecksum.finish(InternetChecksum.sum(frame, at, length)));
    }
}
