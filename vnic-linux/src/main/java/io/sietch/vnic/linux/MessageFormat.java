package io.sietch.vnic.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;

/**
 * A message with a descriptor beside it, {@code struct msghdr} and what it points to in one piece; and the address of a
 * UNIX socket, {@code struct sockaddr_un}. In the machine's byte order.
 *
 * <pre>
 *  the header  0      16                   24    32        40              48      56
 *              ├ 0 ───┼ place's address ───┼ 1 ──┼ right's ┼ right's bytes ┼ flags ┤
 *
 *  then        64              72           80       88      92     96           104    128
 *              ├ data's address ┼ data bytes ┼ 20 ────┼ level ┼ kind ┼ descriptor ┤ 0 ... ┤ data
 *
 *  an address  0          2
 *              ├ family 1 ┼ path, 0 ┤ 110
 * </pre>
 */
final class MessageFormat {
    static final int DATA = 128;
    static final int MAX_DATA_BYTES = 64;
    static final int BYTES = DATA + MAX_DATA_BYTES;
    static final int ADDRESS_BYTES = 110;

    static final int NO_DESCRIPTOR = -1;

    private static final int PLACE = 64;
    private static final int RIGHT = 80;
    private static final int DESCRIPTOR = RIGHT + 16;
    private static final long RIGHT_LENGTH = 20;
    private static final int RIGHT_BYTES = 24;
    private static final int RIGHT_SIZE = 40;
    private static final int SOL_SOCKET = 1;
    private static final int SCM_RIGHTS = 1;
    private static final short AF_UNIX = 1;
    private static final int PATH = 2;

    private MessageFormat() {}

    /** Prepares to send {@link #MAX_DATA_BYTES}; the data is left alone. */
    static void write(MemorySegment message) {
        message.asSlice(0, DATA).fill((byte) 0);
        message.set(JAVA_LONG, 16, message.address() + PLACE);
        message.set(JAVA_LONG, 24, 1);
        message.set(JAVA_LONG, PLACE, message.address() + DATA);
        message.set(JAVA_LONG, PLACE + 8, MAX_DATA_BYTES);
    }

    /** As {@link #write}, to receive, with room for a descriptor. */
    static void writeWithRoom(MemorySegment message) {
        write(message);
        message.set(JAVA_LONG, 32, message.address() + RIGHT);
        message.set(JAVA_LONG, RIGHT_SIZE, RIGHT_BYTES);
    }

    /** As {@link #write}, with a descriptor. */
    static void write(MemorySegment message, int descriptor) {
        writeWithRoom(message);
        message.set(JAVA_LONG, RIGHT, RIGHT_LENGTH);
        message.set(JAVA_INT, RIGHT + 8, SOL_SOCKET);
        message.set(JAVA_INT, RIGHT + 12, SCM_RIGHTS);
        message.set(JAVA_INT, DESCRIPTOR, descriptor);
    }

    /** The descriptor that came, or {@link #NO_DESCRIPTOR}. */
    static int descriptor(MemorySegment message) {
        boolean came = message.get(JAVA_LONG, RIGHT_SIZE) >= RIGHT_LENGTH
                && message.get(JAVA_LONG, RIGHT) == RIGHT_LENGTH
                && message.get(JAVA_INT, RIGHT + 8) == SOL_SOCKET
                && message.get(JAVA_INT, RIGHT + 12) == SCM_RIGHTS;
        return came ? message.get(JAVA_INT, DESCRIPTOR) : NO_DESCRIPTOR;
    }

    static void writeAddress(MemorySegment address, String path) {
        if (path.getBytes(StandardCharsets.UTF_8).length >= ADDRESS_BYTES - PATH) {
            throw new IllegalArgumentException(
                    path + " is too long for a UNIX socket: at most " + (ADDRESS_BYTES - PATH - 1) + " bytes");
        }
        address.fill((byte) 0);
        address.set(JAVA_SHORT, 0, AF_UNIX);
        address.setString(PATH, path);
    }
}
