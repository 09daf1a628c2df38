package io.sietch.vnic.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.MemorySegment;

/**
 * What the kernel is told about an AF_XDP socket, and where its rings are; in the machine's byte order.
 *
 * <pre>
 *  the memory    0         8       16            20         24 ── 32
 *                ├ address ┼ bytes ┼ chunk bytes ┼ headroom ┼ 0 ──┤
 *
 *  an address    0           2       4           8       12              16
 *                ├ family 44 ┼ flags ┼ interface ┼ queue ┼ of the memory ┤
 *
 *  the rings     for receive, transmit, fill and completion: 0          8          16            24      32
 *                                                            ├ produced ┼ consumed ┼ descriptors ┼ flags ┤
 *
 *  a descriptor  0         8        12        16          of fill and completion: the address only
 *                ├ address ┼ length ┼ options ┤
 * </pre>
 */
final class XdpFormat {
    static final int FAMILY = 44;
    static final int LEVEL = 283;

    // Options of the socket.
    static final int RING_PLACES = 1;
    static final int RECEIVE_RING = 2;
    static final int TRANSMIT_RING = 3;
    static final int MEMORY = 4;
    static final int FILL_RING = 5;
    static final int COMPLETION_RING = 6;

    // Flags of the address.
    static final int COPY = 2;
    static final int ZERO_COPY = 4;
    static final int TELLS_WHEN_TO_KICK = 8;

    static final int MEMORY_BYTES = 32;
    static final int ADDRESS_BYTES = 16;
    static final int PLACES_BYTES = 128;

    /** What the kernel leaves free before each frame that it writes. */
    static final int RECEIVE_HEADROOM = 256;

    /** Set in a ring's flags: the kernel sleeps, and must be told. */
    static final int KICK_ME = 1;

    static final int DESCRIPTOR_BYTES = 16;
    static final int ADDRESS_ONLY_BYTES = 8;

    private static final int PLACE_BYTES = 32;

    private XdpFormat() {}

    static void writeMemory(MemorySegment to, long address, long bytes, int chunkBytes) {
        to.fill((byte) 0);
        to.set(JAVA_LONG, 0, address);
        to.set(JAVA_LONG, 8, bytes);
        to.set(JAVA_INT, 16, chunkBytes);
    }

    static void writeAddress(MemorySegment to, int flags, int interfaceIndex, int queue) {
        to.fill((byte) 0);
        to.set(JAVA_SHORT, 0, (short) FAMILY);
        to.set(JAVA_SHORT, 2, (short) flags);
        to.set(JAVA_INT, 4, interfaceIndex);
        to.set(JAVA_INT, 8, queue);
    }

    /** Which of the rings in {@link #PLACES_BYTES} an option of the socket is. */
    private static long place(int ring) {
        return switch (ring) {
            case RECEIVE_RING -> 0;
            case TRANSMIT_RING -> PLACE_BYTES;
            case FILL_RING -> 2 * PLACE_BYTES;
            case COMPLETION_RING -> 3 * PLACE_BYTES;
            default -> throw new IllegalArgumentException("no ring " + ring);
        };
    }

    static long produced(MemorySegment places, int ring) {
        return places.get(JAVA_LONG, place(ring));
    }

    static long consumed(MemorySegment places, int ring) {
        return places.get(JAVA_LONG, place(ring) + 8);
    }

    static long descriptors(MemorySegment places, int ring) {
        return places.get(JAVA_LONG, place(ring) + 16);
    }

    static long flags(MemorySegment places, int ring) {
        return places.get(JAVA_LONG, place(ring) + 24);
    }

    static int descriptorBytes(int ring) {
        return ring == RECEIVE_RING || ring == TRANSMIT_RING ? DESCRIPTOR_BYTES : ADDRESS_ONLY_BYTES;
    }

    /** Where in the socket a ring is mapped from. */
    static long mapAt(int ring) {
        return switch (ring) {
            case RECEIVE_RING -> 0;
            case TRANSMIT_RING -> 0x8000_0000L;
            case FILL_RING -> 0x1_0000_0000L;
            case COMPLETION_RING -> 0x1_8000_0000L;
            default -> throw new IllegalArgumentException("no ring " + ring);
        };
    }
}
