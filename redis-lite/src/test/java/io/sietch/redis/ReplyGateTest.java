package io.sietch.redis;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class ReplyGateTest {
    private final ReplyGate gate = new ReplyGate();

    @Test
    void aReplyThatWaitsForNothingLeavesAtOnce() {
        assertThat(gate.add(5, 0, 0, 0)).isFalse();
        assertThat(gate.open()).isEqualTo(5);
    }

    @Test
    void repliesBehindOneThatWaitsWaitWithIt() {
        assertThat(gate.add(5, 100, 0, 0)).isTrue();
        assertThat(gate.add(9, 0, 0, 0)).isTrue();
        assertThat(gate.open()).isZero();
        assertThat(gate.release(99)).isTrue();
        assertThat(gate.open()).isZero();
        assertThat(gate.release(100)).isFalse();
        assertThat(gate.open()).isEqualTo(9);
    }

    @Test
    void repliesOfOneCommitShareAMarkAndThoseOfTheNextDoNot() {
        gate.add(5, 100, 0, 50);
        gate.add(10, 110, 0, 50);
        assertThat(gate.marks()).isEqualTo(1);
        gate.add(15, 120, 0, 110);
        assertThat(gate.marks()).isEqualTo(2);
        assertThat(gate.replies()).isEqualTo(3);
        assertThat(gate.release(110)).isTrue();
        assertThat(gate.open()).isEqualTo(10);
    }

    @Test
    void whatWaitsCanBeForgotten() {
        gate.add(5, 0, 0, 0);
        gate.add(9, 7, 0, 0);
        gate.clear();
        assertThat(gate.open()).isEqualTo(5);
        gate.openTo(20);
        assertThat(gate.add(30, 0, 0, 0)).isFalse();
        assertThat(gate.open()).isEqualTo(30);
    }

    /** The plain model: a reply may leave when no reply up to it waits for more than is durable. */
    @Property(tries = 500)
    void noReplyLeavesBeforeEverythingUpToItIsDurable(@ForAll long seed) {
        Random random = new Random(seed);
        List<long[]> replies = new ArrayList<>();
        ReplyGate tested = new ReplyGate();
        long end = 0;
        long appended = 0;
        long committed = 0;
        long durable = 0;
        for (int i = 0; i < 300; i++) {
            switch (random.nextInt(4)) {
                case 0 -> committed = appended;
                case 1 -> {
                    // Only whole commits become durable.
                    durable = committed;
                    tested.release(durable);
                }
                default -> {
                    end += 1 + random.nextInt(10);
                    long position = switch (random.nextInt(3)) {
                        case 0 -> 0;
                        case 1 -> appended += 8;
                        default -> appended == 0 ? 0 : random.nextLong(appended + 1);
                    };
                    replies.add(new long[] {end, position});
                    tested.add(end, position, durable, committed);
                }
            }
            assertThat(tested.open()).isLessThanOrEqualTo(openInModel(replies, durable));
            if (committed == appended) {
                tested.release(appended);
                durable = appended;
                assertThat(tested.open()).isEqualTo(end);
                assertThat(tested.marks()).isZero();
            }
        }
    }

    private static long openInModel(List<long[]> replies, long durable) {
        long open = 0;
        for (long[] reply : replies) {
            if (reply[1] > durable) {
                break;
            }
            open = reply[0];
        }
        return open;
    }
}
