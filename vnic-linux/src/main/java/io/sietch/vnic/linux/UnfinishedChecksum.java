package io.sietch.vnic.linux;

import io.sietch.net.EthernetFormat;
import io.sietch.net.InternetChecksum;
import io.sietch.net.Ipv4Format;
import io.sietch.net.NetBytes;
import io.sietch.net.TcpFormat;
import io.sietch.net.UdpFormat;
import java.lang.foreign.MemorySegment;

/**
 * Checksums of TCP and UDP that hold the sum of the pseudo-header only, because a device is to complete them. AF_XDP
 * has no device that would: what goes out is completed here, and what comes in from a kernel on the same machine is
 * recognised.
 */
final class UnfinishedChecksum {
    private static final int IP = EthernetFormat.BYTES;

    private UnfinishedChecksum() {}

    /** Completes it, as {@link io.sietch.net.Link#send(long, int, int, int)} says. */
    static void complete(MemorySegment memory, long frame, int length, int start, int at) {
        int sum = InternetChecksum.finish(InternetChecksum.sum(memory, frame + start, length - start));
        // A UDP checksum of 0 would say that there is none; for TCP both stand for the same.
        NetBytes.put16(memory, frame + at, sum == 0 ? 0xFFFF : sum);
    }

    /** Whether a frame has such a checksum. One frame of 65536 has it by chance; so this is for local peers only. */
    static boolean isIn(MemorySegment memory, long frame, int length) {
        long ip = frame + IP;
        if (length < IP + Ipv4Format.BYTES
                || EthernetFormat.type(memory, frame) != EthernetFormat.IPV4
                || Ipv4Format.version(memory, ip) != 4
                || Ipv4Format.isFragment(memory, ip)) {
            return false;
        }
        int headerBytes = Ipv4Format.headerBytes(memory, ip);
        int above = Ipv4Format.totalBytes(memory, ip) - headerBytes;
        int protocol = Ipv4Format.protocol(memory, ip);
        int at = protocol == Ipv4Format.TCP ? TcpFormat.CHECKSUM : UdpFormat.CHECKSUM;
        if (headerBytes < Ipv4Format.BYTES
                || IP + headerBytes + above > length
                || above < at + 2
                || protocol != Ipv4Format.TCP && protocol != Ipv4Format.UDP) {
            return false;
        }
        long pseudo = InternetChecksum.ofPseudoHeader(
                Ipv4Format.source(memory, ip), Ipv4Format.destination(memory, ip), protocol, above);
        return NetBytes.u16(memory, ip + headerBytes + at) == (~InternetChecksum.finish(pseudo) & 0xFFFF);
    }
}
