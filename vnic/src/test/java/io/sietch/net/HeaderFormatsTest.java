package io.sietch.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HexFormat;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** The layouts, byte by byte. */
class HeaderFormatsTest {
    private static final long ALICE = 0x0253_4900_0001L;
    private static final long BOB = 0x0253_4900_00FEL;
    private final MemorySegment frame = MemorySegment.ofArray(new byte[64]);

    private String hex(int from, int length) {
        return HexFormat.of().formatHex(frame.asSlice(from, length).toArray(ValueLayout.JAVA_BYTE));
    }

    @Test
    void ethernetIsTwoAddressesAndAType() {
        EthernetFormat.write(frame, 2, BOB, ALICE, EthernetFormat.ARP);
        assertThat(hex(0, 18)).isEqualTo("0000" + "0253490000fe" + "025349000001" + "0806" + "0000");
        assertThat(EthernetFormat.destination(frame, 2)).isEqualTo(BOB);
        assertThat(EthernetFormat.source(frame, 2)).isEqualTo(ALICE);
        assertThat(EthernetFormat.type(frame, 2)).isEqualTo(EthernetFormat.ARP);
        assertThat(EthernetFormat.isGroup(EthernetFormat.BROADCAST)).isTrue();
        assertThat(EthernetFormat.isGroup(0x0100_5E00_0001L)).isTrue();
        assertThat(EthernetFormat.isGroup(ALICE)).isFalse();
    }

    @Test
    void arpIsAsInRfc826() {
        ArpFormat.write(frame, 0, ArpFormat.REQUEST, ALICE, 0xC0A80A01, 0, 0xFE00000F);
        assertThat(hex(0, 28))
                .isEqualTo("0001" + "0800" + "06" + "04" + "0001" + "025349000001" + "c0a80a01" + "000000000000"
                        + "fe00000f");
        assertThat(ArpFormat.isForIpv4(frame, 0)).isTrue();
        assertThat(ArpFormat.operation(frame, 0)).isEqualTo(ArpFormat.REQUEST);
        assertThat(ArpFormat.senderMac(frame, 0)).isEqualTo(ALICE);
        assertThat(ArpFormat.senderIp(frame, 0)).isEqualTo(0xC0A80A01);
        assertThat(ArpFormat.targetIp(frame, 0)).isEqualTo(0xFE00000F);
    }

    /** The header that textbooks compute: 192.168.0.1 to 192.168.0.199, UDP, 115 bytes, checksum b861. */
    @Test
    void theChecksumOfAKnownHeaderIsRight() {
        byte[] known = HexFormat.of().parseHex("45000073000040004011b861c0a80001c0a800c7");
        MemorySegment header = MemorySegment.ofArray(known);
        assertThat(Ipv4Format.isIntact(header, 0)).isTrue();
        Ipv4Format.write(frame, 3, 115 - 20, 0, Ipv4Format.UDP, 0xC0A80001, 0xC0A800C7);
        assertThat(hex(3, 20)).isEqualTo("45000073000040004011b861c0a80001c0a800c7");
        known[7] ^= 1;
        assertThat(Ipv4Format.isIntact(header, 0)).isFalse();
    }

    @Test
    void ipv4FieldsAreReadFromWhereTheyAre() {
        MemorySegment header =
                MemorySegment.ofArray(HexFormat.of().parseHex("4600002012342001ff06beef0a0000010a00000294040000"));
        assertThat(Ipv4Format.version(header, 0)).isEqualTo(4);
        assertThat(Ipv4Format.headerBytes(header, 0)).isEqualTo(24);
        assertThat(Ipv4Format.totalBytes(header, 0)).isEqualTo(32);
        assertThat(Ipv4Format.isFragment(header, 0)).isTrue();
        assertThat(Ipv4Format.isLaterFragment(header, 0)).isTrue();
        assertThat(Ipv4Format.protocol(header, 0)).isEqualTo(Ipv4Format.TCP);
        assertThat(Ipv4Format.text(Ipv4Format.source(header, 0))).isEqualTo("10.0.0.1");
        assertThat(Ipv4Format.text(Ipv4Format.destination(header, 0))).isEqualTo("10.0.0.2");
    }

    @Test
    void udpIsTwoPortsALengthAndAChecksum() {
        UdpFormat.write(frame, 0, 0x1234, 0xFEDC, 10);
        assertThat(hex(0, 8)).isEqualTo("1234" + "fedc" + "0012" + "0000");
        assertThat(UdpFormat.sourcePort(frame, 0)).isEqualTo(0x1234);
        assertThat(UdpFormat.destinationPort(frame, 0)).isEqualTo(0xFEDC);
        assertThat(UdpFormat.length(frame, 0)).isEqualTo(18);
    }

    @Test
    void tcpIsAsInRfc9293AndItsOptionsAsInTheirs() {
        int flags = TcpFormat.SYN | TcpFormat.ACK;
        TcpFormat.write(frame, 0, 0xFFFE, 80, 0x89ABCDEF, 0x01234567, 44, flags, 0xFACE);
        TcpFormat.writeMss(frame, 20, 1460);
        TcpFormat.writeScale(frame, 24, 7);
        TcpFormat.writeSackPermitted(frame, 28);
        TcpFormat.writeTimestamps(frame, 32, 0x11223344, 0x55667788);
        assertThat(hex(0, 44))
                .isEqualTo("fffe0050" + "89abcdef" + "01234567" + "b012" + "face" + "00000000" + "020405b4" + "01030307"
                        + "01010402" + "0101080a1122334455667788");
        TcpSegment segment = new TcpSegment();
        assertThat(segment.parse(frame, 0, 50)).isTrue();
        assertThat(segment.sequence).isEqualTo(0x89ABCDEF);
        assertThat(segment.acknowledgement).isEqualTo(0x01234567);
        assertThat(segment.window).isEqualTo(0xFACE);
        assertThat(segment.payloadBytes).isEqualTo(6);
        assertThat(segment.mss).isEqualTo(1460);
        assertThat(segment.scale).isEqualTo(7);
        assertThat(segment.sackPermitted && segment.hasTimestamps).isTrue();
        assertThat(segment.timestamp).isEqualTo(0x11223344);
        assertThat(segment.timestampEcho).isEqualTo(0x55667788);
        assertThat(segment.parse(frame, 0, 43)).isFalse();
        TcpFormat.writeSackHead(frame, 20, 2);
        assertThat(hex(20, 4)).isEqualTo("01010512");
    }

    @Test
    void anAddressIsFourNumbersWithDots() {
        assertThat(Ipv4Format.parse("192.168.0.255")).isEqualTo(0xC0A800FF);
        for (String bad : new String[] {"", "1.2.3", "1.2.3.4.5", "256.0.0.1", "a.b.c.d", "1..2.3", "-1.0.0.0"}) {
            assertThatThrownBy(() -> Ipv4Format.parse(bad)).hasMessageContaining("is not an IPv4 address");
        }
    }

    @Property(tries = 300)
    void theSumIsThatOfThe16BitWords(@ForAll long seed, @ForAll @IntRange(max = 70) int length) {
        byte[] bytes = new byte[length + 3];
        new Random(seed).nextBytes(bytes);
        long expected = 0;
        for (int i = 0; i < length; i++) {
            expected += (bytes[3 + i] & 0xFFL) << (i % 2 == 0 ? 8 : 0);
        }
        while (expected >>> 16 != 0) {
            expected = (expected & 0xFFFF) + (expected >>> 16);
        }
        int got = InternetChecksum.finish(InternetChecksum.sum(MemorySegment.ofArray(bytes), 3, length));
        assertThat(got).isEqualTo((int) ~expected & 0xFFFF);
    }
}
