package io.sietch.net;

import static io.sietch.net.StackPairTest.SECOND;
import static io.sietch.net.StackPairTest.SERVER;
import static org.assertj.core.api.Assertions.assertThat;

import io.sietch.net.StackPairTest.Pair;
import io.sietch.vnic.Impairment;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

/** Runs of segments, handed to a link that cuts them: fewer frames are built, and nothing else is different. */
class SegmentRunsTest {
    private static final StackOptions OPTIONS = StackPairTest.OPTIONS.withChecksumOffload(true);

    private final List<RunLink> links = new ArrayList<>();

    private Pair pair(StackOptions options, long seed) {
        links.clear();
        return new Pair(options, seed, link -> {
            RunLink run = new RunLink(link);
            links.add(run);
            return run;
        });
    }

    /** The client's, which connects. */
    private RunLink link() {
        return links.getLast();
    }

    @Test
    void aBulkStreamGoesInFewFramesThatHoldMany() {
        Pair pair = StackPairTest.exchange(pair(OPTIONS.withBuffers(1 << 18, 1 << 18), 1), 3_000_000, 0, 1);
        assertThat(pair.client.counters().retransmissions()).isZero();
        assertThat(pair.server.counters().badChecksums()
                        + pair.server.counters().malformed())
                .isZero();
        int mss = pair.clientVnic.maxFrameBytes() - 14 - 20 - 32;
        assertThat(link().sizes).containsExactly(mss);
        assertThat(link().runs).allMatch(bytes -> bytes % mss == 0 && bytes <= 0xFFFF - 60);
        // What the writer of this test writes at once, 3000 bytes, is not even two segments.
        assertThat(link().runs.stream().mapToInt(each -> each).sum()).isGreaterThan(2_000_000);
        assertThat(link().runs).hasSizeLessThan(link().segments.size() / 4);
    }

    @Test
    void aRunIsNoLongerThanTheCongestionWindowAndThePeersWindowAllow() {
        Pair pair = pair(OPTIONS.withBuffers(1 << 18, 1 << 18), 2);
        pair.impair(Impairment.NONE.withDelay(10_000_000, 0), 2);
        pair.server.listen(80, connection -> {});
        List<Integer> written = new ArrayList<>();
        TcpConnection connection = pair.client.connect(SERVER, 80, changed -> {
            if (changed.state() == TcpState.ESTABLISHED && written.isEmpty()) {
                written.add(changed.write(ByteBuffer.allocate(200_000)));
            }
        });
        pair.run(55_000_000);
        assertThat(connection.state()).isEqualTo(TcpState.ESTABLISHED);
        // The initial window of RFC 6928, before any acknowledgement of data has come.
        assertThat(sent()).isBetween(12_000, 14_600);
        assertThat(link().runs).hasSize(1);
        pair.run(3600 * SECOND);
        // Nobody reads at the other end.
        assertThat(sent()).isEqualTo(200_000);
    }

    private int sent() {
        return link().segments.stream().mapToInt(each -> each).sum();
    }

    @Test
    void ofARunWhatIsLostIsSentAgainAndNothingElse() {
        Set<Integer> lost = Set.of(40, 43);
        int[] seen = {0};
        Pair pair = pair(OPTIONS.withBuffers(1 << 18, 1 << 18), 3);
        pair.wire.tap((number, memory, offset, length) -> length < 1000 || !lost.contains(seen[0]++));
        StackPairTest.exchange(pair, 1_000_000, 0, 3);
        assertThat(pair.client.counters().retransmissions()).isEqualTo(2);
        assertThat(link().runs).isNotEmpty();
    }

    /** A run that is lost was too much for somebody; so what is sent again after a timeout goes piece by piece. */
    @Test
    void aRunThatIsLostAsAWholeIsSentAgainSegmentBySegment() {
        boolean[] losing = {true};
        Pair pair = pair(OPTIONS.withBuffers(1 << 18, 1 << 18), 4);
        pair.wire.tap((number, memory, offset, length) -> length < 1000 || !losing[0]);
        int mss = pair.clientVnic.maxFrameBytes() - 14 - 20 - 32;
        int[] received = {0};
        pair.server.listen(80, connection -> received[0] = connection.available());
        List<Integer> written = new ArrayList<>();
        pair.client.connect(SERVER, 80, changed -> {
            if (changed.state() == TcpState.ESTABLISHED && written.isEmpty()) {
                written.add(changed.write(ByteBuffer.allocate(6 * mss)));
            }
        });
        pair.run(SECOND / 10);
        assertThat(link().runs).containsExactly(6 * mss);
        losing[0] = false;
        pair.run(60 * SECOND);
        assertThat(received[0]).isEqualTo(6 * mss);
        assertThat(link().runs).hasSize(1);
        assertThat(pair.client.counters().retransmissions()).isEqualTo(6);
    }

    @Test
    void neighboursThatAreLostOfARunAreSentAgainEachByItself() {
        Set<Integer> lost = Set.of(40, 41, 42, 43);
        int[] seen = {0};
        Pair pair = pair(OPTIONS.withBuffers(1 << 18, 1 << 18), 3);
        pair.wire.tap((number, memory, offset, length) -> length < 1000 || !lost.contains(seen[0]++));
        StackPairTest.exchange(pair, 1_000_000, 0, 3);
        assertThat(pair.client.counters().retransmissions()).isEqualTo(4);
    }

    @Property(tries = 25)
    void whateverTheWireDoesToTheSegmentsTheStreamsArrive(@ForAll long seed) {
        Random random = new Random(seed);
        Impairment impairment = StackPairTest.anyImpairment(random);
        StackOptions options = OPTIONS.withBuffers(2048 << random.nextInt(8), 2048 << random.nextInt(8))
                .withNagle(random.nextBoolean());
        Pair pair = pair(options, seed);
        pair.impair(impairment, seed);
        StackPairTest.exchange(pair, random.nextInt(300_000), random.nextInt(300_000), seed);
        assertThat(pair.clientVnic.nonsense() + pair.serverVnic.nonsense()).isZero();
    }

    @Test
    void withoutChecksumOffloadThereAreNoRuns() {
        StackPairTest.exchange(pair(StackPairTest.OPTIONS, 5), 100_000, 0, 5);
        assertThat(link().runs).isEmpty();
    }
}
