package io.sietch.vnic.linux;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.sietch.net.EthernetFormat;
import io.sietch.net.NetBytes;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;

/**
 * What {@code ioctl} is told about an interface, {@code struct ifreq}; numbers in the machine's byte order, but for
 * addresses.
 *
 * <pre>
 *  0         16
 *  ├ name, 0 ┼ flags (2), or MTU (4), or an address: family (2), port (2), IPv4 (4) ... ┤ 40
 *                      number (4), pointer (8), or family (2), MAC (6) ┤
 * </pre>
 */
final class InterfaceRequestFormat {
    static final int BYTES = 40;
    static final int MAX_NAME_BYTES = 15;

    private static final int VALUE = 16;
    private static final int IPV4 = VALUE + 4;
    private static final short AF_INET = 2;

    private InterfaceRequestFormat() {}

    /**
     * Whether the kernel lets an interface have this name; and a URL, too. It shall not end in a pattern that the
     * kernel fills in, and no name may be {@code .} or {@code ..}.
     */
    static boolean isName(String name) {
        return name.matches("[A-Za-z0-9_.-]{1," + MAX_NAME_BYTES + "}") && !name.matches("\\.{1,2}");
    }

    /** Begins a request. */
    static void writeName(MemorySegment request, String name) {
        if (!isName(name)) {
            throw new IllegalArgumentException("interface name \"" + name + "\": must have 1 to " + MAX_NAME_BYTES
                    + " letters, digits, dots, dashes or underscores");
        }
        byte[] bytes = name.getBytes(StandardCharsets.US_ASCII);
        MemorySegment.copy(bytes, 0, request, JAVA_BYTE, 0, bytes.length);
        request.asSlice(bytes.length, VALUE - bytes.length).fill((byte) 0);
    }

    static int flags(MemorySegment request) {
        return request.get(JAVA_SHORT, VALUE) & 0xFFFF;
    }

    static void writeFlags(MemorySegment request, int flags) {
        request.set(JAVA_SHORT, VALUE, (short) flags);
    }

    static int mtu(MemorySegment request) {
        return request.get(JAVA_INT, VALUE);
    }

    static int index(MemorySegment request) {
        return request.get(JAVA_INT, VALUE);
    }

    static long mac(MemorySegment request) {
        return NetBytes.i64(request, VALUE) & EthernetFormat.BROADCAST;
    }

    static void writePointer(MemorySegment request, long address) {
        request.set(JAVA_LONG, VALUE, address);
    }

    /** Writes an IPv4 address or a mask. */
    static void writeAddress(MemorySegment request, int address) {
        request.asSlice(VALUE).fill((byte) 0);
        request.set(JAVA_SHORT, VALUE, AF_INET);
        NetBytes.put32(request, IPV4, address);
    }
}
