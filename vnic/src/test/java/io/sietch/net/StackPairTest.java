package io.sietch.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.sietch.vnic.Impairment;
import io.sietch.vnic.NetworkControl;
import io.sietch.vnic.Switch;
import io.sietch.vnic.Vnic;
import io.sietch.vnic.VnicOptions;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.UnaryOperator;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

/** Two stacks on one switch, in virtual time: whatever happens to frames, both streams arrive as they were written. */
class StackPairTest {
    static final int SERVER = 0x0A000001;
    private static final int CLIENT = 0x0A000002;
    static final long SECOND = 1_000_000_000L;
    static final StackOptions OPTIONS =
            StackOptions.DEFAULTS.withBuffers(1 << 15, 1 << 15).withChecksumOffload(false);

    /** Writes a stream of its own, reads the other's, and finishes when it has written all. */
    private static final class End {
        final long length;
        final Random content;
        final Random expected;
        long written;
        long got;
        boolean ended;
        TcpEnd end = TcpEnd.NONE;
        byte[] pending = {};
        int pendingAt;

        End(long length, long seed, long peerSeed) {
            this.length = length;
            this.content = new Random(seed);
            this.expected = new Random(peerSeed);
        }

        void changed(TcpConnection connection) {
            ByteBuffer in = ByteBuffer.allocate(5000);
            while (connection.available() > 0) {
                int n = connection.read(in.clear());
                for (int i = 0; i < n; i++) {
                    assertThat(in.get(i)).as("byte %d", got + i).isEqualTo((byte) expected.nextInt());
                }
                got += n;
            }
            while (written < length && connection.room() > 0) {
                if (pendingAt == pending.length) {
                    pending = new byte[(int) Math.min(3000, length - written)];
                    for (int i = 0; i < pending.length; i++) {
                        pending[i] = (byte) content.nextInt();
                    }
                    pendingAt = 0;
                }
                int n = connection.write(ByteBuffer.wrap(pending, pendingAt, pending.length - pendingAt));
                pendingAt += n;
                written += n;
            }
            if (written == length) {
                connection.finish();
            }
            ended |= connection.isAtEnd();
            end = connection.end();
        }
    }

    static final class Pair {
        final Switch wire = new Switch();
        final NetworkControl control = new NetworkControl(wire);
        final Vnic serverVnic = control.create("server", SERVER, VnicOptions.DEFAULTS, 0);
        final Vnic clientVnic = control.create("client", CLIENT, VnicOptions.DEFAULTS, 0);
        final Stack server;
        final Stack client;
        long now;

        Pair(StackOptions options, long seed) {
            this(options, seed, link -> link);
        }

        /** @param between what each stack sees instead of its network card */
        Pair(StackOptions options, long seed, UnaryOperator<Link> between) {
            server = new Stack(between.apply(serverVnic), SERVER, options, new Random(seed), 0);
            client = new Stack(between.apply(clientVnic), CLIENT, options, new Random(seed + 1), 0);
        }

        void impair(Impairment impairment, long seed) {
            control.impair(serverVnic, impairment, seed);
            control.impair(clientVnic, impairment, seed + 1);
        }

        /** Until nothing happens any more, or the time is over. */
        void run(long until) {
            while (now < until) {
                while (client.poll(now) + wire.poll(now) + server.poll(now) + wire.poll(now) > 0) {
                    // goes on at the same moment
                }
                long idle = Math.min(wire.idleNanos(now), Math.min(client.idleNanos(now), server.idleNanos(now)));
                if (idle == Long.MAX_VALUE) {
                    return;
                }
                now += Math.max(1, idle);
            }
        }
    }

    static Pair exchange(Pair pair, long toServer, long toClient, long seed) {
        End serverEnd = new End(toClient, seed, ~seed);
        End clientEnd = new End(toServer, ~seed, seed);
        pair.server.listen(80, serverEnd::changed);
        pair.client.connect(SERVER, 80, clientEnd::changed);
        pair.run(3600 * SECOND);
        assertThat(serverEnd.got).isEqualTo(toServer);
        assertThat(clientEnd.got).isEqualTo(toClient);
        assertThat(serverEnd.ended && clientEnd.ended).isTrue();
        assertThat(serverEnd.end).isEqualTo(TcpEnd.NORMAL);
        assertThat(clientEnd.end).isEqualTo(TcpEnd.NORMAL);
        assertThat(pair.server.connections()).isZero();
        assertThat(pair.client.connections()).isZero();
        return pair;
    }

    @Test
    void aCleanWireNeedsNoRetransmission() {
        Pair pair = exchange(new Pair(OPTIONS, 1), 1_000_000, 500_000, 1);
        assertThat(pair.client.counters().retransmissions()).isZero();
        assertThat(pair.server.counters().retransmissions()).isZero();
        assertThat(pair.server.counters().badChecksums()).isZero();
    }

    static Impairment anyImpairment(Random random) {
        return Impairment.NONE
                .withLoss(random.nextInt(3) == 0 ? 0 : random.nextDouble() * 0.1)
                .withDuplication(random.nextInt(3) == 0 ? 0 : random.nextDouble() * 0.1)
                .withCorruption(random.nextInt(3) == 0 ? 0 : random.nextDouble() * 0.05)
                .withReordering(random.nextInt(3) == 0 ? 0 : random.nextDouble() * 0.2, random.nextInt(50_000_000))
                .withDelay(random.nextInt(50_000_000), random.nextInt(2) * random.nextInt(10_000_000));
    }

    @Property(tries = 60)
    void whateverTheWireDoesTheStreamsArrive(@ForAll long seed) {
        Random random = new Random(seed);
        Impairment impairment = anyImpairment(random);
        if (random.nextInt(3) == 0) {
            impairment = impairment.withRate(100_000 + random.nextInt(10_000_000), 8 + random.nextInt(100));
        }
        StackOptions options = OPTIONS.withBuffers(2048 << random.nextInt(7), 2048 << random.nextInt(7))
                .withNagle(random.nextBoolean());
        Pair pair = new Pair(options, seed);
        pair.impair(impairment, seed);
        exchange(pair, random.nextInt(300_000), random.nextInt(300_000), seed);
        assertThat(pair.clientVnic.nonsense() + pair.serverVnic.nonsense()).isZero();
    }

    /** Here a write fills the buffer to the last byte, and the writer stops because room() says 0. */
    @Test
    void whoFilledTheBufferExactlyHearsOfRoom() {
        whateverTheWireDoesTheStreamsArrive(5535);
    }

    /** Corruption alone, and much of it: only checksums stand between it and the streams. */
    @Test
    void checksumsFindDamage() {
        Pair pair = new Pair(OPTIONS, 3);
        pair.impair(Impairment.NONE.withCorruption(0.2).withDelay(1_000_000, 0), 3);
        exchange(pair, 200_000, 200_000, 3);
        assertThat(pair.server.counters().badChecksums()).isGreaterThan(10);
    }

    private static Pair lossy(Set<Long> lost, List<Long> seen) {
        Pair pair = new Pair(OPTIONS, 5);
        pair.wire.tap((number, memory, offset, length) -> {
            seen.add(number);
            return !lost.contains(number);
        });
        return exchange(pair, 6_000, 4_000, 5);
    }

    @Test
    void anyOneFrameOfAShortExchangeMayBeLostAndAnyTwo() {
        List<Long> frames = new ArrayList<>();
        lossy(Set.of(), frames);
        int count = frames.size();
        assertThat(count).isBetween(12, 60);
        for (long first = 0; first < count; first++) {
            for (long second = first; second < count; second++) {
                lossy(new HashSet<>(List.of(first, second)), new ArrayList<>());
            }
        }
    }

    @Test
    void manyConnectionsAtOnceKeepApart() {
        Pair pair = new Pair(OPTIONS, 7);
        pair.impair(Impairment.NONE.withLoss(0.01).withDelay(1_000_000, 100_000), 7);
        List<End> ends = new ArrayList<>();
        pair.server.listen(80, connection -> {
            End end = (End) connection.attachment();
            if (end == null) {
                end = new End(10_000, connection.remotePort(), -connection.remotePort());
                connection.attach(end);
                ends.add(end);
            }
            end.changed(connection);
        });
        for (int i = 0; i < 100; i++) {
            TcpConnection connection = pair.client.connect(SERVER, 80, changed -> {
                End end = (End) changed.attachment();
                if (end != null) {
                    end.changed(changed);
                }
            });
            End end = new End(5_000, -connection.localPort(), connection.localPort());
            connection.attach(end);
            ends.add(end);
        }
        pair.run(600 * SECOND);
        assertThat(ends).hasSize(200).allMatch(end -> end.ended && end.end == TcpEnd.NORMAL);
        assertThat(ends).allMatch(end -> end.got == 15_000 - end.length);
        assertThat(pair.server.connections()).isZero();
    }

    @Test
    void datagramsAndTheirRefusal() {
        Pair pair = new Pair(OPTIONS, 9);
        List<String> got = new ArrayList<>();
        UdpSocket echo = pair.server.bind(7, (socket, address, port, memory, offset, length) -> {
            got.add("server " + length);
            socket.send(address, port, memory, offset, length);
        });
        UdpSocket client = pair.client.bind(
                0,
                (socket, address, port, memory, offset, length) ->
                        got.add("client " + length + " from " + Ipv4Format.text(address) + ":" + port));
        MemorySegment data = MemorySegment.ofArray(new byte[3000]);
        assertThat(client.send(SERVER, 7, data, 0, 1000)).isTrue();
        assertThat(client.send(SERVER, 7, data, 0, 0)).isTrue();
        assertThat(client.send(SERVER, 7, data, 0, pair.client.maxDatagramBytes() + 1))
                .isFalse();
        pair.run(SECOND);
        assertThat(got)
                .containsExactly("server 1000", "server 0", "client 1000 from 10.0.0.1:7", "client 0 from 10.0.0.1:7");
        echo.close();
        long before = pair.client.counters().received();
        client.send(SERVER, 7, data, 0, 10);
        pair.run(2 * SECOND);
        assertThat(pair.client.counters().received()).isEqualTo(before + 1);
        assertThat(got).hasSize(4);
    }

    @Test
    void aNeighbourThatDoesNotExistIsAskedForThreeTimes() {
        Pair pair = new Pair(OPTIONS, 11);
        List<TcpEnd> ends = new ArrayList<>();
        pair.client.connect(0x0A000063, 80, connection -> ends.add(connection.end()));
        pair.run(10 * SECOND);
        assertThat(pair.client.counters().unresolved()).isPositive();
        pair.run(400 * SECOND);
        assertThat(ends).containsExactly(TcpEnd.TIMEOUT);
        assertThat(pair.client.connections()).isZero();
    }
}
