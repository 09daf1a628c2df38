package io.sietch.net;

import java.lang.foreign.MemorySegment;

/**
 * The header of an IPv4 packet (RFC 791). We send it without options and never in fragments.
 *
 * <pre>
 *  0      1     2        4    6          8     9          10         12       16            20
 *  ├ 4|len ┼ TOS ┼ length ┼ id ┼ fragment ┼ TTL ┼ protocol ┼ checksum ┼ source ┼ destination ┤ options, payload
 * </pre>
 */
public final class Ipv4Format {
    /** Bytes of a header without options. */
    public static final int BYTES = 20;

    /** The protocol number of ICMP. */
    public static final int ICMP = 1;

    /** The protocol number of TCP. */
    public static final int TCP = 6;

    /** The protocol number of UDP. */
    public static final int UDP = 17;

    /** The longest packet. */
    static final int MAX_PACKET_BYTES = 0xFFFF;

    static final int MAX_HEADER_BYTES = 60;

    /** Parts begin, and all but the last end, at multiples of this many bytes of payload. */
    static final int FRAGMENT_UNIT = 8;

    private static final int VERSION = 0;
    private static final int LENGTH = 2;
    private static final int ID = 4;
    private static final int FRAGMENT = 6;
    private static final int TTL = 8;
    private static final int PROTOCOL = 9;
    private static final int CHECKSUM = 10;
    private static final int SOURCE = 12;
    private static final int DESTINATION = 16;
    private static final int DO_NOT_FRAGMENT = 0x4000;
    private static final int MORE_OR_OFFSET = 0x3FFF;
    private static final int MORE = 0x2000;
    private static final int OFFSET = 0x1FFF;
    private static final int HOPS = 64;

    private Ipv4Format() {}

    /** 4, if this is IPv4. */
    public static int version(MemorySegment frame, long at) {
        return NetBytes.u8(frame, at + VERSION) >>> 4;
    }

    /** Bytes of the header with its options, as it says. */
    public static int headerBytes(MemorySegment frame, long at) {
        return (NetBytes.u8(frame, at + VERSION) & 0xF) * 4;
    }

    /** Bytes of header and payload, as it says. */
    public static int totalBytes(MemorySegment frame, long at) {
        return NetBytes.u16(frame, at + LENGTH);
    }

    /** Whether this is a part of a packet and not all of it. */
    public static boolean isFragment(MemorySegment frame, long at) {
        return (NetBytes.u16(frame, at + FRAGMENT) & MORE_OR_OFFSET) != 0;
    }

    /** Whether this is a part that does not begin with the header of the protocol above. */
    public static boolean isLaterFragment(MemorySegment frame, long at) {
        return (NetBytes.u16(frame, at + FRAGMENT) & OFFSET) != 0;
    }

    /** Where in the packet's payload this part begins, in bytes. */
    static int fragmentAt(MemorySegment frame, long at) {
        return (NetBytes.u16(frame, at + FRAGMENT) & OFFSET) * FRAGMENT_UNIT;
    }

    /** Whether parts follow. */
    static boolean hasMore(MemorySegment frame, long at) {
        return (NetBytes.u16(frame, at + FRAGMENT) & MORE) != 0;
    }

    /** What the parts of one packet have in common. */
    static int id(MemorySegment frame, long at) {
        return NetBytes.u16(frame, at + ID);
    }

    /** Makes the header of a part that of the whole packet. */
    static void writeWhole(MemorySegment frame, long at, int totalBytes) {
        NetBytes.put16(frame, at + LENGTH, totalBytes);
        NetBytes.put16(frame, at + FRAGMENT, 0);
        NetBytes.put16(frame, at + CHECKSUM, 0);
        int sum = InternetChecksum.finish(InternetChecksum.sum(frame, at, headerBytes(frame, at)));
        NetBytes.put16(frame, at + CHECKSUM, sum);
    }

    /** What the payload is. */
    public static int protocol(MemorySegment frame, long at) {
        return NetBytes.u8(frame, at + PROTOCOL);
    }

    /** Who says to have sent it. */
    public static int source(MemorySegment frame, long at) {
        return NetBytes.i32(frame, at + SOURCE);
    }

    /** Who shall get it. */
    public static int destination(MemorySegment frame, long at) {
        return NetBytes.i32(frame, at + DESTINATION);
    }

    /** Whether the checksum of the header is right. */
    public static boolean isIntact(MemorySegment frame, long at) {
        return InternetChecksum.finish(InternetChecksum.sum(frame, at, headerBytes(frame, at))) == 0;
    }

    /**
     * Writes a header without options, checksum included.
     *
     * @param payloadBytes what follows the header
     */
    public static void write(
            MemorySegment frame, long at, int payloadBytes, int id, int protocol, int source, int destination) {
        int length = BYTES + payloadBytes;
        NetBytes.put64(
                frame, at, 0x4500_0000_0000_0000L | (long) length << 32 | (id & 0xFFFFL) << 16 | DO_NOT_FRAGMENT);
        NetBytes.put32(frame, at + TTL, HOPS << 24 | protocol << 16);
        NetBytes.put32(frame, at + SOURCE, source);
        NetBytes.put32(frame, at + DESTINATION, destination);
        long sum = 0x4500L + length + (id & 0xFFFF) + DO_NOT_FRAGMENT + (HOPS << 8 | protocol);
        sum += InternetChecksum.ofAddresses(source, destination);
        NetBytes.put16(frame, at + CHECKSUM, InternetChecksum.finish(sum));
    }

    /**
     * Whether an address can be that of one host: neither broadcast nor multicast nor loopback (RFC 1122, section
     * 3.2.1.3).
     */
    public static boolean isHost(int address) {
        int first = address >>> 24;
        return first != 0 && first != 127 && first < 224;
    }

    /** An address as people write it. */
    public static String text(int address) {
        return (address >>> 24) + "." + (address >>> 16 & 0xFF) + "." + (address >>> 8 & 0xFF) + "." + (address & 0xFF);
    }

    /**
     * An address from how people write it.
     *
     * @throws IllegalArgumentException if it is not four numbers of 0 to 255 with dots between them
     */
    public static int parse(String text) {
        String[] parts = text.split("\\.", -1);
        int address = 0;
        boolean good = parts.length == 4;
        for (String part : parts) {
            good = good && part.matches("\\d{1,3}") && Integer.parseInt(part) < 256;
            address = good ? address << 8 | Integer.parseInt(part) : 0;
        }
        if (!good) {
            throw new IllegalArgumentException(text + " is not an IPv4 address, such as 10.0.0.1");
        }
        return address;
    }

    static {
        assert ID + 2 == FRAGMENT && CHECKSUM + 2 == SOURCE && DESTINATION + 4 == BYTES;
    }
}
