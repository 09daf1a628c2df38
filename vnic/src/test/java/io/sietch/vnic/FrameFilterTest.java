package io.sietch.vnic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sietch.net.EthernetFormat;
import io.sietch.net.Ipv4Format;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

/** Filters, against a reading of the same frames that is as plain as can be. */
class FrameFilterTest {
    /** What a filter means, byte by byte from RFC 791 and RFC 826. */
    private static boolean fits(FrameFilter filter, byte[] frame) {
        boolean ip = at(frame, 12, 2) == 0x0800 && frame.length >= 34 && frame[14] >> 4 == 4 && (frame[14] & 15) >= 5;
        boolean arp = at(frame, 12, 2) == 0x0806
                && frame.length >= 42
                && at(frame, 14, 6) == 0x0001_0800_0604L
                && at(frame, 22, 6) == at(frame, 6, 6);
        long source = ip ? at(frame, 26, 4) : arp ? at(frame, 28, 4) : 0;
        long destination = ip ? at(frame, 30, 4) : arp ? at(frame, 38, 4) : 0;
        int ports = 14 + (frame[14] & 15) * 4;
        boolean hasPorts = ip
                && (frame[23] == 6 || frame[23] == 17)
                && frame.length >= ports + 4
                && (at(frame, 20, 2) & 0x1FFF) == 0;
        boolean spoofedArp = at(frame, 12, 2) == 0x0806 && !arp;
        return fits(filter.destinationMac(), at(frame, 0, 6))
                && (filter.sourceMac() == -1 || (!spoofedArp && filter.sourceMac() == at(frame, 6, 6)))
                && fits(filter.etherType(), at(frame, 12, 2))
                && (filter.protocol() == -1 || (ip && filter.protocol() == (frame[23] & 0xFF)))
                && prefix(filter.source(), filter.sourceBits(), source)
                && prefix(filter.destination(), filter.destinationBits(), destination)
                && ports(filter.sourcePorts(), hasPorts, hasPorts ? at(frame, ports, 2) : 0)
                && ports(filter.destinationPorts(), hasPorts, hasPorts ? at(frame, ports + 2, 2) : 0);
    }

    private static boolean fits(long wanted, long is) {
        return wanted == -1 || wanted == is;
    }

    private static boolean prefix(int wanted, int bits, long is) {
        for (int bit = 0; bit < bits; bit++) {
            if ((wanted >> 31 - bit & 1) != (is >> 31 - bit & 1)) {
                return false;
            }
        }
        return true;
    }

    private static boolean ports(FrameFilter.Ports ports, boolean has, long port) {
        return ports.equals(FrameFilter.Ports.ALL) || (has && port >= ports.first() && port <= ports.last());
    }

    private static long at(byte[] bytes, int offset, int length) {
        long value = 0;
        for (int i = 0; i < length; i++) {
            value = value << 8 | bytes[offset + i] & 0xFF;
        }
        return value;
    }

    private static FrameFilter filter(Random random) {
        FrameFilter filter = FrameFilter.ALL;
        filter = random.nextInt(3) == 0 ? filter.to(mac(random)) : filter;
        filter = random.nextInt(3) == 0 ? filter.from(mac(random)) : filter;
        filter = random.nextInt(3) == 0 ? filter.type(random.nextBoolean() ? 0x0800 : 0x0806) : filter;
        filter = random.nextInt(4) == 0 ? filter.protocol(random.nextBoolean() ? 6 : 17) : filter;
        filter = random.nextInt(3) == 0 ? filter.source(address(random), random.nextInt(33)) : filter;
        filter = random.nextInt(3) == 0 ? filter.destination(address(random), random.nextInt(33)) : filter;
        int first = random.nextInt(4);
        filter = random.nextInt(4) == 0 ? filter.sourcePorts(first, first + random.nextInt(4)) : filter;
        return random.nextInt(4) == 0 ? filter.destinationPorts(first, first + random.nextInt(4)) : filter;
    }

    private static long mac(Random random) {
        return 0x0253_4900_0000L | random.nextInt(3);
    }

    private static int address(Random random) {
        return 0x0A000000 | random.nextInt(4);
    }

    private static byte[] frame(Random random) {
        byte[] frame = random.nextInt(3) == 0
                ? Frames.arp(mac(random), mac(random), address(random), address(random))
                : Frames.ip(
                        mac(random),
                        mac(random),
                        address(random),
                        address(random),
                        random.nextBoolean() ? 6 : random.nextBoolean() ? 17 : 1,
                        random.nextInt(8),
                        random.nextInt(8),
                        34 + random.nextInt(60));
        if (random.nextInt(3) == 0) {
            frame[12 + random.nextInt(12)] ^= (byte) (1 << random.nextInt(8));
        }
        if (random.nextInt(5) == 0) {
            frame = Arrays.copyOf(frame, 15 + random.nextInt(frame.length - 14));
        }
        return frame;
    }

    private static FrameHeader parse(byte[] frame) {
        FrameHeader header = new FrameHeader();
        header.parse(MemorySegment.ofArray(frame), Math.min(frame.length, FrameHeader.BYTES));
        return header;
    }

    @Property(tries = 3000)
    void theCompiledFilterMatchesWhatTheFilterMeans(@ForAll long seed) {
        Random random = new Random(seed);
        byte[] frame = frame(random);
        for (int i = 0; i < 10; i++) {
            FrameFilter filter = filter(random);
            assertThat(new CompiledFilter(filter).matches(parse(frame)))
                    .as("%s on %s", filter, Frames.hex(frame))
                    .isEqualTo(fits(filter, frame));
            assertThat(filter.matches(MemorySegment.ofArray(frame), frame.length))
                    .as("%s on %s, part by part", filter, Frames.hex(frame))
                    .isEqualTo(fits(filter, frame));
        }
    }

    @Property(tries = 500)
    void theMostSpecificFilterOfAllWins(@ForAll long seed) {
        Random random = new Random(seed);
        VnicPort[] ports = new VnicPort[4];
        for (int i = 0; i < ports.length; i++) {
            MemorySegment memory = Arena.ofAuto().allocate(VnicFormat.totalBytes(4, 256), 4096);
            ports[i] = new VnicPort("port" + i, memory, 4, 256, Doorbell.NONE);
        }
        List<FilterTable.Rule> rules = new ArrayList<>();
        for (int i = random.nextInt(20); i > 0; i--) {
            FrameFilter filter = filter(random);
            rules.add(new FilterTable.Rule(filter, new CompiledFilter(filter), ports[random.nextInt(4)]));
        }
        FilterTable table = new FilterTable(rules);
        for (int i = 0; i < 20; i++) {
            byte[] frame = frame(random);
            VnicPort sender = ports[random.nextInt(4)];
            VnicPort best = null;
            int most = -1;
            for (FilterTable.Rule rule : rules) {
                boolean fits = fits(rule.filter(), frame);
                if (fits && rule.port() != sender && rule.filter().specificity() > most) {
                    most = rule.filter().specificity();
                    best = rule.port();
                }
            }
            assertThat(table.find(parse(frame), sender)).isSameAs(best);
            for (VnicPort port : ports) {
                boolean wants = rules.stream().anyMatch(rule -> rule.port() == port && fits(rule.filter(), frame));
                assertThat(table.wants(port, parse(frame))).isEqualTo(wants);
            }
        }
    }

    @Test
    void aFilterThatFixesMoreBitsIsMoreSpecific() {
        FrameFilter host = FrameFilter.ALL.type(EthernetFormat.IPV4).destination(Frames.IP1, 32);
        assertThat(FrameFilter.ALL.specificity()).isZero();
        assertThat(host.specificity()).isEqualTo(48);
        assertThat(host.protocol(Ipv4Format.TCP).destinationPorts(80, 80).specificity())
                .isEqualTo(72);
        assertThat(FrameFilter.ALL.destinationPorts(0, 1023).specificity()).isEqualTo(6);
        assertThat(FrameFilter.ALL.protocol(Ipv4Format.TCP).etherType()).isEqualTo(EthernetFormat.IPV4);
        assertThat(host.destination(Frames.IP3, 24)).isEqualTo(host.destination(Frames.IP2, 24));
    }

    @Test
    void whatCannotBeMeantIsRefused() {
        assertThatThrownBy(() -> FrameFilter.ALL.to(1L << 48)).hasMessageContaining("must have 48 bits");
        assertThatThrownBy(() -> FrameFilter.ALL.source(0, 33)).hasMessageContaining("a prefix of 33 bits");
        assertThatThrownBy(() -> FrameFilter.ALL.sourcePorts(5, 4)).hasMessageContaining("ports 5 to 4");
        assertThatThrownBy(() -> FrameFilter.ALL.protocol(256)).hasMessageContaining("must have 16 and 8 bits");
    }
}
