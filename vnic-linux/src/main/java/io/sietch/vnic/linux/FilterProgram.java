package io.sietch.vnic.linux;

import static io.sietch.vnic.linux.BpfAssembler.ADD;
import static io.sietch.vnic.linux.BpfAssembler.AND;
import static io.sietch.vnic.linux.BpfAssembler.BYTE;
import static io.sietch.vnic.linux.BpfAssembler.DOUBLE;
import static io.sietch.vnic.linux.BpfAssembler.HALF;
import static io.sietch.vnic.linux.BpfAssembler.IF_EQUAL;
import static io.sietch.vnic.linux.BpfAssembler.IF_GREATER;
import static io.sietch.vnic.linux.BpfAssembler.IF_LESS;
import static io.sietch.vnic.linux.BpfAssembler.IF_NOT_EQUAL;
import static io.sietch.vnic.linux.BpfAssembler.IF_SIGNED_GREATER;
import static io.sietch.vnic.linux.BpfAssembler.IF_SIGNED_LESS;
import static io.sietch.vnic.linux.BpfAssembler.LEFT;
import static io.sietch.vnic.linux.BpfAssembler.OR;
import static io.sietch.vnic.linux.BpfAssembler.RIGHT;
import static io.sietch.vnic.linux.BpfAssembler.WORD;

import io.sietch.net.EthernetFormat;
import io.sietch.net.Ipv4Format;
import io.sietch.vnic.FrameFilter;
import java.util.List;

/**
 * Receive filters as a program that the kernel runs on each frame of an interface, before it does anything else with
 * it: what one of the filters matches goes to a socket, everything else stays with the kernel.
 *
 * <p>It does what the switch does: takes out of the frame what filters look at, once, into the registers below, and
 * then makes at most three masked comparisons and two of ranges for each filter. A port that is not there is -1.
 */
final class FilterProgram {
    /** What a program says of a frame that it does not redirect: leave it to the kernel. */
    static final int PASS = 2;

    private static final int REDIRECT_MAP = 51;
    private static final long MAC_MASK = 0xFFFF_FFFF_FFFF_0000L;
    private static final int PROTOCOL_MASK = 0xFF00;
    private static final long ARP_OF_IPV4 = 0x0001_0800_0604L;

    // What the kernel hands over, struct xdp_md.
    private static final int DATA = 0;
    private static final int DATA_END = 4;
    private static final int QUEUE = 16;

    /** Where on the stack the number of the queue waits. */
    private static final int QUEUE_KEPT = -8;

    // Where things are in a frame.
    private static final int TYPE = 12;
    private static final int ABOVE = EthernetFormat.BYTES;
    private static final int FRAGMENT = ABOVE + 6;
    private static final int PROTOCOL = ABOVE + 9;
    private static final int IP_SOURCE = ABOVE + 12;
    private static final int IP_DESTINATION = ABOVE + 16;
    private static final int ARP_SENDER_MAC = ABOVE + 8;
    private static final int ARP_SENDER_IP = ABOVE + 14;
    private static final int ARP_TARGET_IP = ABOVE + 24;
    private static final int ARP_END = ABOVE + 28;

    // Registers. LINK, ORIGIN and ADDRESSES hold what the switch has under the same names.
    private static final int A = 0;
    private static final int B = 1;
    private static final int FRAME = 2;
    private static final int END = 3;
    private static final int SOURCE_PORT = 4;
    private static final int DESTINATION_PORT = 5;
    private static final int LINK = 6;
    private static final int ORIGIN = 7;
    private static final int ADDRESSES = 8;
    private static final int STACK = 10;

    private static final long[] PASSING =
            new BpfAssembler().move(A, PASS).exit().finish();

    private final BpfAssembler code;

    /**
     * Goes to {@code matched} with frames that match one of the filters, and on with the others. Register 1 points to
     * what the kernel hands over; 9 is left alone, the others are used.
     *
     * @param filters not empty
     */
    FilterProgram(BpfAssembler code, List<FrameFilter> filters) {
        this.code = code;
        code.load(WORD, A, B, QUEUE).store(WORD, STACK, QUEUE_KEPT, A);
        code.load(WORD, FRAME, B, DATA).load(WORD, END, B, DATA_END);
        needs(EthernetFormat.BYTES, "pass");
        parseEthernet();
        parseArp();
        parseIpv4();
        code.place("parsed");
        // The kernel takes no code that nothing leads to, such as what follows a filter that matches everything.
        int last = filters.contains(FrameFilter.ALL) ? filters.indexOf(FrameFilter.ALL) : filters.size() - 1;
        for (int i = 0; i <= last; i++) {
            compare(filters.get(i), "next" + i);
            code.jump("matched").place("next" + i);
        }
        code.place("pass");
    }

    private static BpfAssembler passingUnlessMatched(List<FrameFilter> filters) {
        return new FilterProgram(new BpfAssembler(), filters)
                .code
                .move(A, PASS)
                .exit()
                .place("matched");
    }

    /**
     * Gives frames that match to the socket of their queue; to the kernel if there is none.
     *
     * @param filters of which one must match
     * @param map from queues to sockets
     */
    static long[] redirecting(List<FrameFilter> filters, int map) {
        if (filters.isEmpty()) {
            return PASSING;
        }
        BpfAssembler code = passingUnlessMatched(filters);
        code.load(WORD, FRAME, STACK, QUEUE_KEPT).map(B, map).move(END, PASS);
        return code.call(REDIRECT_MAP).exit().finish();
    }

    /** Says {@code verdict} of frames that match; to be tried out. */
    static long[] returning(List<FrameFilter> filters, int verdict) {
        if (filters.isEmpty()) {
            return PASSING;
        }
        return passingUnlessMatched(filters).move(A, verdict).exit().finish();
    }

    /** The kernel lets nobody look at bytes that were not shown to be there. */
    private void needs(int bytes, String otherwise) {
        code.copy(A, FRAME).compute(ADD, A, bytes).jumpWith(IF_GREATER, A, END, otherwise);
    }

    private void parseEthernet() {
        code.loadNet(DOUBLE, LINK, FRAME, 0).compute(RIGHT, LINK, 16).compute(LEFT, LINK, 16);
        code.loadNet(HALF, B, FRAME, TYPE).computeWith(OR, LINK, B);
        // Two bytes of the destination come along, and go.
        code.loadNet(DOUBLE, ORIGIN, FRAME, 4).compute(LEFT, ORIGIN, 16);
        code.move(ADDRESSES, 0).move(SOURCE_PORT, -1).move(DESTINATION_PORT, -1);
    }

    private void parseArp() {
        code.jump(IF_EQUAL, B, EthernetFormat.IPV4, "ipv4").jump(IF_NOT_EQUAL, B, EthernetFormat.ARP, "parsed");
        needs(ARP_END, "nobody");
        code.loadNet(DOUBLE, A, FRAME, ABOVE).compute(RIGHT, A, 16);
        code.constant(B, ARP_OF_IPV4).jumpWith(IF_NOT_EQUAL, A, B, "nobody");
        code.loadNet(DOUBLE, A, FRAME, ARP_SENDER_MAC - 2).compute(LEFT, A, 16);
        code.jumpWith(IF_NOT_EQUAL, A, ORIGIN, "nobody");
        loadAddresses(ARP_SENDER_IP, ARP_TARGET_IP);
        code.jump("parsed");
        code.place("nobody").constant(ORIGIN, EthernetFormat.BROADCAST << 16).jump("parsed");
    }

    private void loadAddresses(int source, int destination) {
        code.loadNet(WORD, ADDRESSES, FRAME, source).compute(LEFT, ADDRESSES, 32);
        code.loadNet(WORD, A, FRAME, destination).computeWith(OR, ADDRESSES, A);
    }

    private void parseIpv4() {
        code.place("ipv4");
        needs(ABOVE + Ipv4Format.BYTES, "parsed");
        code.load(BYTE, B, FRAME, ABOVE).compute(RIGHT, B, 4).jump(IF_NOT_EQUAL, B, 4, "parsed");
        code.load(BYTE, B, FRAME, ABOVE).compute(AND, B, 15).jump(IF_LESS, B, Ipv4Format.BYTES / 4, "parsed");
        loadAddresses(IP_SOURCE, IP_DESTINATION);
        code.load(BYTE, A, FRAME, PROTOCOL)
                .compute(LEFT, A, 8)
                .computeWith(OR, ORIGIN, A)
                .compute(RIGHT, A, 8);
        code.jump(IF_EQUAL, A, Ipv4Format.TCP, "ports").jump(IF_NOT_EQUAL, A, Ipv4Format.UDP, "parsed");
        code.place("ports").loadNet(HALF, A, FRAME, FRAGMENT).compute(AND, A, 0x1FFF);
        code.jump(IF_NOT_EQUAL, A, 0, "parsed");
        code.compute(LEFT, B, 2).computeWith(ADD, FRAME, B);
        needs(ABOVE + 4, "parsed");
        code.loadNet(HALF, SOURCE_PORT, FRAME, ABOVE).loadNet(HALF, DESTINATION_PORT, FRAME, ABOVE + 2);
    }

    // ---- one filter -------------------------------------------------------------------------------------------------

    private void compare(FrameFilter filter, String otherwise) {
        long link = filter.destinationMac() << 16 | filter.etherType() & 0xFFFF;
        compare(LINK, link, mask(filter.destinationMac(), filter.etherType(), 0xFFFF), otherwise);
        long origin = filter.sourceMac() << 16 | (filter.protocol() & 0xFF) << 8;
        compare(ORIGIN, origin, mask(filter.sourceMac(), filter.protocol(), PROTOCOL_MASK), otherwise);
        long addresses = (long) filter.source() << 32 | filter.destination() & 0xFFFF_FFFFL;
        compare(ADDRESSES, addresses, prefix(filter.sourceBits()) << 32 | prefix(filter.destinationBits()), otherwise);
        compare(SOURCE_PORT, filter.sourcePorts(), otherwise);
        compare(DESTINATION_PORT, filter.destinationPorts(), otherwise);
    }

    private static long mask(long mac, int below, int belowMask) {
        return (mac == FrameFilter.ANY ? 0 : MAC_MASK) | (below == FrameFilter.ANY ? 0 : belowMask);
    }

    private static long prefix(int bits) {
        return bits == 0 ? 0 : -1 << Integer.SIZE - bits & 0xFFFF_FFFFL;
    }

    private void compare(int register, long value, long mask, String otherwise) {
        if (mask != 0) {
            code.constant(A, mask).computeWith(AND, A, register);
            code.constant(B, value & mask).jumpWith(IF_NOT_EQUAL, A, B, otherwise);
        }
    }

    private void compare(int register, FrameFilter.Ports ports, String otherwise) {
        if (!ports.equals(FrameFilter.Ports.ALL)) {
            code.jump(IF_SIGNED_LESS, register, ports.first(), otherwise);
            code.jump(IF_SIGNED_GREATER, register, ports.last(), otherwise);
        }
    }
}
