package io.sietch.vnic;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

/** The flow itself, over a network within the test's own thread. */
class FlowTest {
    private final RecordingHandler handler = new RecordingHandler();
    private MemoryNetwork network = new MemoryNetwork(handler, NetworkOptions.DEFAULTS);

    private void poll() {
        network.poll(0);
    }

    @Test
    void bytesNotConsumedStandBeforeThoseThatFollow() {
        MemoryNetwork.Peer peer = network.connect();
        handler.consumption = flow -> flow.receivedLength() < 5 ? 0 : 5;
        peer.send("hel");
        poll();
        assertThat(handler.bytes.toString(ISO_8859_1)).isEmpty();
        assertThat(RecordingHandler.peek(peer.flow(), 3)).isEqualTo("hel".getBytes(ISO_8859_1));
        peer.send("lo, wor");
        poll();
        assertThat(handler.bytes.toString(ISO_8859_1)).isEqualTo("hello");
        assertThat(RecordingHandler.peek(peer.flow(), 5)).isEqualTo(", wor".getBytes(ISO_8859_1));
    }

    @Test
    void flowsDoNotSeeEachOthersBytesThoughTheyShareABuffer() {
        MemoryNetwork.Peer one = network.connect();
        MemoryNetwork.Peer two = network.connect();
        handler.consumption = flow -> 0;
        one.send("1111");
        two.send("22");
        poll();
        two.send("22");
        poll();
        assertThat(RecordingHandler.peek(one.flow(), one.flow().receivedLength()))
                .isEqualTo("1111".getBytes(ISO_8859_1));
        assertThat(RecordingHandler.peek(two.flow(), two.flow().receivedLength()))
                .isEqualTo("2222".getBytes(ISO_8859_1));
    }

    @Property(tries = 200)
    void whateverThePiecesTheHandlerSeesTheSameBytesInOrder(
            @ForAll long seed, @ForAll @Size(min = 1, max = 60) List<@IntRange(min = 1, max = 40_000) Integer> pieces) {
        RecordingHandler recorder = new RecordingHandler();
        MemoryNetwork memory = new MemoryNetwork(recorder, NetworkOptions.DEFAULTS);
        Random random = new Random(seed);
        recorder.consumption = flow -> random.nextInt(3) == 0 ? random.nextInt(flow.receivedLength() + 1) : 0;
        MemoryNetwork.Peer peer = memory.connect();
        ByteArrayOutputStream sent = new ByteArrayOutputStream();
        for (int size : pieces) {
            byte[] piece = new byte[size];
            random.nextBytes(piece);
            sent.writeBytes(piece);
            peer.send(piece);
        }
        while (peer.pieces() > 0) {
            memory.poll(0);
        }
        Flow flow = peer.flow();
        recorder.bytes.writeBytes(RecordingHandler.peek(flow, flow.receivedLength()));
        flow.consume(flow.receivedLength());
        assertThat(recorder.bytes.toByteArray()).isEqualTo(sent.toByteArray());
        assertThat(memory.bufferBytes()).isZero();
        memory.close();
    }

    @Property(tries = 200)
    void thePeerGetsExactlyWhatWasFlushedInOrderHoweverSlowlyItReads(
            @ForAll long seed, @ForAll @Size(min = 1, max = 60) List<@IntRange(min = 1, max = 20_000) Integer> writes) {
        RecordingHandler recorder = new RecordingHandler();
        MemoryNetwork memory = new MemoryNetwork(recorder, NetworkOptions.DEFAULTS);
        Random random = new Random(seed);
        MemoryNetwork.Peer peer = memory.connect();
        memory.poll(0);
        Flow flow = peer.flow();
        ByteArrayOutputStream written = new ByteArrayOutputStream();
        ByteArrayOutputStream got = new ByteArrayOutputStream();
        long flushed = 0;
        for (int size : writes) {
            byte[] piece = new byte[size];
            random.nextBytes(piece);
            RecordingHandler.put(flow, piece);
            written.writeBytes(piece);
            peer.window(random.nextInt(2 * size));
            if (random.nextBoolean()) {
                flushed = Math.max(flushed, flow.committed() - random.nextInt(size + 1));
                flow.flush(flushed);
            }
            memory.poll(0);
            got.writeBytes(peer.take());
            assertThat((long) got.size()).isEqualTo(flow.sent()).isLessThanOrEqualTo(flushed);
        }
        peer.window(Long.MAX_VALUE);
        memory.poll(0);
        flow.flush(flow.committed());
        got.writeBytes(peer.take());
        assertThat(got.toByteArray()).isEqualTo(written.toByteArray());
        assertThat(memory.bufferBytes()).isZero();
        memory.close();
    }

    @Test
    void nothingLeavesBeforeItIsFlushedAndWhatIsNotFlushedCanBeTakenBack() {
        MemoryNetwork.Peer peer = network.connect();
        poll();
        Flow flow = peer.flow();
        RecordingHandler.put(flow, "+OK+QUEUED".getBytes(ISO_8859_1));
        assertThat(peer.takeText()).isEmpty();
        flow.flush(3);
        assertThat(peer.takeText()).isEqualTo("+OK");
        flow.rewind(3);
        RecordingHandler.put(flow, "-ERR".getBytes(ISO_8859_1));
        flow.flush(flow.committed());
        assertThat(peer.takeText()).isEqualTo("-ERR");
        assertThatThrownBy(() -> flow.rewind(2)).hasMessageContaining("cannot rewind to 2: flushed up to 7");
        assertThatThrownBy(() -> flow.rewind(8)).hasMessageContaining("committed up to 7");
    }

    @Test
    void aSlowPeerIsServedWhenItReadsAgainAndTheOwnerHearsOfItOnce() {
        MemoryNetwork.Peer peer = network.connect();
        poll();
        peer.window(4);
        RecordingHandler.put(peer.flow(), "0123456789".getBytes(ISO_8859_1));
        peer.flow().flush(10);
        poll();
        assertThat(peer.takeText()).isEqualTo("0123");
        assertThat(peer.flow().unsent()).isEqualTo(6);
        peer.window(100);
        poll();
        poll();
        assertThat(peer.takeText()).isEqualTo("456789");
        assertThat(handler.events).containsExactly("opened 1", "writable 1");
    }

    @Test
    void aPausedFlowLeavesItsBytesWithThePeer() {
        MemoryNetwork.Peer peer = network.connect();
        poll();
        peer.flow().pause();
        peer.send("x");
        poll();
        assertThat(peer.pieces()).isEqualTo(1);
        peer.flow().resume();
        poll();
        assertThat(handler.bytes.toString(ISO_8859_1)).isEqualTo("x");
    }

    @Test
    void tooManyUnconsumedBytesCloseTheirFlowAlone() {
        network = new MemoryNetwork(handler, NetworkOptions.DEFAULTS.withFlowBytes(100_000, 1000));
        handler.consumption = flow -> flow.id() == 1 ? 0 : flow.receivedLength();
        MemoryNetwork.Peer greedy = network.connect();
        MemoryNetwork.Peer modest = network.connect();
        for (int i = 0; i < 30; i++) {
            greedy.send(new byte[10_000]);
            poll();
        }
        assertThat(greedy.isClosed()).isTrue();
        assertThat(handler.events).contains("closed 1 RECEIVE_LIMIT");
        modest.send("still here");
        poll();
        assertThat(handler.bytes.toString(ISO_8859_1)).isEqualTo("still here");
        assertThat(network.bufferBytes()).isZero();
    }

    @Test
    void theBuffersOfAllFlowsTogetherAreLimited() {
        network = new MemoryNetwork(handler, NetworkOptions.DEFAULTS.withTotalBytes(64 << 10));
        handler.consumption = flow -> 0;
        for (int i = 0; i < 100; i++) {
            network.connect().send(new byte[1000]);
        }
        poll();
        assertThat(network.bufferBytes()).isLessThanOrEqualTo(64 << 10);
        assertThat(network.flows()).isEqualTo(64);
        assertThat(handler.events).contains("closed 100 MEMORY_LIMIT");
    }

    @Test
    void aClaimBeyondTheLimitIsRefusedAndNothingIsLost() {
        network = new MemoryNetwork(handler, NetworkOptions.DEFAULTS.withFlowBytes(1000, 10_000));
        MemoryNetwork.Peer peer = network.connect();
        poll();
        peer.window(0);
        Flow flow = peer.flow();
        RecordingHandler.put(flow, new byte[9_000]);
        assertThat(flow.claim(1_001)).isFalse();
        assertThat(flow.claim(1_000)).isTrue();
        flow.flush(flow.committed());
        peer.window(Long.MAX_VALUE);
        poll();
        assertThat(peer.take()).hasSize(9_000);
    }

    @Test
    void aClaimThatIsGivenBackHoldsNoMemory() {
        MemoryNetwork.Peer peer = network.connect();
        poll();
        assertThat(peer.flow().claim(100)).isTrue();
        peer.flow().commit(0);
        assertThat(network.bufferBytes()).isZero();
    }

    @Test
    void aFinishedFlowSendsEverythingFirst() {
        MemoryNetwork.Peer peer = network.connect();
        poll();
        peer.window(2);
        RecordingHandler.put(peer.flow(), "bye".getBytes(ISO_8859_1));
        peer.flow().finish();
        assertThat(peer.flow().claim(1)).isFalse();
        poll();
        assertThat(peer.isClosed()).isFalse();
        peer.window(2);
        poll();
        assertThat(peer.takeText()).isEqualTo("bye");
        assertThat(handler.events).containsExactly("opened 1", "closed 1 OWNER");
    }

    @Test
    void aPeerThatEndsItsSideStillGetsItsAnswer() {
        MemoryNetwork.Peer peer = network.connect();
        peer.send("question");
        peer.end();
        poll();
        poll();
        assertThat(handler.bytes.toString(ISO_8859_1)).isEqualTo("question");
        assertThat(handler.events).containsExactly("opened 1", "ended 1", "closed 1 OWNER");
    }

    @Test
    void everyOpenedFlowIsReportedClosedOnceAndIsHarmlessAfterwards() {
        MemoryNetwork.Peer peer = network.connect();
        poll();
        Flow flow = peer.flow();
        flow.close();
        flow.close();
        flow.finish();
        flow.flush(10);
        assertThat(flow.claim(1)).isFalse();
        assertThat(flow.receivedLength()).isZero();
        poll();
        poll();
        network.close();
        assertThat(handler.events).containsExactly("opened 1", "closed 1 OWNER");
    }

    @Test
    void aPeerThatIsGoneIsFoundWhenWeSend() {
        MemoryNetwork.Peer peer = network.connect();
        poll();
        peer.reset();
        RecordingHandler.put(peer.flow(), new byte[1]);
        peer.flow().flush(1);
        poll();
        assertThat(handler.events).containsExactly("opened 1", "closed 1 PEER");
    }

    @Test
    void flowsBeyondTheLimitWaitForARoom() {
        network = new MemoryNetwork(handler, NetworkOptions.DEFAULTS.withMaxFlows(1));
        MemoryNetwork.Peer first = network.connect();
        network.connect();
        poll();
        assertThat(handler.events).containsExactly("opened 1");
        first.flow().close();
        poll();
        poll();
        assertThat(handler.events).containsExactly("opened 1", "closed 1 OWNER", "opened 2");
    }

    @Test
    void consumingMoreThanWasReceivedIsAMistakeOfTheOwner() {
        MemoryNetwork.Peer peer = network.connect();
        handler.consumption = flow -> 0;
        peer.send("abc");
        poll();
        assertThatThrownBy(() -> peer.flow().consume(4)).hasMessage("cannot consume 4 of 3 bytes");
    }

    @Test
    void aPieceOfManyMegabytesArrivesWhole() {
        handler.consumption = flow -> 0;
        MemoryNetwork.Peer peer = network.connect();
        byte[] large = new byte[9 << 20];
        new Random(7).nextBytes(large);
        peer.send(large);
        while (peer.pieces() > 0) {
            poll();
        }
        assertThat(Arrays.equals(RecordingHandler.peek(peer.flow(), large.length), large))
                .isTrue();
        assertThat(network.bufferBytes()).isLessThanOrEqualTo(16 << 20);
    }
}
