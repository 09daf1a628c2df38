package io.sietch.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/**
 * Frames of real exchanges, damaged in all ways but with checksums that are right, so that every parser gets to see
 * them. Each lies at the very end of memory: reading behind it is an error.
 */
class MutatedFramesTest {
    private static final int US = 0x0A000001;
    private static final int PEER = 0x0A000002;
    private static final int BUFFERS = 32;
    private static final long SECOND = 1_000_000_000L;
    private static final StackOptions OPTIONS = StackOptions.DEFAULTS.withTimeWait(SECOND);

    private static final List<byte[]> CAPTURE = capture();

    /** What a peer sends that asks, connects, writes, pings, sends datagrams and fragments, and answers with errors. */
    private static List<byte[]> capture() {
        TestLink usLink = new TestLink(1514, BUFFERS);
        TestLink peerLink = new TestLink(1514, BUFFERS);
        Stack us = new Stack(usLink, US, OPTIONS.withChecksumOffload(false), new Random(1), 0);
        Stack peer = new Stack(peerLink, PEER, OPTIONS.withChecksumOffload(false), new Random(2), 0);
        us.listen(80, connection -> {
            ByteBuffer buffer = ByteBuffer.allocate(5000);
            connection.read(buffer);
            connection.write(buffer.flip());
        });
        peer.bind(9, (socket, address, port, memory, offset, length) -> {});
        TcpConnection connection = peer.connect(US, 80, changed -> changed.read(ByteBuffer.allocate(5000)));
        connection.write(ByteBuffer.allocate(4000));
        peer.bind(8, (socket, address, port, memory, offset, length) -> {})
                .send(US, 7, MemorySegment.ofArray(new byte[100]), 0, 100);
        us.bind(7, (socket, address, port, memory, offset, length) -> socket.send(address, 10, memory, offset, length));
        List<byte[]> seen = new ArrayList<>();
        for (int turn = 0; turn < 10; turn++) {
            peer.poll(turn);
            peerLink.take().forEach(frame -> {
                seen.add(frame);
                usLink.put(frame);
            });
            us.poll(turn);
            usLink.take().forEach(peerLink::put);
            if (turn == 6) {
                connection.finish();
            }
        }
        seen.add(echo());
        seen.add(unreachable());
        return seen;
    }

    private static byte[] echo() {
        byte[] bytes = new byte[34 + 40];
        MemorySegment frame = MemorySegment.ofArray(bytes);
        EthernetFormat.write(frame, 0, TestLink.MAC, TestLink.PEER_MAC, EthernetFormat.IPV4);
        Ipv4Format.write(frame, 14, 40, 1, Ipv4Format.ICMP, PEER, US);
        IcmpFormat.write(frame, 34, IcmpFormat.ECHO, 0, 40);
        return bytes;
    }

    /** That the SYN of a connection of ours could not be delivered. */
    private static byte[] unreachable() {
        byte[] bytes = new byte[34 + IcmpFormat.BYTES + Ipv4Format.BYTES + 8];
        MemorySegment frame = MemorySegment.ofArray(bytes);
        EthernetFormat.write(frame, 0, TestLink.MAC, TestLink.PEER_MAC, EthernetFormat.IPV4);
        Ipv4Format.write(frame, 14, bytes.length - 34, 1, Ipv4Format.ICMP, PEER, US);
        Ipv4Format.write(frame, 42, 8, 1, Ipv4Format.TCP, US, PEER);
        IcmpFormat.write(frame, 34, IcmpFormat.UNREACHABLE, IcmpFormat.NO_PORT, bytes.length - 34);
        return bytes;
    }

    private static byte[] mutate(byte[] frame, Random random) {
        byte[] mutant = frame.clone();
        int lastHeader = Math.min(mutant.length, 100);
        for (int i = random.nextInt(4); i > 0; i--) {
            // Lengths, offsets and kinds are where it hurts, and small or extreme values are what hurts.
            byte[] values = {0, 1, 2, 3, 4, 5, 8, 20, 60, (byte) 0x45, (byte) 0x7F, (byte) 0x80, (byte) 0xFF};
            byte value = random.nextBoolean() ? values[random.nextInt(values.length)] : (byte) random.nextInt();
            mutant[random.nextInt(4) == 0 ? random.nextInt(mutant.length) : 12 + random.nextInt(lastHeader - 12)] =
                    value;
        }
        if (random.nextInt(4) == 0) {
            mutant = Arrays.copyOf(mutant, random.nextInt(mutant.length + 1));
        }
        if (random.nextInt(8) > 0) {
            repair(mutant);
        }
        return mutant;
    }

    /** Makes the checksums right, as far as there are any. */
    private static void repair(byte[] bytes) {
        MemorySegment frame = MemorySegment.ofArray(bytes);
        if (bytes.length < 34 || EthernetFormat.type(frame, 0) != EthernetFormat.IPV4) {
            return;
        }
        int header = Ipv4Format.headerBytes(frame, 14);
        if (14 + header > bytes.length) {
            return;
        }
        NetBytes.put16(frame, 24, 0);
        NetBytes.put16(frame, 24, InternetChecksum.finish(InternetChecksum.sum(frame, 14, header)));
        int length = Ipv4Format.totalBytes(frame, 14) - header;
        int protocol = Ipv4Format.protocol(frame, 14);
        int at = protocol == Ipv4Format.TCP ? TcpFormat.CHECKSUM : protocol == Ipv4Format.UDP ? UdpFormat.CHECKSUM : 2;
        int start = 14 + header;
        if (length >= at + 2 && start + length <= bytes.length) {
            NetBytes.put16(frame, start + at, 0);
            int source = Ipv4Format.source(frame, 14);
            long sum = protocol == Ipv4Format.ICMP ? 0 : InternetChecksum.ofPseudoHeader(source, US, protocol, length);
            NetBytes.put16(
                    frame, start + at, InternetChecksum.finish(sum + InternetChecksum.sum(frame, start, length)));
        }
    }

    @Property(tries = 1500)
    void noFrameDoesHarmAndNoBufferGetsLost(@ForAll long seed) {
        Random random = new Random(seed);
        TestLink link = new TestLink(1514, BUFFERS);
        Stack stack = new Stack(link, US, OPTIONS, new Random(1), 0);
        stack.listen(80, connection -> connection.write(ByteBuffer.allocate(connection.available())));
        stack.bind(
                7,
                (socket, address, port, memory, offset, length) -> socket.send(address, port, memory, offset, length));
        stack.connect(PEER, 81, connection -> {});
        long now = 0;
        for (byte[] frame : CAPTURE) {
            int copies = random.nextInt(3);
            for (int i = 0; i < copies; i++) {
                link.put(mutate(frame, random));
            }
            link.put(frame);
            now += random.nextInt(1000) * 1_000_000L;
            stack.poll(now);
        }
        stack.close();
        for (int i = 0; i < 6; i++) {
            now += 40 * SECOND;
            stack.poll(now);
        }
        assertThat(link.freeBuffers()).isEqualTo(BUFFERS);
        assertThat(stack.counters().received()).isGreaterThanOrEqualTo(CAPTURE.size());
    }
}
