package io.sietch.net;

import java.lang.foreign.MemorySegment;

/**
 * The header of a TCP segment (RFC 9293, section 3.1) and the options that we know (RFC 9293, 7323, 2018).
 *
 * <pre>
 *  0             2                  4          8                 12         13      14       16         18       20
 *  ├ source port ┼ destination port ┼ sequence ┼ acknowledgement ┼ length/4 ┼ flags ┼ window ┼ checksum ┼ urgent ┤
 *
 *  options:  0                     end            1            no operation
 *            2 4 mss               handshake      3 3 shift    handshake
 *            4 2                   SACK permitted 5 n (left, right)...
 *            8 10 value echo       timestamps
 * </pre>
 */
public final class TcpFormat {
    /** Bytes of a header without options. */
    public static final int BYTES = 20;

    /** Where the checksum is. */
    public static final int CHECKSUM = 16;

    /** The sender has finished. */
    public static final int FIN = 1;

    /** Opens a connection. */
    public static final int SYN = 2;

    /** Ends a connection at once. */
    public static final int RST = 4;

    /** Wants to be handed on without delay. */
    public static final int PSH = 8;

    /** The acknowledgement is valid. */
    public static final int ACK = 16;

    /** The longest option part. */
    static final int MAX_OPTION_BYTES = 40;

    static final int OPTION_END = 0;
    static final int OPTION_NOP = 1;
    static final int OPTION_MSS = 2;
    static final int OPTION_SCALE = 3;
    static final int OPTION_SACK_PERMITTED = 4;
    static final int OPTION_SACK = 5;
    static final int OPTION_TIMESTAMPS = 8;

    /** Bytes of timestamps with two bytes before them, so that what follows is aligned. */
    static final int TIMESTAMPS_BYTES = 12;

    private static final int SEQUENCE = 4;
    private static final int ACKNOWLEDGEMENT = 8;
    private static final int LENGTH = 12;
    private static final int FLAGS = 13;
    private static final int WINDOW = 14;

    private TcpFormat() {}

    /** The port that sent it. */
    public static int sourcePort(MemorySegment frame, long at) {
        return NetBytes.u16(frame, at);
    }

    /** The port that shall get it. */
    public static int destinationPort(MemorySegment frame, long at) {
        return NetBytes.u16(frame, at + 2);
    }

    /** The sequence number of the first byte, or of the SYN. */
    public static int sequence(MemorySegment frame, long at) {
        return NetBytes.i32(frame, at + SEQUENCE);
    }

    /** The next sequence number that the sender expects. */
    public static int acknowledgement(MemorySegment frame, long at) {
        return NetBytes.i32(frame, at + ACKNOWLEDGEMENT);
    }

    /** Bytes of the header with its options, as it says. */
    public static int headerBytes(MemorySegment frame, long at) {
        return (NetBytes.u8(frame, at + LENGTH) >>> 4) * 4;
    }

    /** The flags. */
    public static int flags(MemorySegment frame, long at) {
        return NetBytes.u8(frame, at + FLAGS);
    }

    /** The window, not scaled. */
    public static int window(MemorySegment frame, long at) {
        return NetBytes.u16(frame, at + WINDOW);
    }

    /**
     * Writes a header with a checksum of 0.
     *
     * @param headerBytes with options, a multiple of 4
     */
    public static void write(
            MemorySegment frame,
            long at,
            int sourcePort,
            int destinationPort,
            int sequence,
            int acknowledgement,
            int headerBytes,
            int flags,
            int window) {
        NetBytes.put32(frame, at, sourcePort << 16 | destinationPort);
        NetBytes.put32(frame, at + SEQUENCE, sequence);
        NetBytes.put32(frame, at + ACKNOWLEDGEMENT, acknowledgement);
        NetBytes.put32(frame, at + LENGTH, headerBytes << 26 | flags << 16 | window);
        NetBytes.put32(frame, at + CHECKSUM, 0);
    }

    /** Writes {@link #TIMESTAMPS_BYTES}. */
    static void writeTimestamps(MemorySegment frame, long at, int value, int echo) {
        NetBytes.put32(frame, at, OPTION_NOP << 24 | OPTION_NOP << 16 | OPTION_TIMESTAMPS << 8 | 10);
        NetBytes.put32(frame, at + 4, value);
        NetBytes.put32(frame, at + 8, echo);
    }

    /** Writes four bytes. */
    static void writeMss(MemorySegment frame, long at, int mss) {
        NetBytes.put32(frame, at, OPTION_MSS << 24 | 4 << 16 | mss);
    }

    /** Writes four bytes. */
    static void writeScale(MemorySegment frame, long at, int shift) {
        NetBytes.put32(frame, at, OPTION_NOP << 24 | OPTION_SCALE << 16 | 3 << 8 | shift);
    }

    /** Writes four bytes. */
    static void writeSackPermitted(MemorySegment frame, long at) {
        NetBytes.put32(frame, at, OPTION_NOP << 24 | OPTION_NOP << 16 | OPTION_SACK_PERMITTED << 8 | 2);
    }

    /**
     * Writes the options of a SYN, timestamps excepted.
     *
     * @param scale of our window, or {@link TcpSegment#NONE}
     * @return where they end
     */
    static long writeSynOptions(MemorySegment frame, long at, int mss, int scale, boolean sack) {
        writeMss(frame, at, mss);
        long end = at + 4;
        if (scale != TcpSegment.NONE) {
            writeScale(frame, end, scale);
            end += 4;
        }
        if (sack) {
            writeSackPermitted(frame, end);
            end += 4;
        }
        return end;
    }

    /** Writes the four bytes before so many blocks of eight. */
    static void writeSackHead(MemorySegment frame, long at, int blocks) {
        NetBytes.put32(frame, at, OPTION_NOP << 24 | OPTION_NOP << 16 | OPTION_SACK << 8 | 2 + 8 * blocks);
    }
}
