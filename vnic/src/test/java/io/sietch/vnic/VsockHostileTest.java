package io.sietch.vnic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sietch.vnic.VsockStream.State;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

/** Streams whose other end does not keep to what was agreed: it may be any process. */
class VsockHostileTest {
    private final EchoHandler handler = new EchoHandler();
    private final VsockPair pair = new VsockPair(handler);

    @Test
    void packetsThatAreNotOfTheirSenderOrNotWholeAreDroppedAndCounted() {
        VsockStream stream = pair.open();
        pair.sendRaw(Frames.IP3, VsockPair.SERVER, 0, VsockPair.PORT, VsockFormat.OP_RST, 0, 0);
        pair.settle();
        assertThat(pair.counters().refused()).isEqualTo(1);
        pair.sendRaw(Frames.IP2, Frames.IP3, 0, VsockPair.PORT, VsockFormat.OP_RST, 0, 0);
        pair.settle();
        assertThat(pair.counters().unroutable()).isEqualTo(1);
        pair.sendRaw(Frames.IP2, VsockPair.SERVER, 0, VsockPair.PORT, VsockFormat.OP_RW, 11, 10);
        pair.sendRaw(Frames.IP2, VsockPair.SERVER, 0, VsockPair.PORT, VsockFormat.OP_RW, 9, 10);
        pair.sendRaw(Frames.IP2, VsockPair.SERVER, 0, VsockPair.PORT, VsockFormat.OP_RW, -1, 10);
        pair.sendRaw(Frames.IP2, VsockPair.SERVER, 0, VsockPair.PORT, VsockFormat.OP_RW, -1, -1);
        pair.settle();
        assertThat(pair.counters().malformed()).isEqualTo(4);
        assertThat(stream.state()).isEqualTo(State.CONNECTED);
        assertThat(handler.events).containsExactly("opened 1");
    }

    @Test
    void packetsOfAnotherTypeAreDroppedAndCounted() {
        pair.open();
        long packet = pair.sendRaw(0, VsockFormat.OP_RST, 0);
        // It is not taken before the next turn.
        pair.vnic.memory().set(ValueLayout.JAVA_SHORT, packet + 28, (short) 2);
        pair.settle();
        assertThat(pair.counters().malformed()).isEqualTo(1);
        assertThat(handler.events).containsExactly("opened 1");
    }

    @Test
    void whatIsForAnotherPortIsNotTheStreams() {
        pair.open();
        pair.sendRaw(Frames.IP2, VsockPair.SERVER, 0, VsockPair.PORT + 1, VsockFormat.OP_RST, 0, 0);
        pair.serve();
        assertThat(handler.events).containsExactly("opened 1");
    }

    @Test
    void whatAServerSaysOfAnotherLengthIsNotHeard() {
        VsockStream stream = pair.open();
        pair.say(0, VsockFormat.OP_RW, 0, 5, 10);
        pair.say(0, VsockFormat.OP_RW, 0, 10, 5);
        pair.say(0, VsockFormat.OP_RW, 0, -1, 5);
        assertThat(pair.vnic.receiveStreams(2)).isEqualTo(2);
        assertThat(pair.vnic.receiveStreams(2)).isEqualTo(1);
        pair.step();
        assertThat(stream.available()).isZero();
        assertThat(stream.state()).isEqualTo(State.CONNECTED);
        pair.say(0, VsockFormat.OP_RW, 0, 5, 5);
        pair.step();
        assertThat(stream.available()).isEqualTo(5);
    }

    @Test
    void whoIsResetSaysNoMore() {
        VsockStream stream = pair.open();
        for (int sent = 0; sent < VsockCredit.WINDOW / 2; sent += 1024) {
            pair.say(0, VsockFormat.OP_RW, 0, 1024, 1024);
            pair.step();
        }
        long before = pair.counters().sent();
        stream.consume(VsockCredit.WINDOW / 2);
        pair.say(0, VsockFormat.OP_RST, 0, 0, 0);
        pair.vnic.receiveStreams(1);
        pair.settle();
        assertThat(stream.state()).isEqualTo(State.RESET);
        assertThat(pair.counters().sent()).isEqualTo(before);
    }

    @Test
    void aResetIsNotAnswered() {
        pair.open();
        long answers = pair.counters().received();
        pair.sendRaw(0, VsockFormat.OP_RST, 0);
        pair.settle();
        assertThat(handler.events).containsExactly("opened 1", "closed 1 PEER");
        assertThat(pair.counters().received()).isEqualTo(answers);
    }

    @Test
    void whoSendsMoreThanThereIsRoomForIsReset() {
        VsockStream stream = pair.open();
        handler.last().pause();
        int packets = VsockCredit.WINDOW / 1024;
        for (int i = 0; i < packets; i++) {
            pair.sendRaw(0, VsockFormat.OP_RW, 1024);
            pair.serve();
        }
        assertThat(handler.events).containsExactly("opened 1");
        pair.sendRaw(0, VsockFormat.OP_RW, 1);
        pair.settle();
        assertThat(handler.events).containsExactly("opened 1", "closed 1 PEER");
        assertThat(stream.state()).isEqualTo(State.RESET);
        assertThat(pair.table.bufferBytes()).isZero();
    }

    @Test
    void whatMakesNoSenseOnAStreamResetsIt() {
        for (int op : new int[] {0, VsockFormat.OP_REQUEST, VsockFormat.OP_RESPONSE, 8, 0xFFFF}) {
            VsockStream stream = pair.open();
            int port = Integer.parseInt(handler.last().peer().split(":")[1]);
            pair.sendRaw(port, op, 0);
            pair.settle();
            assertThat(stream.state()).as("after op %d", op).isEqualTo(State.RESET);
        }
        assertThat(pair.table.size()).isZero();
        // Two streams cannot have one place, and nobody hears of a stream that there is not.
        VsockStream stream = pair.open();
        int port = Integer.parseInt(handler.last().peer().split(":")[1]);
        long answers = pair.counters().received();
        pair.sendRaw(port + (1 << 16), VsockFormat.OP_REQUEST, 0);
        pair.sendRaw(port + (1 << 16), VsockFormat.OP_RW, 5);
        pair.sendRaw(port + (1 << 16), VsockFormat.OP_RST, 0);
        pair.sendRaw(0xFFFF, VsockFormat.OP_RW, 5);
        pair.settle();
        assertThat(pair.counters().received() - answers).as("resets").isEqualTo(3);
        assertThat(stream.state()).isEqualTo(State.CONNECTED);
    }

    /** Its owner has cut off the memory when an answer was about to go there: nobody touches it once it is detached. */
    @Test
    void whoseMemoryIsGoneHoldsUpNobodyElse() {
        VsockStream stream = pair.open();
        int[] rung = {0};
        MemorySegment memory = Arena.ofAuto().allocate(VnicFormat.totalBytes(4, 256), 4096);
        VnicPort evil = new VnicPort("evil", memory, 4, 256, () -> rung[0]++);
        pair.device.attach(evil);
        VsockFlow broken = new VsockFlow(pair.host, pair.table, pair.ready, evil, 0, VsockPair.PORT) {
            private boolean thrown;

            @Override
            boolean transmit() {
                if (!thrown) {
                    thrown = true;
                    evil.show(VnicFormat.buffersAt(4), 100, VnicFormat.STREAM);
                    throw new InternalError("a fault in memory that is gone");
                }
                return super.transmit();
            }
        };
        evil.streams(new VsockFlow[] {broken});
        pair.host.toSend(broken);
        VsockPair.write(stream, new byte[7], 0, 7);
        pair.streams.flush();
        pair.device.poll(0);
        pair.ready.serve();
        assertThatThrownBy(pair.host::flush).isInstanceOf(InternalError.class);
        pair.device.detach(evil);
        pair.settle();
        assertThat(stream.available()).isEqualTo(7);
        assertThat(rung[0]).as("looks at memory that is gone").isZero();
        assertThat(pair.host.idleNanos()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void whoAsksForCreditIsTold() {
        pair.open();
        long answers = pair.counters().received();
        pair.sendRaw(0, VsockFormat.OP_CREDIT_REQUEST, 0);
        pair.settle();
        assertThat(pair.counters().received() - answers).isEqualTo(1);
        assertThat(handler.events).containsExactly("opened 1");
    }

    @Test
    void aSwitchWithoutStreamsDropsTheirPackets() {
        Switch device = new Switch();
        NetworkControl control = new NetworkControl(device);
        Vnic vnic = control.create("client", Frames.IP2, VnicOptions.DEFAULTS, 0);
        long buffer = vnic.claim();
        vnic.sendStream(buffer, VsockFormat.BYTES);
        assertThat(device.poll(0)).isEqualTo(1);
        assertThat(control.counters(vnic).unroutable()).isEqualTo(1);
    }

    /** Any packet, any time; the device goes on, and another card's stream does not notice. */
    @Property(tries = 300)
    void whateverIsSentNobodyElseIsHurt(@ForAll long seed) {
        Random random = new Random(seed);
        EchoHandler echo = new EchoHandler();
        try (VsockPair both = new VsockPair(echo)) {
            Vnic other = both.control.create("other", Frames.IP3, VnicOptions.DEFAULTS, 0);
            VsockStreams others = new VsockStreams(other, VsockPair.SERVER);
            VsockStream good = others.open(VsockPair.PORT, changed -> {});
            byte[] sent = VsockPair.random(seed, 200);
            for (int i = 0; i < 200; i++) {
                int length = random.nextInt(4) == 0 ? edge(random) : random.nextInt(100);
                both.sendRaw(
                        random.nextInt(8) == 0 ? random.nextLong() : Frames.IP2,
                        random.nextInt(8) == 0 ? random.nextLong() : VsockPair.SERVER,
                        random.nextInt(8) == 0 ? random.nextInt() : random.nextInt(3),
                        random.nextInt(8) == 0 ? random.nextInt() : VsockPair.PORT,
                        random.nextInt(8) == 0 ? random.nextInt(1 << 16) : random.nextInt(8),
                        length,
                        Math.clamp(length, 0, 100));
                both.serve();
                both.vnic.receive((memory, offset, bytes, checked) -> true, 64);
                other.receive((memory, offset, bytes, checked) -> true, 64);
                others.poll();
                if (good.state() == State.CONNECTED && good.available() == 0) {
                    assertThat(VsockPair.write(good, sent, 0, sent.length)).isEqualTo(sent.length);
                } else if (good.available() == sent.length) {
                    assertThat(VsockPair.read(good, sent.length)).isEqualTo(sent);
                }
                assertThat(good.state()).as("seed %d, packet %d", seed, i).isNotEqualTo(State.RESET);
            }
            assertThat(both.control.counters(other).sent()).isGreaterThan(50);
            others.close();
        }
    }

    private static int edge(Random random) {
        return switch (random.nextInt(4)) {
            case 0 -> random.nextInt();
            case 1 -> Integer.MAX_VALUE;
            case 2 -> -random.nextInt(100);
            default -> 100 + random.nextInt(3);
        };
    }

    /** Whatever a server says, its client does not fall over, and reads what it was told to. */
    @Property(tries = 300)
    void whateverTheServerSaysItsClientGoesOn(@ForAll long seed) {
        Random random = new Random(seed);
        try (VsockPair both = new VsockPair(new EchoHandler())) {
            List<VsockStream> streams = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                streams.add(both.open());
            }
            for (int i = 0; i < 100; i++) {
                both.say(
                        random.nextInt(3) * 0x1_0001,
                        random.nextInt(10),
                        random.nextInt(4),
                        random.nextInt(4) == 0 ? edge(random) : random.nextInt(200),
                        random.nextInt(200));
                both.step();
                VsockStream stream = streams.get(random.nextInt(3));
                VsockPair.read(stream, random.nextInt(100));
                VsockPair.write(stream, new byte[200], 0, random.nextInt(200));
                switch (random.nextInt(40)) {
                    case 0 -> stream.finish();
                    case 1 -> stream.close();
                    case 2 -> stream.abort();
                    default -> {
                        // goes on
                    }
                }
            }
            streams.forEach(VsockStream::close);
            both.step();
            assertThat(both.streams.pool().usedBytes()).isZero();
            assertThat(both.vnic.nonsense()).isZero();
        }
    }
}
