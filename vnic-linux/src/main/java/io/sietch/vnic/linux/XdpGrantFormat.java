package io.sietch.vnic.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;

/**
 * What a process is told with the AF_XDP socket that it is given; in the machine's byte order, for both are on it.
 *
 * <pre>
 *  0       8           12      16    24    28      32        36  40
 *  ├ magic ┼ interface ┼ queue ┼ MAC ┼ MTU ┼ local ┼ address ┼ 0 ┼ name, 0 ┤ 56
 * </pre>
 */
final class XdpGrantFormat {
    /** "SIETXDP1" in memory order. */
    private static final long MAGIC = 0x3150_4458_5445_4953L;

    private static final int ADDRESS = 32;
    private static final int NAME = 40;

    private XdpGrantFormat() {}

    static void write(MemorySegment data, XdpPlace place, int address) {
        data.fill((byte) 0);
        data.set(JAVA_LONG, 0, MAGIC);
        data.set(JAVA_INT, 8, place.interfaceIndex());
        data.set(JAVA_INT, 12, place.queue());
        data.set(JAVA_LONG, 16, place.mac());
        data.set(JAVA_INT, 24, place.mtu());
        data.set(JAVA_INT, 28, place.local() ? 1 : 0);
        data.set(JAVA_INT, ADDRESS, address);
        data.setString(NAME, place.name());
    }

    static boolean isGrant(MemorySegment data) {
        return data.get(JAVA_LONG, 0) == MAGIC;
    }

    static XdpPlace place(MemorySegment data) {
        return new XdpPlace(
                data.getString(NAME),
                data.get(JAVA_INT, 8),
                data.get(JAVA_INT, 12),
                data.get(JAVA_LONG, 16),
                data.get(JAVA_INT, 24),
                data.get(JAVA_INT, 28) != 0);
    }

    static int address(MemorySegment data) {
        return data.get(JAVA_INT, ADDRESS);
    }
}
