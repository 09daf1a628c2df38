package io.sietch.vnic.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.MemorySegment;

/**
 * What {@code ioctl} tells about who drives an interface, {@code struct ethtool_drvinfo}.
 *
 * <pre>
 *  0         4             36
 *  ├ command ┼ driver, 0 ──┼ version and more ┤ 196
 * </pre>
 */
final class DriverInfoFormat {
    static final int BYTES = 196;

    private static final int DRIVER = 4;
    private static final int GET_DRIVER_INFO = 3;

    private DriverInfoFormat() {}

    static void writeQuestion(MemorySegment info) {
        info.fill((byte) 0);
        info.set(JAVA_INT, 0, GET_DRIVER_INFO);
    }

    static String driver(MemorySegment info) {
        return info.getString(DRIVER);
    }
}
