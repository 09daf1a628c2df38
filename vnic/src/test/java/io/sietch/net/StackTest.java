package io.sietch.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import io.sietch.vnic.NetworkControl;
import io.sietch.vnic.Switch;
import io.sietch.vnic.Vnic;
import io.sietch.vnic.VnicOptions;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

/** A host as others see it: frames in, frames out. */
class StackTest {
    private static final int US = 0x0A000001;
    private static final int PEER = 0x0A000002;

    private final TestLink link = new TestLink(1514, 16);
    private final Stack stack = new Stack(link, US, StackOptions.DEFAULTS, new Random(1), 0);

    private List<byte[]> answers(byte[] frame) {
        link.put(frame);
        stack.poll(0);
        return link.take();
    }

    private static byte[] arp(int operation, int sender, int target) {
        byte[] bytes = new byte[42];
        MemorySegment frame = MemorySegment.ofArray(bytes);
        EthernetFormat.write(frame, 0, EthernetFormat.BROADCAST, TestLink.PEER_MAC, EthernetFormat.ARP);
        ArpFormat.write(frame, 14, operation, TestLink.PEER_MAC, sender, 0, target);
        return bytes;
    }

    private static byte[] packet(int source, int destination, int protocol, String payload) {
        byte[] content = HexFormat.of().parseHex(payload);
        byte[] bytes = new byte[34 + content.length];
        MemorySegment frame = MemorySegment.ofArray(bytes);
        EthernetFormat.write(frame, 0, TestLink.MAC, TestLink.PEER_MAC, EthernetFormat.IPV4);
        Ipv4Format.write(frame, 14, content.length, 0, protocol, source, destination);
        System.arraycopy(content, 0, bytes, 34, content.length);
        return bytes;
    }

    private static String hex(byte[] bytes, int from) {
        return HexFormat.of().formatHex(bytes, from, bytes.length);
    }

    @Test
    void whoAsksForUsIsToldAndRemembered() {
        byte[] answer = answers(arp(ArpFormat.REQUEST, PEER, US)).getFirst();
        assertThat(hex(answer, 0))
                .isEqualTo("025349000002" + "025349000001" + "0806" + "0001080006040002" + "025349000001" + "0a000001"
                        + "025349000002" + "0a000002");
        assertThat(answers(arp(ArpFormat.REQUEST, PEER, PEER + 1))).isEmpty();
    }

    @Test
    void anEchoIsAnsweredWithTheSameBytes() {
        answers(arp(ArpFormat.REQUEST, PEER, US));
        byte[] answer = answers(packet(PEER, US, Ipv4Format.ICMP, "0800f6fa00010002" + "0102"))
                .getFirst();
        // Type 0 instead of 8: the sum grows by 0x0800.
        assertThat(hex(answer, 34)).isEqualTo("0000fefa00010002" + "0102");
        assertThat(hex(answer, 0)).startsWith("025349000002" + "025349000001" + "0800" + "4500");
        assertThat(answers(packet(PEER, US, Ipv4Format.ICMP, "0800f6fb00010002" + "0102")))
                .isEmpty();
        assertThat(stack.counters().badChecksums()).isEqualTo(1);
    }

    @Test
    void whatCannotBeDeliveredIsReportedWithAQuotation() {
        answers(arp(ArpFormat.REQUEST, PEER, US));
        byte[] udp = packet(PEER, US, Ipv4Format.UDP, "0001000200090000" + "aa");
        byte[] answer = answers(udp).getFirst();
        assertThat(hex(answer, 34)).startsWith("0303").endsWith(hex(udp, 14).substring(0, 56));
        assertThat(hex(answers(packet(PEER, US, 99, "0102")).getFirst(), 34)).startsWith("0302");
    }

    @Test
    void packetsForOthersAndFromNobodyAreDropped() {
        answers(arp(ArpFormat.REQUEST, PEER, US));
        String syn = "13880050" + "00000000" + "00000000" + "50021000" + "00000000";
        for (int source : new int[] {0, -1, 0xE0000001, 0x7F000001, US}) {
            assertThat(answers(packet(source, US, Ipv4Format.TCP, syn))).isEmpty();
        }
        assertThat(answers(packet(PEER, 0x0A0000FF, Ipv4Format.TCP, syn))).isEmpty();
        assertThat(answers(packet(PEER, -1, Ipv4Format.TCP, syn))).isEmpty();
        assertThat(stack.counters().notForUs()).isEqualTo(7);
    }

    @Test
    void aPortThatIsSaidToBeClosedEndsTheConnectingButNotAConnection() {
        answers(arp(ArpFormat.REQUEST, PEER, US));
        List<TcpEnd> ends = new ArrayList<>();
        stack.connect(PEER, 80, connection -> ends.add(connection.end()));
        stack.poll(0);
        byte[] syn = link.take().getFirst();
        String quoted = hex(syn, 14).substring(0, 56);
        byte[] lie = icmpError(quoted.substring(0, 48) + "00000000");
        assertThat(answers(lie)).isEmpty();
        assertThat(ends).isEmpty();
        answers(icmpError(quoted));
        assertThat(ends).containsExactly(TcpEnd.UNREACHABLE);
    }

    private static byte[] icmpError(String quoted) {
        byte[] bytes = packet(PEER, US, Ipv4Format.ICMP, "0303000000000000" + quoted);
        IcmpFormat.write(MemorySegment.ofArray(bytes), 34, 3, 3, bytes.length - 34);
        return bytes;
    }

    @Test
    void connectionsToWhatIsNoHostAreRefusedAtOnce() {
        for (int bad : new int[] {0, -1, 0xE0000001, US}) {
            assertThatThrownBy(() -> stack.connect(bad, 80, connection -> {}))
                    .hasMessageContaining("is not the address of another host");
        }
        stack.listen(80, connection -> {});
        assertThatThrownBy(() -> stack.listen(80, connection -> {})).hasMessage("port 80 is in use");
    }

    /** RFC 6528: with time they grow, with the ends they differ, with the secret they are others. */
    @Test
    void sequenceNumbersFollowAClockAndTheEndsAndASecret() {
        IsnSource source = new IsnSource(new Random(1));
        source.prepare(US, 80, PEER, 5000);
        int first = source.sequence(0);
        assertThat(source.sequence(4_000_000) - first).isEqualTo(1000);
        source.prepare(US, 80, PEER, 5001);
        assertThat(source.sequence(0)).isNotEqualTo(first);
        IsnSource other = new IsnSource(new Random(2));
        other.prepare(US, 80, PEER, 5000);
        assertThat(other.sequence(0)).isNotEqualTo(first);
    }

    @Property(tries = 2000)
    void noiseDoesNoHarmAndNoBufferGetsLost(@ForAll long seed) {
        Random random = new Random(seed);
        stack.listen(80, connection -> {});
        byte[] seen = packet(PEER, US, random.nextBoolean() ? 6 : random.nextBoolean() ? 17 : 1, "00".repeat(60));
        seen[37] = 80;
        seen[46] = (byte) (random.nextInt(16) << 4);
        for (int i = 0; i < 20; i++) {
            byte[] frame = random.nextBoolean() ? seen.clone() : arp(1 + random.nextInt(2), PEER, US);
            int changes = random.nextInt(6);
            for (int k = 0; k < changes; k++) {
                frame[random.nextInt(frame.length)] = (byte) random.nextInt();
            }
            int length = random.nextInt(4) == 0 ? 14 + random.nextInt(frame.length - 13) : frame.length;
            link.put(Arrays.copyOf(frame, length));
        }
        stack.poll(0);
        stack.poll(10_000_000_000L);
        stack.poll(20_000_000_000L);
        stack.poll(30_000_000_000L);
        stack.close();
        stack.poll(40_000_000_000L);
        stack.poll(50_000_000_000L);
        stack.poll(60_000_000_000L);
        assertThat(link.freeBuffers()).isEqualTo(16);
    }

    @Test
    void aSegmentCostsNoGarbage() {
        Switch wire = new Switch();
        NetworkControl control = new NetworkControl(wire);
        Vnic one = control.create("one", US, VnicOptions.DEFAULTS, 0);
        Vnic two = control.create("two", PEER, VnicOptions.DEFAULTS, 0);
        Stack server = new Stack(one, US, StackOptions.DEFAULTS, new Random(1), 0);
        Stack client = new Stack(two, PEER, StackOptions.DEFAULTS, new Random(2), 0);
        ByteBuffer buffer = ByteBuffer.allocateDirect(4096);
        server.listen(80, connection -> {
            connection.read(buffer.clear());
            connection.write(buffer.flip());
        });
        ByteBuffer back = ByteBuffer.allocateDirect(4096);
        long[] got = {0};
        TcpConnection connection = client.connect(US, 80, changed -> got[0] += changed.read(back.clear()));
        ByteBuffer request = ByteBuffer.allocateDirect(100);
        exchange(client, wire, server, connection, request, 0, 20_000);
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        exchange(client, wire, server, connection, request, 20_000, 20_000);
        long allocated = threads.getCurrentThreadAllocatedBytes() - before;
        assertThat(got[0]).isGreaterThan(3_900_000);
        assertThat(allocated).isLessThan(20_000);
    }

    private static void exchange(
            Stack client, Switch wire, Stack server, TcpConnection connection, ByteBuffer request, long from, int n) {
        for (long i = from; i < from + n; i++) {
            long now = i * 10_000;
            connection.write(request.clear());
            client.poll(now);
            wire.poll(now);
            server.poll(now);
            wire.poll(now);
            client.poll(now);
        }
    }
}
