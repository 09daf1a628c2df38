package io.sietch.vnic.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.MemorySegment;

/**
 * Which interface a packet socket sends on, {@code struct sockaddr_ll}; in the machine's byte order.
 *
 * <pre>
 *  0            2              4               8
 *  ├ family (2) ┼ protocol (2) ┼ interface (4) ┼ not for sending (12) ┤ 20
 * </pre>
 */
final class LinkAddressFormat {
    static final int BYTES = 20;

    private static final int FAMILY = 0;
    private static final int INTERFACE = 4;

    private LinkAddressFormat() {}

    /** Writes an address with protocol 0, at which nothing is received. */
    static void write(MemorySegment address, int family, int interfaceIndex) {
        address.asSlice(0, BYTES).fill((byte) 0);
        address.set(JAVA_SHORT, FAMILY, (short) family);
        address.set(JAVA_INT, INTERFACE, interfaceIndex);
    }
}
