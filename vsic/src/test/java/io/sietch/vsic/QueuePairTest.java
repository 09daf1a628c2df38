package io.sietch.vsic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class QueuePairTest {
    @Test
    void aFullQueueIsAReturnValueAndDoesNothing() throws Exception {
        try (Rig rig = new Rig(8)) {
            Vsic vsic = rig.vsic(4);
            Vsa area = rig.area(vsic, 0, 8);
            for (int i = 0; i < 4; i++) {
                assertThat(vsic.flush(area, i)).isTrue();
            }
            assertThat(vsic.flush(area, 99)).isFalse();
            rig.controller.poll();
            assertThat(vsic.flush(area, 99)).as("completed, but not reaped").isFalse();

            Completions completions = new Completions();
            assertThat(vsic.poll(completions, 1)).isEqualTo(1);
            assertThat(vsic.flush(area, 4)).isTrue();
            assertThat(vsic.flush(area, 99)).isFalse();
            rig.settle(vsic, completions);
            assertThat(completions.tags()).containsExactly(0L, 1L, 2L, 3L, 4L);
            assertThat(vsic.inFlight()).isZero();
            assertThat(vsic.counters().commands()).isEqualTo(5);
        }
    }

    @Test
    void pollHandsOutNoMoreThanAskedFor() throws Exception {
        try (Rig rig = new Rig(8)) {
            Vsic vsic = rig.vsic(8);
            Vsa area = rig.area(vsic, 0, 8);
            for (int i = 0; i < 8; i++) {
                vsic.flush(area, i);
            }
            rig.controller.poll();
            Completions completions = new Completions();
            assertThat(vsic.poll(completions, 0)).isZero();
            assertThat(vsic.poll(completions, 3)).isEqualTo(3);
            assertThat(vsic.inFlight()).isEqualTo(5);
            assertThat(vsic.poll(completions, 100)).isEqualTo(5);
            assertThat(vsic.poll(completions, 100)).isZero();
            assertThat(completions.tags())
                    .containsExactlyElementsOf(LongStream.range(0, 8).boxed().toList());
        }
    }

    /**
     * Any interleaving of submitting, polling the device and reaping: each tag comes back once, and none is made up.
     */
    @Property(tries = 200)
    void everyCommandCompletesExactlyOnce(@ForAll @IntRange(min = 1, max = 6) int depthBits, @ForAll long seed)
            throws Exception {
        int depth = 1 << depthBits;
        Random random = new Random(seed);
        try (Rig rig = new Rig(8)) {
            Vsic vsic = rig.vsic(depth);
            Vsa area = rig.area(vsic, 0, 8);
            DmaBuffer buffer = rig.buffer(1);
            Completions completions = new Completions();
            List<Long> submitted = new ArrayList<>();
            long[] next = {0};
            CompletionHandler handler = (tag, status) -> {
                completions.completed(tag, status);
                while (random.nextInt(3) == 0 && submit(vsic, area, buffer, random, next[0])) {
                    submitted.add(next[0]++);
                }
            };
            for (int step = 0; step < 300; step++) {
                switch (random.nextInt(4)) {
                    case 0 -> rig.controller.poll();
                    case 1 -> vsic.poll(handler, 1 + random.nextInt(2 * depth));
                    default -> {
                        boolean room = vsic.inFlight() < depth;
                        assertThat(submit(vsic, area, buffer, random, next[0])).isEqualTo(room);
                        if (room) {
                            submitted.add(next[0]++);
                        }
                    }
                }
                assertThat(vsic.inFlight())
                        .isEqualTo(submitted.size() - completions.seen.size())
                        .isBetween(0, depth);
            }
            rig.settle(vsic, completions);
            assertThat(completions.tags()).containsExactlyInAnyOrderElementsOf(submitted);
            assertThat(completions.statuses()).containsOnly(Status.SUCCESS);
        }
    }

    private static boolean submit(Vsic vsic, Vsa area, DmaBuffer buffer, Random random, long tag) {
        int block = random.nextInt(8) * Rig.BLOCK;
        return switch (random.nextInt(5)) {
            case 0 -> vsic.read(area, block, buffer, 0, Rig.BLOCK, tag);
            case 1 -> vsic.write(area, block, buffer, 0, Rig.BLOCK, tag);
            case 2 -> vsic.writeForced(area, block, buffer, 0, Rig.BLOCK, tag);
            case 3 -> vsic.deallocate(area, block, Rig.BLOCK, tag);
            default -> vsic.flush(area, tag);
        };
    }

    @Test
    void aHandlerMaySubmitUpToTheDepthForEachCompletionItTakes() throws Exception {
        try (Rig rig = new Rig(8)) {
            Vsic vsic = rig.vsic(2);
            Vsa area = rig.area(vsic, 0, 8);
            Completions completions = new Completions();
            CompletionHandler chain = (tag, status) -> {
                completions.completed(tag, status);
                if (tag < 1000) {
                    assertThat(vsic.flush(area, tag + 2)).isTrue();
                }
            };
            vsic.flush(area, 0);
            vsic.flush(area, 1);
            rig.settle(vsic, chain);
            assertThat(completions.tags())
                    .containsExactlyElementsOf(LongStream.range(0, 1002).boxed().toList());
        }
    }

    /** The isolation rule: inside its handler an application may dawdle, and the device still serves the others. */
    @Test
    void theDeviceNeverWaitsForAHandlerThatHoldsItsBatchOpen() throws Exception {
        try (Rig rig = new Rig(8)) {
            Vsic vsic = rig.vsic(2);
            Vsa area = rig.area(vsic, 0, 8);
            Completions completions = new Completions();
            vsic.flush(area, 0);
            vsic.flush(area, 1);
            rig.controller.poll();
            // The device is polled from within the handler, as if on another thread: each pass must return.
            vsic.poll(
                    (tag, status) -> {
                        completions.completed(tag, status);
                        assertThat(vsic.flush(area, tag + 10)).isTrue();
                        assertThat(rig.controller.poll()).isPositive();
                    },
                    10);
            assertThat(completions.tags()).containsExactly(0L, 1L);
            vsic.poll(completions, 10);
            assertThat(completions.tags()).containsExactly(0L, 1L, 10L, 11L);
        }
    }

    @Test
    void aHandlerThatThrowsLosesNothingAndRepeatsNothing() throws Exception {
        try (Rig rig = new Rig(8)) {
            Vsic vsic = rig.vsic(4);
            Vsa area = rig.area(vsic, 0, 8);
            for (int i = 0; i < 4; i++) {
                vsic.flush(area, i);
            }
            rig.controller.poll();
            Completions completions = new Completions();
            CompletionHandler fragile = (tag, status) -> {
                completions.completed(tag, status);
                if (tag == 1) {
                    throw new IllegalArgumentException("on purpose");
                }
            };
            assertThatThrownBy(() -> vsic.poll(fragile, 10)).hasMessage("on purpose");
            assertThat(vsic.inFlight()).isEqualTo(2);
            vsic.poll(fragile, 10);
            assertThat(completions.tags()).containsExactly(0L, 1L, 2L, 3L);
        }
    }

    @Test
    void aHandlerThatPollsIsToldSo() throws Exception {
        try (Rig rig = new Rig(8)) {
            Vsic vsic = rig.vsic(4);
            Vsa area = rig.area(vsic, 0, 8);
            vsic.flush(area, 0);
            rig.controller.poll();
            Completions completions = new Completions();
            assertThatThrownBy(() -> vsic.poll((tag, status) -> vsic.poll(completions, 1), 1))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("handler");
            assertThat(completions.seen).isEmpty();
            assertThat(vsic.inFlight()).isZero();
        }
    }

    @Test
    void depthIsAPowerOfTwoWithinItsLimits() {
        for (int depth : new int[] {-1, 0, 1, 3, 100, 1 << 17, Integer.MIN_VALUE}) {
            assertThatThrownBy(() -> VsicOptions.DEFAULTS.withDepth(depth))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(String.valueOf(depth));
        }
        assertThat(VsicOptions.DEFAULTS.withDepth(1 << 16).depth()).isEqualTo(65536);
    }

    @Test
    void aReleasedVsicLosesItsAreasAndGetsItsAnswers() throws Exception {
        StubMedia stub = new StubMedia(8L * Rig.BLOCK);
        StubMedia.Gate gate = new StubMedia.Gate(null);
        stub.onFlush = gate;
        try (Rig rig = new Rig(stub, ControllerOptions.Flushing.THREAD)) {
            Vsic vsic = rig.vsic(4);
            Vsic other = rig.vsic(4);
            Vsa area = rig.area(vsic, 0, 4);
            Vsa theirs = rig.area(other, 4, 4);
            vsic.flush(area, 1);
            rig.controller.poll();
            vsic.flush(area, 2);
            rig.controller.release(vsic);
            assertThat(area.isRevoked()).isTrue();
            assertThat(theirs.isRevoked()).isFalse();
            gate.open.countDown();
            Completions completions = new Completions();
            rig.finish(vsic, completions);
            assertThat(completions.seen)
                    .containsExactly(new Completions.Seen(2, Status.ABORTED), new Completions.Seen(1, Status.SUCCESS));
            assertThatThrownBy(() -> vsic.flush(area, 3))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("released");
            assertThatThrownBy(() -> rig.controller.release(vsic)).isInstanceOf(IllegalArgumentException.class);
            assertThat(rig.flush(other, theirs)).isEqualTo(Status.SUCCESS);
        }
    }

    /**
     * Opening and closing for ever must not fill the controller; and what a released VSIC still has under way has room.
     */
    @Test
    void vsicsComeAndGo() throws Exception {
        RamMedia media = new RamMedia(
                8 * Rig.BLOCK, 8 * Rig.BLOCK, Rig.BLOCK, new LatencyModel(1_000_000, 1_000_000, 1_000_000));
        try (Rig rig = new Rig(media)) {
            DmaBuffer buffer = rig.buffer(1);
            Completions completions = new Completions();
            for (int i = 0; i < 1000; i++) {
                Vsic vsic = rig.vsic(8);
                Vsa area = rig.area(vsic, 0, 8);
                for (int c = 0; c < 8; c++) {
                    assertThat(vsic.read(area, 0, buffer, 0, Rig.BLOCK, c)).isTrue();
                }
                rig.controller.poll();
                rig.controller.release(vsic);
                rig.clock.advance(300_000);
                rig.controller.poll();
                vsic.poll(completions, 8);
            }
            rig.clock.advance(1_000_000);
            assertThat(rig.controller.poll()).isPositive();
            assertThat(rig.controller.poll()).isZero();
            assertThat(rig.controller.idleNanos()).isEqualTo(Long.MAX_VALUE);
        }
    }

    @Test
    void closingTheControllerAnswersWhatIsStillWaiting() throws Exception {
        try (Rig rig = new Rig(8)) {
            Vsic vsic = rig.vsic(new RateLimit(0, 1, 0));
            Vsic other = rig.vsic(4);
            Vsa area = rig.area(vsic, 0, 4);
            Vsa free = rig.area(other, 4, 4);
            vsic.flush(area, 1);
            vsic.flush(area, 2);
            vsic.flush(area, 3);
            rig.controller.poll();
            other.flush(free, 4);
            rig.controller.close();
            Completions completions = new Completions();
            vsic.poll(completions, 10);
            other.poll(completions, 10);
            assertThat(completions.tags()).containsExactly(1L, 2L, 3L, 4L);
            assertThat(completions.statuses())
                    .containsExactly(Status.SUCCESS, Status.ABORTED, Status.ABORTED, Status.ABORTED);
            assertThat(free.isRevoked()).isTrue();
            other.flush(free, 5);
            rig.settle(other, completions);
            assertThat(completions.statuses()).last().isEqualTo(Status.ABORTED);
        }
    }
}
