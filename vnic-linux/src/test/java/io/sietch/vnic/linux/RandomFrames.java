package io.sietch.vnic.linux;

import io.sietch.net.ArpFormat;
import io.sietch.net.EthernetFormat;
import io.sietch.net.Ipv4Format;
import io.sietch.net.NetBytes;
import io.sietch.vnic.FrameFilter;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Random;

/** Filters and frames of so few addresses and ports that they often fit, and frames that are damaged or cut off. */
final class RandomFrames {
    private RandomFrames() {}

    static FrameFilter filter(Random random) {
        FrameFilter filter = FrameFilter.ALL;
        filter = random.nextInt(3) == 0 ? filter.to(mac(random)) : filter;
        filter = random.nextInt(3) == 0 ? filter.from(mac(random)) : filter;
        filter = random.nextInt(3) == 0 ? filter.type(random.nextBoolean() ? 0x0800 : 0x0806) : filter;
        filter = random.nextInt(4) == 0 ? filter.protocol(new int[] {0, 6, 17}[random.nextInt(3)]) : filter;
        filter = random.nextInt(3) == 0 ? filter.source(address(random), random.nextInt(33)) : filter;
        filter = random.nextInt(3) == 0 ? filter.destination(address(random), random.nextInt(33)) : filter;
        int first = random.nextInt(4);
        filter = random.nextInt(4) == 0 ? filter.sourcePorts(first, first + random.nextInt(4)) : filter;
        return random.nextInt(4) == 0 ? filter.destinationPorts(first, first + random.nextInt(4)) : filter;
    }

    private static long mac(Random random) {
        return random.nextInt(8) == 0 ? EthernetFormat.BROADCAST : 0x0253_4900_0000L | random.nextInt(3);
    }

    private static int address(Random random) {
        return (random.nextBoolean() ? 0x0A00_0000 : 0xC0A8_0000) | random.nextInt(4);
    }

    static byte[] frame(Random random) {
        byte[] bytes = new byte[42 + random.nextInt(60)];
        MemorySegment frame = MemorySegment.ofArray(bytes);
        if (random.nextInt(3) == 0) {
            long sender = mac(random);
            long said = random.nextInt(4) == 0 ? mac(random) : sender;
            EthernetFormat.write(frame, 0, mac(random), sender, EthernetFormat.ARP);
            ArpFormat.write(frame, 14, ArpFormat.REQUEST, said, address(random), 0, address(random));
        } else {
            int protocol = new int[] {0, 1, 6, 17}[random.nextInt(4)];
            EthernetFormat.write(frame, 0, mac(random), mac(random), EthernetFormat.IPV4);
            Ipv4Format.write(frame, 14, bytes.length - 34, 0, protocol, address(random), address(random));
            int headerWords = random.nextInt(4) == 0 ? random.nextInt(16) : 5;
            NetBytes.put8(frame, 14, (random.nextInt(9) == 0 ? 0x60 : 0x40) | headerWords);
            int ports = Math.min(14 + 4 * headerWords, bytes.length - 4);
            NetBytes.put16(frame, ports, random.nextInt(8));
            NetBytes.put16(frame, ports + 2, random.nextInt(8));
        }
        if (random.nextInt(3) == 0) {
            bytes[12 + random.nextInt(12)] ^= (byte) (1 << random.nextInt(8));
        }
        return random.nextInt(5) == 0 ? Arrays.copyOf(bytes, 14 + random.nextInt(bytes.length - 13)) : bytes;
    }
}
