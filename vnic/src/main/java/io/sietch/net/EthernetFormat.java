package io.sietch.net;

import java.lang.foreign.MemorySegment;

/**
 * The header of an Ethernet frame. An address is the low 48 bits of a {@code long}.
 *
 * <pre>
 *  0            6            12     14
 *  ├ destination ┼ source ────┼ type ┤ payload
 * </pre>
 */
public final class EthernetFormat {
    /** Bytes of the header. */
    public static final int BYTES = 14;

    /** The type of IPv4. */
    public static final int IPV4 = 0x0800;

    /** The type of ARP. */
    public static final int ARP = 0x0806;

    /** Everybody. */
    public static final long BROADCAST = 0xFFFF_FFFF_FFFFL;

    private static final int DESTINATION = 0;
    private static final int SOURCE = 6;
    private static final int TYPE = 12;
    private static final long GROUP = 1L << 40;

    private EthernetFormat() {}

    /** Who shall get the frame. */
    public static long destination(MemorySegment frame, long at) {
        return NetBytes.i64(frame, at + DESTINATION) >>> 16;
    }

    /** Who says to have sent it. */
    public static long source(MemorySegment frame, long at) {
        // Two bytes of the destination come along.
        return NetBytes.i64(frame, at + SOURCE - 2) & BROADCAST;
    }

    /** What the payload is. */
    public static int type(MemorySegment frame, long at) {
        return NetBytes.u16(frame, at + TYPE);
    }

    /** Whether an address means more than one: broadcast or multicast. */
    public static boolean isGroup(long address) {
        return (address & GROUP) != 0;
    }

    /** Writes the whole header. */
    public static void write(MemorySegment frame, long at, long destination, long source, int type) {
        NetBytes.put64(frame, at + DESTINATION, destination << 16 | source >>> 32);
        NetBytes.put32(frame, at + SOURCE + 2, (int) source);
        NetBytes.put16(frame, at + TYPE, type);
    }
}
