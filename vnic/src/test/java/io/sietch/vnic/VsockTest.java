package io.sietch.vnic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sietch.net.EthernetFormat;
import io.sietch.net.Ipv4Format;
import io.sietch.vnic.VsockStream.State;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

/** Streams over the rings of a network card: both ends in one thread, step by step. */
class VsockTest {
    private final EchoHandler handler = new EchoHandler();
    private final VsockPair pair = new VsockPair(handler);

    // ---- bytes ------------------------------------------------------------------------------------------------------

    /** A stream, what goes into it, and what comes back. */
    private static final class Talk {
        final VsockStream stream;
        final byte[] sent;
        final ByteArrayOutputStream got = new ByteArrayOutputStream();
        private int written;

        Talk(VsockStream stream, byte[] sent) {
            this.stream = stream;
            this.sent = sent;
        }

        void write(int most) {
            written += VsockPair.write(stream, sent, written, Math.min(most, sent.length - written));
        }

        void read(int most) {
            got.writeBytes(VsockPair.read(stream, most));
        }

        boolean isDone() {
            return got.size() == sent.length;
        }
    }

    /** Whatever the sizes, the turns and the pauses; and afterwards nobody holds anything. */
    @Property(tries = 60)
    void whatWasSentComesBack(@ForAll long seed) {
        Random random = new Random(seed);
        EchoHandler echo = new EchoHandler();
        echo.consumption = flow -> random.nextInt(flow.receivedLength() + 1);
        int bufferBytes = 256 << random.nextInt(4);
        VnicOptions card = VnicOptions.DEFAULTS.withBuffers(8 << random.nextInt(4), bufferBytes);
        try (VsockPair both = new VsockPair(echo, NetworkOptions.DEFAULTS, card)) {
            List<Talk> talks = new ArrayList<>();
            for (int i = 1 + random.nextInt(5); i > 0; i--) {
                int length = 1 + random.nextInt(random.nextBoolean() ? 500_000 : 2_000);
                talks.add(new Talk(both.open(), VsockPair.random(seed + i, length)));
            }
            for (int turn = 0; !talks.stream().allMatch(Talk::isDone); turn++) {
                assertThat(turn).as("turns, seed %d", seed).isLessThan(2_000_000);
                Talk talk = talks.get(random.nextInt(talks.size()));
                switch (random.nextInt(4)) {
                    case 0 -> both.serve();
                    case 1 -> both.step();
                    case 2 -> talk.write(1 + random.nextInt(20_000));
                    default -> talk.read(1 + random.nextInt(20_000));
                }
                if (random.nextInt(50) == 0) {
                    echo.flows.get(random.nextInt(echo.flows.size())).pause();
                }
                if (random.nextInt(20) == 0) {
                    goOn(echo);
                }
            }
            goOn(echo);
            for (Talk talk : talks) {
                assertThat(talk.got.toByteArray()).as("seed %d", seed).isEqualTo(talk.sent);
                assertThat(talk.stream.state()).isEqualTo(State.CONNECTED);
                talk.stream.close();
            }
            both.settle();
            assertThat(both.table.size()).isZero();
            assertThat(both.table.bufferBytes()).isZero();
            assertThat(both.streams.pool().usedBytes()).isZero();
            assertThat(both.vnic.nonsense()).isZero();
        }
    }

    /** Shows the handler what it did not want to consume before, and ends all pauses. */
    private static void goOn(EchoHandler echo) {
        for (Flow flow : echo.flows) {
            flow.resume();
            if (flow.receivedLength() > 0) {
                echo.received(flow);
            }
        }
    }

    @Test
    void requestAndAnswerLieWhereTheOtherEndHasPutThem() {
        VsockStream stream = pair.open();
        for (int i = 0; i < 300; i++) {
            byte[] sent = VsockPair.random(i, 50 + i);
            assertThat(VsockPair.write(stream, sent, 0, sent.length)).isEqualTo(sent.length);
            assertThat(stream.claimedSegment()).isSameAs(pair.vnic.memory());
            pair.settle();
            assertThat(stream.receivedSegment()).isSameAs(pair.vnic.memory());
            assertThat(stream.receivedLength()).isEqualTo(sent.length);
            assertThat(VsockPair.read(stream, 30)).isEqualTo(Arrays.copyOf(sent, 30));
            assertThat(stream.available()).isEqualTo(sent.length - 30);
            stream.consume(sent.length - 30);
            assertThat(stream.receivedLength()).isZero();
        }
        assertThat(pair.streams.pool().usedBytes()).isZero();
        assertThat(pair.counters().noBuffer()).isZero();
    }

    @Test
    void anAnswerIsThereBeforeTheNextTurn() {
        VsockStream stream = pair.open();
        VsockPair.write(stream, new byte[10], 0, 10);
        int before = pair.rung;
        pair.streams.flush();
        assertThat(pair.rung - before).as("a sleeping server is woken").isEqualTo(1);
        pair.streams.flush();
        assertThat(pair.rung - before).as("once").isEqualTo(1);
        pair.device.poll(0);
        pair.ready.serve();
        pair.host.flush();
        assertThat(pair.vnic.isEmpty()).isFalse();
    }

    @Test
    void aRequestLargerThanTheWindowArrivesWhole() {
        byte[] sent = VsockPair.random(1, 5 * VsockCredit.WINDOW + 17);
        handler.consumption = flow -> flow.receivedLength() == sent.length ? sent.length : 0;
        VsockStream stream = pair.open();
        ByteArrayOutputStream got = new ByteArrayOutputStream();
        int written = 0;
        while (got.size() < sent.length) {
            written += VsockPair.write(stream, sent, written, sent.length - written);
            assertThat(pair.serve() + pair.step()).isPositive();
            while (stream.available() > 0) {
                got.writeBytes(VsockPair.read(stream, Integer.MAX_VALUE));
            }
        }
        assertThat(got.toByteArray()).isEqualTo(sent);
    }

    @Test
    void whoDoesNotReadIsSentAWindowAndHoldsUpNobodyElse() {
        VsockStream slow = pair.open();
        byte[] much = new byte[3 * VsockCredit.WINDOW];
        int written = 0;
        for (int i = 0; i < 1000; i++) {
            written += VsockPair.write(slow, much, written, Math.min(4000, much.length - written));
            pair.serve();
            pair.step();
        }
        assertThat(slow.available()).isEqualTo(VsockCredit.WINDOW);
        VsockStream quick = pair.open();
        byte[] sent = VsockPair.random(2, 1000);
        VsockPair.write(quick, sent, 0, sent.length);
        pair.settle();
        assertThat(VsockPair.read(quick, sent.length)).isEqualTo(sent);
        while (slow.available() > 0) {
            slow.consume(slow.available());
            pair.settle();
        }
        assertThat(handler.events).contains("writable 1");
    }

    /** It says nothing when it posts one; so the device looks again, and does not spin meanwhile. */
    @Test
    void answersWaitForABufferOfThePeer() {
        VnicOptions few = VnicOptions.DEFAULTS.withBuffers(8, 256);
        try (VsockPair both = new VsockPair(handler, NetworkOptions.DEFAULTS, few)) {
            VsockStream stream = both.open();
            byte[] sent = VsockPair.random(3, 1200);
            int written = 0;
            while (written < sent.length) {
                written += VsockPair.write(stream, sent, written, sent.length - written);
                both.streams.flush();
                both.serve();
            }
            both.serve();
            assertThat(both.serve()).as("work while no buffer is posted").isZero();
            assertThat(both.host.idleNanos()).isBetween(1L, 1_000_000L);
            both.settle();
            assertThat(both.host.idleNanos()).isEqualTo(Long.MAX_VALUE);
            ByteArrayOutputStream got = new ByteArrayOutputStream();
            while (stream.available() > 0) {
                got.writeBytes(VsockPair.read(stream, Integer.MAX_VALUE));
            }
            assertThat(got.toByteArray()).isEqualTo(sent);
            assertThat(both.counters().noBuffer()).isZero();
        }
    }

    /** Else there would be none left to receive in. */
    @Test
    void fewBuffersAreKeptHoweverManyAnswersLieUnread() {
        VnicOptions few = VnicOptions.DEFAULTS.withBuffers(16, 256);
        try (VsockPair both = new VsockPair(handler, NetworkOptions.DEFAULTS, few)) {
            List<VsockStream> many = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                VsockStream stream = both.open();
                many.add(stream);
                VsockPair.write(stream, new byte[] {(byte) i}, 0, 1);
                both.settle();
                assertThat(stream.available()).as("answer to stream %d", i).isEqualTo(1);
            }
            for (int i = 0; i < 20; i++) {
                assertThat(VsockPair.read(many.get(i), 1)).containsExactly(i);
            }
            assertThat(both.streams.pool().usedBytes()).isZero();
        }
    }

    @Test
    void whatIsClaimedAndNotUsedGoesBack() {
        VnicOptions few = VnicOptions.DEFAULTS.withBuffers(8, 256);
        try (VsockPair both = new VsockPair(handler, NetworkOptions.DEFAULTS, few)) {
            List<VsockStream> many = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                many.add(both.open());
            }
            for (int i = 0; i < 100; i++) {
                assertThat(many.get(i % 20).claimedLength()).isEqualTo(256 - VsockFormat.BYTES);
                both.step();
            }
            assertThat(VsockPair.write(many.getFirst(), new byte[10], 0, 10)).isEqualTo(10);
            assertThatThrownBy(() -> many.getFirst().commit(1000)).hasMessageContaining("there is room for 202");
            assertThatThrownBy(() -> many.getFirst().consume(1)).hasMessage("cannot consume 1 of 0 bytes");
        }
    }

    // ---- opening and closing ----------------------------------------------------------------------------------------

    @Test
    void whereNobodyListensAStreamIsRefused() {
        List<State> told = new ArrayList<>();
        VsockStream stream = pair.streams.open(VsockPair.PORT + 1, changed -> told.add(changed.state()));
        assertThat(stream.state()).isEqualTo(State.CONNECTING);
        assertThat(stream.claimedLength()).isZero();
        pair.settle();
        assertThat(told).containsExactly(State.RESET);
        assertThat(stream.isAtEnd()).isTrue();
        assertThat(handler.events).isEmpty();
    }

    @Test
    void asManyStreamsAreOpenAsFlowsMayBe() {
        NetworkOptions two = NetworkOptions.DEFAULTS.withMaxFlows(2);
        try (VsockPair both = new VsockPair(handler, two, VnicOptions.DEFAULTS)) {
            VsockStream first = both.open();
            assertThat(both.open().state()).isEqualTo(State.CONNECTED);
            assertThat(both.open().state()).isEqualTo(State.RESET);
            first.close();
            both.settle();
            assertThat(both.open().state()).isEqualTo(State.CONNECTED);
        }
    }

    @Test
    void placesAreUsedAgainAndPortsAreNot() {
        List<String> peers = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            VsockStream stream = pair.open();
            peers.add(handler.last().peer());
            stream.close();
            pair.settle();
            assertThat(stream.state()).isEqualTo(State.CLOSED);
        }
        assertThat(peers).doesNotHaveDuplicates().contains("10.0.0.2:0", "10.0.0.2:65536");
        assertThat(handler.last().local()).isEqualTo("10.0.0.1:7000");
        assertThat(pair.table.size()).isZero();
    }

    @Test
    void whoFinishesIsStillAnswered() {
        VsockStream stream = pair.open();
        byte[] sent = VsockPair.random(4, 100_000);
        int written = 0;
        while (written < sent.length) {
            written += VsockPair.write(stream, sent, written, sent.length - written);
            pair.step();
            pair.device.poll(0);
        }
        stream.finish();
        assertThat(stream.claimedLength()).isZero();
        pair.settle();
        assertThat(handler.events).containsExactly("opened 1", "ended 1", "closed 1 OWNER");
        assertThat(stream.state()).isEqualTo(State.CLOSED);
        ByteArrayOutputStream got = new ByteArrayOutputStream();
        while (!stream.isAtEnd()) {
            got.writeBytes(VsockPair.read(stream, Integer.MAX_VALUE));
        }
        assertThat(got.toByteArray()).isEqualTo(sent);
        assertThat(pair.streams.pool().usedBytes()).isZero();
    }

    @Test
    void whatTheServerSaysLastIsReadAfterItHasClosed() {
        VsockStream stream = pair.open();
        RecordingHandler.put(handler.last(), "bye".getBytes());
        handler.last().finish();
        pair.settle();
        assertThat(stream.state()).isEqualTo(State.CLOSED);
        assertThat(stream.isAtEnd()).isFalse();
        // Its place is its own as long as there is something to read.
        pair.open();
        assertThat(handler.last().peer()).isEqualTo("10.0.0.2:65537");
        assertThat(VsockPair.read(stream, 10)).isEqualTo("bye".getBytes());
        pair.open();
        assertThat(handler.last().peer()).isEqualTo("10.0.0.2:131072");
        assertThat(stream.isAtEnd()).isTrue();
        assertThat(stream.claimedLength()).isZero();
        assertThat(handler.events).startsWith("opened 1", "closed 1 OWNER");
        assertThat(pair.counters().refused()).isZero();
    }

    @Test
    void whoClosesIsHeardAndNotAnswered() {
        VsockStream stream = pair.open();
        VsockPair.write(stream, "last words".getBytes(), 0, 10);
        handler.consumption = flow -> {
            handler.bytes.writeBytes(RecordingHandler.peek(flow, flow.receivedLength()));
            return flow.receivedLength();
        };
        long before = pair.counters().received();
        stream.close();
        assertThat(stream.state()).isEqualTo(State.CLOSED);
        pair.settle();
        assertThat(handler.bytes).hasToString("last words");
        assertThat(handler.events).containsExactly("opened 1", "ended 1", "closed 1 OWNER");
        assertThat(stream.available()).isZero();
        assertThat(pair.counters().received() - before)
                .as("the reset, and no answer")
                .isEqualTo(1);
        assertThat(pair.table.bufferBytes()).isZero();
    }

    @Test
    void whoHasClosedReadsNoMoreAndKeepsItsPlaceUntilItIsHeard() {
        VsockStream stream = pair.open();
        stream.close();
        assertThat(stream.isAtEnd()).isTrue();
        pair.say(0, VsockFormat.OP_RW, 0, 5, 5);
        pair.step();
        assertThat(stream.available()).isZero();
        assertThat(stream.isAtEnd()).isTrue();
        VsockStream next = pair.open();
        assertThat(next.state()).isEqualTo(State.CONNECTED);
        assertThat(handler.last().peer()).isEqualTo("10.0.0.2:65537");
    }

    @Test
    void aServerMayFinishEitherWayFirst() {
        VsockStream stream = pair.open();
        pair.say(0, VsockFormat.OP_SHUTDOWN, VsockFormat.SHUT_SEND, 0, 0);
        pair.step();
        assertThat(stream.state()).isEqualTo(State.CONNECTED);
        assertThat(stream.isAtEnd()).isTrue();
        assertThat(stream.claimedLength()).isPositive();
        pair.say(0, VsockFormat.OP_SHUTDOWN, VsockFormat.SHUT_RECEIVE, 0, 0);
        pair.step();
        assertThat(stream.state()).isEqualTo(State.CLOSED);
        assertThat(stream.claimedLength()).isZero();
    }

    @Test
    void whoHasFinishedSendsNoMore() {
        VsockStream stream = pair.open();
        handler.last().pause();
        stream.finish();
        pair.settle();
        pair.sendRaw(0, VsockFormat.OP_RW, 5);
        pair.settle();
        assertThat(handler.events).containsExactly("opened 1", "closed 1 PEER");
        assertThat(stream.state()).isEqualTo(State.RESET);
    }

    @Test
    void whatIsAbortedIsForgottenAtBothEnds() {
        VsockStream stream = pair.open();
        long before = pair.counters().sent();
        VsockPair.write(stream, new byte[100], 0, 100);
        stream.abort();
        assertThat(stream.state()).isEqualTo(State.RESET);
        pair.settle();
        assertThat(pair.counters().sent() - before).as("the reset alone").isEqualTo(1);
        assertThat(handler.events).containsExactly("opened 1", "closed 1 PEER");
        VsockStream early = pair.streams.open(VsockPair.PORT, changed -> {});
        early.abort();
        pair.settle();
        assertThat(early.state()).isEqualTo(State.RESET);
        assertThat(pair.table.size()).isZero();
    }

    @Test
    void bothMayCloseAtOnce() {
        VsockStream stream = pair.open();
        handler.last().close();
        stream.close();
        pair.settle();
        assertThat(stream.state()).isEqualTo(State.CLOSED);
        assertThat(pair.table.size()).isZero();
        assertThat(pair.open().state()).isEqualTo(State.CONNECTED);
    }

    @Test
    void aCardThatIsTakenAwayTakesItsStreamsWithIt() {
        VsockStream stream = pair.open();
        VsockPair.write(stream, new byte[100], 0, 100);
        handler.consumption = flow -> 0;
        pair.settle();
        RecordingHandler.put(handler.last(), new byte[5]);
        handler.last().flush(5);
        long before = pair.counters().received();
        VnicCounters counters = pair.counters();
        pair.control.detach(pair.vnic);
        pair.serve();
        assertThat(handler.events).containsExactly("opened 1", "closed 1 PEER");
        assertThat(counters.received())
                .as("nothing is put into memory that may be gone")
                .isEqualTo(before);
        assertThat(pair.table.bufferBytes()).isZero();
        pair.streams.lost();
        pair.streams.poll();
        assertThat(stream.state()).isEqualTo(State.RESET);
        assertThat(stream.claimedLength()).isZero();
    }

    // ---- what the control plane says --------------------------------------------------------------------------------

    @Test
    void filtersHoldForAStreamAsForTheConnectionThatWouldTakeItsPlace() {
        FrameFilter own = FrameFilter.ALL.from(pair.vnic.mac()).source(Frames.IP2, 32);
        FrameFilter tcp = own.type(EthernetFormat.IPV4).protocol(Ipv4Format.TCP);
        VsockStream before = pair.open();
        pair.control.transmit(pair.vnic, List.of(tcp.destinationPorts(VsockPair.PORT, VsockPair.PORT)));
        VsockPair.write(before, new byte[3], 0, 3);
        pair.settle();
        assertThat(before.available()).isEqualTo(3);
        assertThat(pair.open().state()).isEqualTo(State.CONNECTED);
        pair.control.transmit(pair.vnic, List.of(tcp.destinationPorts(VsockPair.PORT + 1, 0xFFFF)));
        assertThat(pair.counters().refused()).isZero();
        assertThat(pair.open().state()).isEqualTo(State.RESET);
        assertThat(pair.counters().refused()).isEqualTo(1);
        VsockPair.write(before, new byte[3], 0, 3);
        pair.settle();
        assertThat(before.state()).isEqualTo(State.RESET);
        assertThat(before.available()).isEqualTo(3);
        assertThat(pair.counters().refused()).isEqualTo(2);
        assertThat(handler.events).contains("closed 1 PEER");
    }

    @Test
    void aRateHoldsForStreams() {
        VsockStream stream = pair.open();
        pair.control.limit(pair.vnic, RateLimit.of(1_000_000, RateLimit.UNLIMITED), 0);
        byte[] much = new byte[VsockCredit.WINDOW];
        int written = 0;
        long received = 0;
        for (int i = 0; i <= 100; i++) {
            pair.now = i * 1_000_000L;
            written += VsockPair.write(stream, much, written, much.length - written);
            pair.step();
            pair.serve();
            received = pair.counters().sentBytes();
            stream.consume(stream.available());
        }
        assertThat(received).isBetween(95_000L, 120_000L);
        assertThat(pair.counters().throttled()).isPositive();
    }
}
