package io.sietch.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

/** Packets that come in fragments: whatever their order they are put together, whatever else comes they are not. */
class ReassemblyTest {
    private static final int US = 0x0A000001;
    private static final int PEER = 0x0A000002;
    private static final long SECOND = 1_000_000_000L;
    private static final int MORE = 0x2000;

    private final TestLink link = new TestLink(1514, 16);
    private final Stack stack = new Stack(link, US, StackOptions.DEFAULTS, new Random(1), 0);
    private final List<byte[]> got = new ArrayList<>();
    private long now;

    ReassemblyTest() {
        stack.bind(
                7,
                (socket, address, port, memory, offset, length) ->
                        got.add(memory.asSlice(offset, length).toArray(ValueLayout.JAVA_BYTE)));
    }

    private static byte[] bytes(int length, long seed) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    /** A UDP datagram with its header and checksum. */
    private static byte[] datagram(int source, byte[] payload) {
        byte[] bytes = new byte[UdpFormat.BYTES + payload.length];
        MemorySegment memory = MemorySegment.ofArray(bytes);
        UdpFormat.write(memory, 0, 9, 7, payload.length);
        System.arraycopy(payload, 0, bytes, UdpFormat.BYTES, payload.length);
        long pseudo = InternetChecksum.ofPseudoHeader(source, US, Ipv4Format.UDP, bytes.length);
        int sum = InternetChecksum.finish(pseudo + InternetChecksum.sum(memory, 0, bytes.length));
        NetBytes.put16(memory, UdpFormat.CHECKSUM, sum == 0 ? 0xFFFF : sum);
        return bytes;
    }

    /** A frame with the bytes {@code from} to {@code to} of what an IPv4 packet carries. */
    private static byte[] fragment(int source, int id, byte[] whole, int from, int to) {
        return fragment(source, id, Ipv4Format.UDP, whole, from, to, to < whole.length, 0);
    }

    private static byte[] fragment(
            int source, int id, int protocol, byte[] whole, int from, int to, boolean more, int optionBytes) {
        int header = Ipv4Format.BYTES + optionBytes;
        byte[] bytes = new byte[EthernetFormat.BYTES + header + to - from];
        MemorySegment frame = MemorySegment.ofArray(bytes);
        EthernetFormat.write(frame, 0, TestLink.MAC, TestLink.PEER_MAC, EthernetFormat.IPV4);
        Ipv4Format.write(frame, 14, optionBytes + to - from, id, protocol, source, US);
        Arrays.fill(bytes, 14 + Ipv4Format.BYTES, 14 + header, (byte) 1);
        NetBytes.put8(frame, 14, 0x40 | header / 4);
        NetBytes.put16(frame, 20, (more ? MORE : 0) | from / 8);
        NetBytes.put16(frame, 24, 0);
        NetBytes.put16(frame, 24, InternetChecksum.finish(InternetChecksum.sum(frame, 14, header)));
        System.arraycopy(whole, from, bytes, 14 + header, to - from);
        return bytes;
    }

    private void arrive(byte[]... frames) {
        for (byte[] frame : frames) {
            link.put(frame);
        }
        stack.poll(now);
    }

    /** In three fragments, on whose bounds nothing happens to lie. */
    private byte[][] threeOf(int source, int id, byte[] whole) {
        return new byte[][] {
            fragment(source, id, whole, 0, 1000),
            fragment(source, id, whole, 1000, 1800),
            fragment(source, id, whole, 1800, whole.length)
        };
    }

    @Test
    void theLastFragmentMayComeFirstAndAnyTwice() {
        byte[] payload = bytes(2001, 1);
        byte[][] three = threeOf(PEER, 5, datagram(PEER, payload));
        arrive(three[2], three[1], three[1]);
        assertThat(got).isEmpty();
        arrive(three[0]);
        assertThat(got).containsExactly(payload);
        assertThat(stack.counters().fragments()).isEqualTo(4);
        assertThat(stack.counters().reassembled()).isOne();
        assertThat(stack.counters().abandoned()).isZero();
    }

    @Property(tries = 150)
    void inAnyOrderTheLongestAndTheShortestPacketsAreAsTheyWereSent(@ForAll long seed) {
        // One object serves all tries.
        new ReassemblyTest().shuffled(seed);
    }

    private void shuffled(long seed) {
        Random random = new Random(seed);
        List<byte[]> sent = new ArrayList<>();
        List<byte[]> frames = new ArrayList<>();
        // A duplicate that comes after its packet was delivered begins a packet that never becomes whole.
        int packets = 1 + random.nextInt(Reassembly.PACKETS_OF_A_SOURCE / 2);
        for (int id = 0; id < packets; id++) {
            byte[] payload = bytes(random.nextInt(3) == 0 ? 65_507 : 1 + random.nextInt(9000), seed + id);
            byte[] whole = datagram(PEER, payload);
            sent.add(payload);
            for (int from = 0; from < whole.length; ) {
                int to = Math.min(whole.length, from + 8 * (1 + random.nextInt(180)));
                byte[] frame = fragment(PEER, id, whole, from, to);
                frames.addAll(random.nextInt(10) == 0 ? List.of(frame, frame) : List.of(frame));
                from = to;
            }
        }
        long whole = frames.stream()
                .filter(frame -> Ipv4Format.isFragment(MemorySegment.ofArray(frame), 14))
                .count();
        Collections.shuffle(frames, random);
        arrive(frames.toArray(byte[][]::new));
        while (stack.poll(now) > 0) {
            // more than one batch of frames
        }
        assertThat(got.stream().map(Arrays::hashCode))
                .containsAll(sent.stream().map(Arrays::hashCode).toList());
        assertThat(stack.counters().fragments()).isEqualTo(whole);
        assertThat(stack.counters().badChecksums()).isZero();
    }

    @Test
    void packetsOfTheSameNumberButAnotherSourceOrProtocolAreOthers() {
        byte[] payload = bytes(2001, 1);
        byte[] other = bytes(2001, 2);
        byte[][] ours = threeOf(PEER, 5, datagram(PEER, payload));
        byte[][] theirs = threeOf(PEER + 1, 5, datagram(PEER + 1, other));
        arrive(ours[0], theirs[1], theirs[2], ours[1]);
        arrive(fragment(PEER, 5, Ipv4Format.ICMP, bytes(2001, 3), 1800, 2001, false, 0));
        assertThat(got).isEmpty();
        arrive(theirs[0], ours[2]);
        assertThat(got).containsExactly(other, payload);
    }

    @Test
    void whatOverlapsIsGivenUpAndSoIsWhatEndsTwiceOrTooFar() {
        byte[] whole = datagram(PEER, bytes(2001, 1));
        byte[][] three = threeOf(PEER, 1, whole);
        arrive(three[0], fragment(PEER, 1, whole, 992, 1800), three[1], three[2]);
        assertThat(stack.counters().abandoned()).isOne();
        byte[][] again = threeOf(PEER, 2, whole);
        arrive(again[2], fragment(PEER, 2, Ipv4Format.UDP, whole, 1000, 1400, false, 0));
        assertThat(stack.counters().abandoned()).isEqualTo(2);
        arrive(threeOf(PEER, 3, whole)[2], fragment(PEER, 3, Ipv4Format.UDP, new byte[4000], 2400, 3200, true, 0));
        assertThat(stack.counters().abandoned()).isEqualTo(3);
        arrive(threeOf(PEER, 4, whole)[2], fragment(PEER, 4, Ipv4Format.UDP, new byte[4000], 2400, 3200, false, 0));
        assertThat(stack.counters().abandoned()).isEqualTo(4);
        assertThat(got).isEmpty();
    }

    @Test
    void noPacketIsLongerThanAPacketCanBe() {
        byte[] huge = new byte[65_536 + 200];
        arrive(fragment(PEER, 1, Ipv4Format.UDP, huge, 65_528, 65_536 + 100, false, 0));
        assertThat(stack.counters().abandoned()).isOne();
        // The payload alone would be short enough, but the header has options.
        byte[] whole = datagram(PEER, bytes(65_507, 1));
        arrive(fragment(PEER, 2, Ipv4Format.UDP, whole, 0, 1000, true, 4));
        for (int from = 1000; from < whole.length; from += 1000) {
            arrive(fragment(PEER, 2, whole, from, Math.min(whole.length, from + 1000)));
        }
        assertThat(stack.counters().abandoned()).isEqualTo(2);
        assertThat(got).isEmpty();
    }

    @Test
    void optionsOfTheFirstFragmentAreSkipped() {
        byte[] payload = bytes(1500, 1);
        byte[] whole = datagram(PEER, payload);
        arrive(fragment(PEER, 1, Ipv4Format.UDP, whole, 0, 800, true, 40), fragment(PEER, 1, whole, 800, whole.length));
        assertThat(got).containsExactly(payload);
    }

    @Test
    void damageIsFoundWhenThePacketIsWhole() {
        byte[][] three = threeOf(PEER, 5, datagram(PEER, bytes(2001, 1)));
        three[1][500] ^= 1;
        arrive(three);
        assertThat(got).isEmpty();
        assertThat(stack.counters().badChecksums()).isOne();
    }

    @Test
    void fragmentsWithoutContentOrThatEndInTheMiddleOfAUnitAreMalformed() {
        byte[] whole = datagram(PEER, bytes(2001, 1));
        arrive(
                fragment(PEER, 1, Ipv4Format.UDP, whole, 0, 1001, true, 0),
                fragment(PEER, 1, Ipv4Format.UDP, whole, 0, 0, true, 0));
        assertThat(stack.counters().malformed()).isEqualTo(2);
        assertThat(stack.counters().abandoned()).isZero();
    }

    @Test
    void whatIsNotWholeAfterHalfAMinuteIsForgotten() {
        byte[] payload = bytes(2001, 1);
        byte[][] three = threeOf(PEER, 5, datagram(PEER, payload));
        arrive(three[0], three[1]);
        assertThat(stack.idleNanos(now)).isLessThanOrEqualTo(Reassembly.LIFE_NANOS);
        now = Reassembly.LIFE_NANOS + SECOND;
        arrive(three[2]);
        assertThat(stack.counters().abandoned()).isOne();
        assertThat(got).isEmpty();
        arrive(three[0], three[1]);
        assertThat(got).containsExactly(payload);
    }

    @Test
    void aFloodCostsTheFloodingSourceFirstAndNeverMoreThanTheLimit() {
        byte[] payload = bytes(2001, 1);
        byte[] whole = datagram(PEER, payload);
        byte[][] three = threeOf(PEER, 1, whole);
        arrive(three[0], three[1]);
        for (int id = 0; id < 1000; id++) {
            now += 1000;
            arrive(fragment(PEER + 1, id, whole, 0, 1000));
        }
        assertThat(stack.counters().abandoned()).isEqualTo(1000 - Reassembly.PACKETS_OF_A_SOURCE);
        arrive(three[2]);
        assertThat(got).containsExactly(payload);
        for (int source = 2; source < 1000; source++) {
            now += 1000;
            arrive(fragment(PEER + source, 1, whole, 0, 1000));
        }
        assertThat(stack.counters().abandoned()).isEqualTo(1000 + 998 - Reassembly.PACKETS);
    }

    @Test
    void anEchoThatDoesNotFitIntoAFrameIsNotAnswered() {
        arrive(echoOf(1400));
        assertThat(link.take()).hasSize(1);
        arrive(echoOf(3000));
        assertThat(stack.counters().reassembled()).isEqualTo(2);
        assertThat(link.take()).isEmpty();
        assertThat(link.freeBuffers()).isEqualTo(15);
    }

    private byte[][] echoOf(int length) {
        byte[] echo = bytes(length, 1);
        IcmpFormat.write(MemorySegment.ofArray(echo), 0, IcmpFormat.ECHO, 0, 0);
        NetBytes.put16(MemorySegment.ofArray(echo), 2, 0);
        IcmpFormat.write(MemorySegment.ofArray(echo), 0, IcmpFormat.ECHO, 0, length);
        return new byte[][] {
            fragment(PEER, length, Ipv4Format.ICMP, echo, 0, 800, true, 0),
            fragment(PEER, length, Ipv4Format.ICMP, echo, 800, length, false, 0)
        };
    }

    @Property(tries = 300)
    void noiseDoesNoHarm(@ForAll long seed) {
        new ReassemblyTest().noise(seed);
    }

    private void noise(long seed) {
        Random random = new Random(seed);
        for (int i = 0; i < 60; i++) {
            byte[] content = bytes(8 * (1 + random.nextInt(16)) + (random.nextInt(3) == 0 ? random.nextInt(8) : 0), i);
            byte[] frame = fragment(
                    PEER + random.nextInt(2),
                    random.nextInt(2),
                    new int[] {1, 6, 17}[random.nextInt(3)],
                    content,
                    0,
                    content.length,
                    random.nextInt(4) > 0,
                    4 * random.nextInt(11));
            int header = Ipv4Format.headerBytes(MemorySegment.ofArray(frame), 14);
            NetBytes.put16(
                    MemorySegment.ofArray(frame),
                    20,
                    random.nextInt(4) == 0 ? random.nextInt() : random.nextInt(4) << 13 & MORE | random.nextInt(40));
            NetBytes.put16(MemorySegment.ofArray(frame), 24, 0);
            NetBytes.put16(
                    MemorySegment.ofArray(frame),
                    24,
                    InternetChecksum.finish(InternetChecksum.sum(MemorySegment.ofArray(frame), 14, header)));
            arrive(frame);
            now += random.nextInt(10) == 0 ? 20 * SECOND : 1000;
        }
        now += 60 * SECOND;
        arrive();
        StackCounters counters = stack.counters();
        assertThat(counters.fragments()).isPositive();
        assertThat(counters.reassembled() + counters.abandoned()).isLessThanOrEqualTo(counters.fragments());
    }

    /** RFC 1122, section 3.3.2: only who has seen the first fragment can say which packet it was. */
    @Test
    void theSourceHearsWhenTimeIsOverIfTheFirstFragmentHadCome() {
        byte[] whole = datagram(PEER, bytes(2001, 1));
        byte[][] three = threeOf(PEER, 5, whole);
        // The stack has learned who the peer is.
        byte[] arp = new byte[EthernetFormat.BYTES + ArpFormat.BYTES];
        MemorySegment frame = MemorySegment.ofArray(arp);
        EthernetFormat.write(frame, 0, TestLink.MAC, TestLink.PEER_MAC, EthernetFormat.ARP);
        ArpFormat.write(frame, EthernetFormat.BYTES, 1, TestLink.PEER_MAC, PEER, 0, US);
        arrive(arp, three[0], three[2]);
        arrive(fragment(PEER, 6, whole, 1000, 1800));
        byte[] echo = new byte[80];
        echo[0] = IcmpFormat.ECHO;
        arrive(fragment(PEER, 7, Ipv4Format.ICMP, echo, 0, 40, true, 0));
        link.take();
        now = Reassembly.LIFE_NANOS - SECOND;
        stack.poll(now);
        assertThat(link.take()).isEmpty();
        now = Reassembly.LIFE_NANOS + SECOND;
        stack.poll(now);
        assertThat(stack.counters().abandoned()).isEqualTo(3);
        List<byte[]> sent = link.take();
        assertThat(sent).hasSize(1);
        MemorySegment message = MemorySegment.ofArray(sent.getFirst());
        long icmp = 14 + Ipv4Format.BYTES;
        assertThat(Ipv4Format.destination(message, 14)).isEqualTo(PEER);
        assertThat(IcmpFormat.type(message, icmp)).isEqualTo(11);
        assertThat(IcmpFormat.code(message, icmp)).isEqualTo(1);
        byte[] quoted = Arrays.copyOfRange(sent.getFirst(), (int) icmp + 8, sent.getFirst().length);
        assertThat(quoted).isEqualTo(Arrays.copyOfRange(three[0], 14, 14 + Ipv4Format.BYTES + 8));
        assertThat(InternetChecksum.finish(InternetChecksum.sum(message, icmp, sent.getFirst().length - (int) icmp)))
                .isZero();
    }
}
