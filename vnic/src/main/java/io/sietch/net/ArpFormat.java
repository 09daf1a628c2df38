package io.sietch.net;

import java.lang.foreign.MemorySegment;

/**
 * An ARP packet for IPv4 over Ethernet (RFC 826). Others are not understood, and ignored.
 *
 * <pre>
 *  0          2          4     5     6           8           14          18          24          28
 *  ├ hardware ┼ protocol ┼ 6 ──┼ 4 ──┼ operation ┼ sender MAC ┼ sender IP ┼ target MAC ┼ target IP ┤
 * </pre>
 */
public final class ArpFormat {
    /** Bytes of the packet. */
    public static final int BYTES = 28;

    /** Asks who has the target address. */
    public static final int REQUEST = 1;

    /** Says that the sender has the sender address. */
    public static final int REPLY = 2;

    private static final int OPERATION = 6;
    private static final int SENDER_MAC = 8;
    private static final int SENDER_IP = 14;
    private static final int TARGET_MAC = 18;
    private static final int TARGET_IP = 24;
    private static final long ETHERNET_IPV4 = 0x0001_0800_0604L;

    private ArpFormat() {}

    /** Whether this is about IPv4 addresses on Ethernet. */
    public static boolean isForIpv4(MemorySegment frame, long at) {
        return NetBytes.i64(frame, at) >>> 16 == ETHERNET_IPV4;
    }

    /** {@link #REQUEST}, {@link #REPLY} or something else. */
    public static int operation(MemorySegment frame, long at) {
        return NetBytes.u16(frame, at + OPERATION);
    }

    /** The sender's Ethernet address. */
    public static long senderMac(MemorySegment frame, long at) {
        return NetBytes.i64(frame, at + SENDER_MAC - 2) & EthernetFormat.BROADCAST;
    }

    /** The sender's IPv4 address. */
    public static int senderIp(MemorySegment frame, long at) {
        return NetBytes.i32(frame, at + SENDER_IP);
    }

    /** The IPv4 address that is asked for, or that is answered. */
    public static int targetIp(MemorySegment frame, long at) {
        return NetBytes.i32(frame, at + TARGET_IP);
    }

    /** Writes the whole packet. */
    public static void write(
            MemorySegment frame, long at, int operation, long senderMac, int senderIp, long targetMac, int targetIp) {
        NetBytes.put64(frame, at, ETHERNET_IPV4 << 16 | operation);
        NetBytes.put64(frame, at + SENDER_MAC, senderMac << 16 | senderIp >>> 16);
        NetBytes.put16(frame, at + SENDER_IP + 2, senderIp);
        NetBytes.put64(frame, at + TARGET_MAC, targetMac << 16 | targetIp >>> 16);
        NetBytes.put16(frame, at + TARGET_IP + 2, targetIp);
    }
}
