package io.sietch.net;

import static io.sietch.net.StackPairTest.SECOND;
import static io.sietch.net.StackPairTest.SERVER;
import static org.assertj.core.api.Assertions.assertThat;

import io.sietch.net.StackPairTest.Pair;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

/** Datagrams of one turn, handed as runs to a link that cuts them: fewer frames, and nothing else is different. */
class DatagramRunsTest {
    private static final StackOptions OPTIONS = StackPairTest.OPTIONS.withChecksumOffload(true);

    private final List<RunLink> links = new ArrayList<>();
    private final List<String> got = new ArrayList<>();

    private Pair pair(StackOptions options, long seed) {
        links.clear();
        got.clear();
        Pair pair = new Pair(options, seed, link -> {
            RunLink run = new RunLink(link);
            links.add(run);
            return run;
        });
        for (int port : new int[] {7, 8}) {
            pair.server.bind(
                    port,
                    (socket, address, from, memory, offset, length) -> got.add(text(port, memory, offset, length)));
        }
        return pair;
    }

    private RunLink link() {
        return links.getLast();
    }

    private static String text(int port, MemorySegment memory, long offset, int length) {
        byte[] bytes = memory.asSlice(offset, length).toArray(ValueLayout.JAVA_BYTE);
        return port + ":" + length + ":" + java.util.Arrays.hashCode(bytes);
    }

    /** Sends, and says what is to arrive. */
    private static String send(UdpSocket socket, int port, byte[] bytes) {
        MemorySegment memory = MemorySegment.ofArray(bytes);
        assertThat(socket.send(SERVER, port, memory, 0, bytes.length)).isTrue();
        return text(port, memory, 0, bytes.length);
    }

    private static byte[] bytes(int length, int seed) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    /** Tells the client where the server is; else the first datagrams would wait for that. */
    private static UdpSocket introduced(Pair pair) {
        UdpSocket socket = pair.client.bind(99, (from, address, port, memory, offset, length) -> {});
        send(socket, 7, new byte[1]);
        pair.run(SECOND);
        return socket;
    }

    @Test
    void datagramsOfOneLengthLeaveInOneFrameWithTheNextPoll() {
        Pair pair = pair(OPTIONS, 1);
        UdpSocket socket = introduced(pair);
        got.clear();
        int before = link().frames;
        pair.client.poll(pair.now);
        assertThat(pair.client.idleNanos(pair.now)).isPositive();
        List<String> sent = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            sent.add(send(socket, 7, bytes(64, i)));
        }
        assertThat(link().frames).isEqualTo(before);
        assertThat(pair.client.idleNanos(pair.now)).isZero();
        pair.client.flush();
        assertThat(link().frames).isEqualTo(before + 1);
        assertThat(link().datagramRuns).containsExactly(10);
        pair.run(2 * SECOND);
        assertThat(got).isEqualTo(sent);
    }

    @Test
    void aShorterOneEndsARunAndSoDoesALongerOneAndAnotherReceiver() {
        Pair pair = pair(OPTIONS, 2);
        UdpSocket socket = introduced(pair);
        got.clear();
        List<String> sent = new ArrayList<>();
        for (int length : new int[] {50, 50, 49, 50, 50, 51, 51, 0, 51, 51}) {
            sent.add(send(socket, 7, bytes(length, length)));
        }
        for (int port : new int[] {8, 8, 7, 7, 7}) {
            sent.add(send(socket, port, bytes(51, port)));
        }
        pair.run(2 * SECOND);
        assertThat(got).isEqualTo(sent);
        assertThat(link().datagramRuns).containsExactly(3, 2, 2, 2, 2, 3);
    }

    @Test
    void aRunEndsAtTheLinksLimitAndAtTheLongestPacketThereIs() {
        Pair pair = pair(OPTIONS, 3);
        UdpSocket socket = introduced(pair);
        for (int i = 0; i < RunLink.DATAGRAMS + 3; i++) {
            send(socket, 7, bytes(1, i));
        }
        pair.run(2 * SECOND);
        assertThat(link().datagramRuns).containsExactly(RunLink.DATAGRAMS, 3);
        // 65535 bytes of IPv4, less 28 of headers.
        assertThat(pair.client.maxDatagramBytes()).isBetween(1_900, 2_040);
        assertThat(RunLink.DATAGRAMS * 1_900).isLessThan(65_507);
    }

    @Test
    void whatWaitsForAnAddressIsARunAsWell() {
        Pair pair = pair(OPTIONS, 4);
        UdpSocket socket = pair.client.bind(0, (from, address, port, memory, offset, length) -> {});
        assertThat(socket.port()).isBetween(49_152, 65_535);
        List<String> sent = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            sent.add(send(socket, 7, bytes(30, i)));
        }
        pair.run(2 * SECOND);
        assertThat(got).isEqualTo(sent);
        assertThat(link().datagramRuns).containsExactly(5);
    }

    @Test
    void withoutChecksumOffloadEachLeavesAtOnce() {
        Pair pair = pair(StackPairTest.OPTIONS, 5);
        UdpSocket socket = introduced(pair);
        int before = link().frames;
        send(socket, 7, bytes(64, 1));
        send(socket, 7, bytes(64, 2));
        assertThat(link().frames).isEqualTo(before + 2);
        assertThat(link().datagramRuns).isEmpty();
    }

    @Property(tries = 50)
    void whateverIsSentArrivesInThatOrderAndUnchanged(@ForAll long seed) {
        Random random = new Random(seed);
        Pair pair = pair(OPTIONS, seed);
        UdpSocket first = introduced(pair);
        UdpSocket second = pair.client.bind(98, (from, address, port, memory, offset, length) -> {});
        got.clear();
        int[] lengths = {0, 1, 64, random.nextInt(1_900), 1_900};
        for (int turn = 0; turn < 20; turn++) {
            int count = random.nextInt(50);
            int steady = random.nextInt(1, 10);
            List<String> sent = new ArrayList<>();
            int length = 64;
            int port = 7;
            UdpSocket socket = first;
            for (int i = 0; i < count; i++) {
                if (random.nextInt(steady) == 0) {
                    length = lengths[random.nextInt(lengths.length)];
                    port = 7 + random.nextInt(2);
                    socket = random.nextBoolean() ? first : second;
                }
                sent.add(send(socket, port, bytes(length, random.nextInt())));
            }
            pair.run(pair.now + SECOND);
            assertThat(got).isEqualTo(sent);
            got.clear();
        }
        assertThat(pair.server.counters().badChecksums()
                        + pair.server.counters().malformed())
                .isZero();
    }
}
