package io.sietch.vnic;

import io.sietch.net.ArpFormat;
import io.sietch.net.EthernetFormat;
import io.sietch.net.Ipv4Format;
import io.sietch.net.NetBytes;
import java.lang.foreign.MemorySegment;

/**
 * What filters look at, taken out of a frame once. One object is used again and again.
 *
 * <p>An ARP packet has the addresses of its sender and its target as source and destination. One whose sender is not
 * who the frame says has no source that any filter matches; so whoever may not spoof a frame cannot spoof an ARP
 * packet.
 */
final class FrameHeader {
    /** As much of a frame as is looked at: Ethernet, the longest IPv4 header, two ports, and some to round it up. */
    static final int BYTES = 80;

    /** No port: other protocols, fragments but the first, headers that are cut off. */
    static final int NO_PORT = -1;

    private static final long NOBODY = EthernetFormat.BROADCAST;

    /** Destination MAC (48), type (16). */
    long link;

    /** Source MAC (48), protocol (8), 0 (8). */
    long origin;

    /** Source address (32), destination address (32). */
    long addresses;

    int sourcePort;
    int destinationPort;

    /**
     * @param frame holds at least the Ethernet header
     * @param length of what is there, which may be only the beginning of the frame
     */
    void parse(MemorySegment frame, int length) {
        link = NetBytes.i64(frame, 0) & ~0xFFFFL | EthernetFormat.type(frame, 0);
        long mac = EthernetFormat.source(frame, 0);
        origin = mac << 16;
        addresses = 0;
        sourcePort = NO_PORT;
        destinationPort = NO_PORT;
        switch ((int) link & 0xFFFF) {
            case EthernetFormat.IPV4 -> parseIpv4(frame, length);
            case EthernetFormat.ARP -> parseArp(frame, length, mac);
            default -> {
                // nothing more that filters know
            }
        }
    }

    private void parseIpv4(MemorySegment frame, int length) {
        int at = EthernetFormat.BYTES;
        if (length < at + Ipv4Format.BYTES || Ipv4Format.version(frame, at) != 4) {
            return;
        }
        int headerBytes = Ipv4Format.headerBytes(frame, at);
        if (headerBytes < Ipv4Format.BYTES) {
            return;
        }
        int protocol = Ipv4Format.protocol(frame, at);
        origin |= protocol << 8;
        addresses = addresses(Ipv4Format.source(frame, at), Ipv4Format.destination(frame, at));
        int ports = at + headerBytes;
        if ((protocol == Ipv4Format.TCP || protocol == Ipv4Format.UDP)
                && length >= ports + 4
                && !Ipv4Format.isLaterFragment(frame, at)) {
            sourcePort = NetBytes.u16(frame, ports);
            destinationPort = NetBytes.u16(frame, ports + 2);
        }
    }

    private void parseArp(MemorySegment frame, int length, long mac) {
        int at = EthernetFormat.BYTES;
        if (length < at + ArpFormat.BYTES || !ArpFormat.isForIpv4(frame, at) || ArpFormat.senderMac(frame, at) != mac) {
            origin = NOBODY << 16;
            return;
        }
        addresses = addresses(ArpFormat.senderIp(frame, at), ArpFormat.targetIp(frame, at));
    }

    private static long addresses(int source, int destination) {
        return (long) source << 32 | destination & 0xFFFF_FFFFL;
    }

    boolean isGroup() {
        return EthernetFormat.isGroup(link >>> 16);
    }

    long destinationMac() {
        return link >>> 16;
    }
}
