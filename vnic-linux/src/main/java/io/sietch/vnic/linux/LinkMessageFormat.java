package io.sietch.vnic.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.MemorySegment;

/**
 * What a netlink socket is told about interfaces ({@code rtnetlink(7)}), and what it answers. In the machine's byte
 * order. Attributes follow one another, each at a multiple of 4, and may be in one another.
 *
 * <pre>
 *  message    0       4      6       8          12   16
 *             ├ bytes ┼ kind ┼ flags ┼ sequence ┼ 0 ─┼ about an interface, then attributes; or an error number ┤
 *
 *  about      0   4           8       12       16
 *             ├ 0 ┼ interface ┼ flags ┼ change ┤
 *
 *  attribute  0       2      4
 *             ├ bytes ┼ kind ┼ ... ┤
 * </pre>
 */
final class LinkMessageFormat {
    static final int BYTES = 512;

    private static final short NEW_LINK = 16;
    private static final short DELETE_LINK = 17;
    private static final short SET_LINK = 19;
    private static final short ANSWER = 2;

    private static final short REQUEST_ANSWERED = 1 | 4;
    private static final short CREATE_ONLY = 0x400 | 0x200;

    private static final int NESTED = 0x8000;
    private static final int NAME = 3;
    private static final int KIND_AND_DATA = 18;
    private static final int KIND = 1;
    private static final int DATA = 2;
    private static final int PEER = 1;
    private static final int TRANSMIT_QUEUES = 31;
    private static final int RECEIVE_QUEUES = 32;
    private static final int XDP = 43;
    private static final int XDP_PROGRAM = 1;
    private static final int XDP_FLAGS = 3;

    /** The driver runs the program, on one processor at a time for each queue. */
    private static final int BY_DRIVER = 4;

    private static final int HEADER_BYTES = 16;
    private static final int ABOUT_BYTES = 16;

    private final MemorySegment message;
    private int length;

    private LinkMessageFormat(MemorySegment message, short kind, int flags, int interfaceIndex) {
        this.message = message.fill((byte) 0);
        message.set(JAVA_SHORT, 4, kind);
        message.set(JAVA_SHORT, 6, (short) (REQUEST_ANSWERED | flags));
        message.set(JAVA_INT, HEADER_BYTES + 4L, interfaceIndex);
        this.length = HEADER_BYTES + ABOUT_BYTES;
    }

    /** Asks for a pair of interfaces with one queue each. Returns the length of the message. */
    static int writeNewPair(MemorySegment message, String name, String peer) {
        LinkMessageFormat link = new LinkMessageFormat(message, NEW_LINK, CREATE_ONLY, 0);
        link.named(name);
        int kindAndData = link.begin(KIND_AND_DATA | NESTED);
        link.text(KIND, "veth");
        int data = link.begin(DATA | NESTED);
        int other = link.begin(PEER | NESTED);
        link.length += ABOUT_BYTES;
        link.named(peer);
        link.end(other);
        link.end(data);
        link.end(kindAndData);
        return link.finish();
    }

    static int writeDelete(MemorySegment message, int interfaceIndex) {
        return new LinkMessageFormat(message, DELETE_LINK, 0, interfaceIndex).finish();
    }

    /** Asks for a program in the place of the one that is there, if any. */
    static int writeProgram(MemorySegment message, int interfaceIndex, int program) {
        LinkMessageFormat link = new LinkMessageFormat(message, SET_LINK, 0, interfaceIndex);
        int xdp = link.begin(XDP | NESTED);
        link.number(XDP_PROGRAM, program);
        link.number(XDP_FLAGS, BY_DRIVER);
        link.end(xdp);
        return link.finish();
    }

    /** The error number in an answer, negative; 0 if all went well. */
    static int error(MemorySegment message) {
        return message.get(JAVA_SHORT, 4) == ANSWER ? message.get(JAVA_INT, HEADER_BYTES) : -Errno.EINVAL;
    }

    private void named(String name) {
        text(NAME, name);
        number(TRANSMIT_QUEUES, 1);
        number(RECEIVE_QUEUES, 1);
    }

    private int begin(int kind) {
        message.set(JAVA_SHORT, length + 2L, (short) kind);
        length += 4;
        return length - 4;
    }

    private void end(int attribute) {
        message.set(JAVA_SHORT, attribute, (short) (length - attribute));
        length = length + 3 & -4;
    }

    private void text(int kind, String text) {
        int attribute = begin(kind);
        message.setString(length, text);
        length += text.length() + 1;
        end(attribute);
    }

    private void number(int kind, int value) {
        int attribute = begin(kind);
        message.set(JAVA_INT, length, value);
        length += Integer.BYTES;
        end(attribute);
    }

    private int finish() {
        message.set(JAVA_INT, 0, length);
        return length;
    }
}
