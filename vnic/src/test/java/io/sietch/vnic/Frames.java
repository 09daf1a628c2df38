package io.sietch.vnic;

import io.sietch.net.ArpFormat;
import io.sietch.net.EthernetFormat;
import io.sietch.net.Ipv4Format;
import io.sietch.net.NetBytes;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/** Frames for tests. */
final class Frames {
    static final int IP1 = 0x0A000001;
    static final int IP2 = 0x0A000002;
    static final int IP3 = 0x0A000003;

    private Frames() {}

    /** A frame with the header of TCP or UDP that filters look at. */
    static byte[] ip(long to, long from, int source, int destination, int protocol, int sport, int dport, int length) {
        byte[] bytes = new byte[Math.max(length, 38)];
        MemorySegment frame = MemorySegment.ofArray(bytes);
        EthernetFormat.write(frame, 0, to, from, EthernetFormat.IPV4);
        Ipv4Format.write(frame, 14, bytes.length - 34, 0, protocol, source, destination);
        NetBytes.put16(frame, 34, sport);
        NetBytes.put16(frame, 36, dport);
        return bytes;
    }

    static byte[] udp(Vnic from, Vnic to, int length) {
        return ip(to.mac(), from.mac(), from.address(), to.address(), Ipv4Format.UDP, 1000, 2000, length);
    }

    static byte[] arp(long frameSource, long senderMac, int senderIp, int targetIp) {
        byte[] bytes = new byte[42];
        MemorySegment frame = MemorySegment.ofArray(bytes);
        EthernetFormat.write(frame, 0, EthernetFormat.BROADCAST, frameSource, EthernetFormat.ARP);
        ArpFormat.write(frame, 14, ArpFormat.REQUEST, senderMac, senderIp, 0, targetIp);
        return bytes;
    }

    /** Sends if there is a buffer. */
    static boolean send(Vnic vnic, byte[] frame) {
        long buffer = vnic.claim();
        if (buffer == Vnic.NONE) {
            return false;
        }
        MemorySegment.copy(frame, 0, vnic.memory(), ValueLayout.JAVA_BYTE, buffer, frame.length);
        vnic.send(buffer, frame.length);
        return true;
    }

    /** Everything that has arrived, in hexadecimal. */
    static List<String> receive(Vnic vnic) {
        List<String> frames = new ArrayList<>();
        vnic.receive(
                (memory, offset, length, checked) -> {
                    frames.add(HexFormat.of()
                            .formatHex(memory.asSlice(offset, length).toArray(ValueLayout.JAVA_BYTE)));
                    return true;
                },
                Integer.MAX_VALUE);
        return frames;
    }

    static String hex(byte[] frame) {
        return HexFormat.of().formatHex(frame);
    }
}
