package io.sietch.vsic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

/** An emulated device takes its time: virtual time here, to the nanosecond. */
class LatencyTest {
    private static final int BLOCK = Rig.BLOCK;
    private static final LatencyModel MODEL = new LatencyModel(80_000, 20_000, 150_000);

    private static Rig slowRig() {
        return new Rig(new RamMedia(8 * BLOCK, 8 * BLOCK, BLOCK, MODEL));
    }

    @Test
    void eachCommandTakesTheTimeOfItsKind() throws Exception {
        try (Rig rig = slowRig()) {
            Vsic vsic = rig.vsic(8);
            Vsa area = rig.area(vsic, 0, 8);
            DmaBuffer buffer = rig.buffer(1);
            List<Runnable> commands = List.of(
                    () -> vsic.read(area, 0, buffer, 0, BLOCK, 1),
                    () -> vsic.write(area, 0, buffer, 0, BLOCK, 1),
                    () -> vsic.deallocate(area, 0, BLOCK, 1),
                    () -> vsic.flush(area, 1),
                    () -> vsic.writeForced(area, 0, buffer, 0, BLOCK, 1));
            long[] times = {80_000, 20_000, 20_000, 150_000, 150_000};
            for (int i = 0; i < times.length; i++) {
                Completions completions = new Completions();
                commands.get(i).run();
                rig.settle(vsic, completions);
                assertThat(rig.controller.idleNanos()).isEqualTo(times[i]);
                rig.clock.advance(times[i] - 1);
                rig.settle(vsic, completions);
                assertThat(completions.seen)
                        .as("command %d, a nanosecond early", i)
                        .isEmpty();
                assertThat(rig.controller.idleNanos()).isEqualTo(1);
                rig.clock.advance(1);
                assertThat(rig.controller.idleNanos()).isZero();
                rig.settle(vsic, completions);
                assertThat(completions.statuses()).as("command %d", i).containsExactly(Status.SUCCESS);
                assertThat(rig.controller.idleNanos()).isEqualTo(Long.MAX_VALUE);
            }
        }
    }

    @Test
    void refusedCommandsTakeNoTime() throws Exception {
        try (Rig rig = slowRig()) {
            Vsic vsic = rig.vsic(8);
            Vsa area = rig.area(vsic, 0, 8);
            assertThat(rig.run(vsic, vsic.read(area, -BLOCK, rig.buffer(1), 0, BLOCK, 1)))
                    .isEqualTo(Status.LBA_OUT_OF_RANGE);
        }
    }

    /** Commands complete in the order of their due times, and in order of submission where these are equal. */
    @Property(tries = 100)
    void completionsComeWhenTheyAreDueAndInThatOrder(@ForAll long seed) throws Exception {
        record Expected(long due, long tag) {}
        Random random = new Random(seed);
        try (Rig rig = slowRig()) {
            Vsic vsic = rig.vsic(64);
            Vsa area = rig.area(vsic, 0, 8);
            DmaBuffer buffer = rig.buffer(1);
            long start = rig.clock.nanoTime();
            List<Expected> expected = new ArrayList<>();
            List<Expected> actual = new ArrayList<>();
            CompletionHandler handler = (tag, status) -> actual.add(new Expected(rig.clock.nanoTime() - start, tag));
            for (int i = 0; i < 60; i++) {
                boolean read = random.nextBoolean();
                if (read) {
                    vsic.read(area, 0, buffer, 0, BLOCK, i);
                } else {
                    vsic.write(area, 0, buffer, 0, BLOCK, i);
                }
                expected.add(new Expected(rig.clock.nanoTime() - start + (read ? 80_000 : 20_000), i));
                rig.settle(vsic, handler);
                long step = random.nextInt(3) * 1000L;
                for (long passed = 0; passed < step; passed += 1000) {
                    rig.clock.advance(1000);
                    rig.settle(vsic, handler);
                }
            }
            while (vsic.inFlight() > 0) {
                rig.clock.advance(rig.controller.idleNanos());
                rig.settle(vsic, handler);
            }
            expected.sort(Comparator.comparingLong(Expected::due).thenComparingLong(Expected::tag));
            assertThat(actual).isEqualTo(expected);
        }
    }

    @Test
    void aFlushCoversWhatCameBeforeItAndTheNextBeginsWhenItHasEnded() throws Exception {
        try (Rig rig = slowRig()) {
            Vsic vsic = rig.vsic(8);
            Vsa area = rig.area(vsic, 0, 8);
            Completions completions = new Completions();
            vsic.flush(area, 1);
            rig.settle(vsic, completions);
            rig.clock.advance(100_000);
            vsic.flush(area, 2);
            vsic.flush(area, 3);
            rig.settle(vsic, completions);
            rig.clock.advance(50_000);
            rig.settle(vsic, completions);
            assertThat(completions.tags()).containsExactly(1L);
            assertThat(rig.controller.idleNanos()).isEqualTo(150_000);
            rig.clock.advance(150_000);
            rig.settle(vsic, completions);
            assertThat(completions.tags()).containsExactly(1L, 2L, 3L);
            assertThat(rig.controller.mediumFlushes()).isEqualTo(2);
        }
    }

    @Test
    void aFlusherThatOutlastsTheModelDoesNotMakeTheLoopSpin() throws Exception {
        StubMedia.Gate gate = new StubMedia.Gate(null);
        StubMedia stub = new StubMedia(new RamMedia(8 * BLOCK), new MediaCharacteristics("slow", true, MODEL));
        stub.onFlush = gate;
        try (Rig rig = new Rig(stub, ControllerOptions.Flushing.THREAD)) {
            Vsic vsic = rig.vsic(8);
            Vsa area = rig.area(vsic, 0, 8);
            vsic.flush(area, 1);
            rig.controller.poll();
            assertThat(rig.controller.idleNanos()).isEqualTo(150_000);
            rig.clock.advance(150_000);
            assertThat(rig.controller.poll()).isZero();
            assertThat(rig.controller.idleNanos()).isEqualTo(Long.MAX_VALUE);
            gate.open.countDown();
            Completions completions = new Completions();
            rig.finish(vsic, completions);
            assertThat(completions.tags()).containsExactly(1L);
        }
    }

    @Test
    void latenciesAreNotNegative() {
        assertThatThrownBy(() -> new LatencyModel(0, -5, 0)).hasMessageContaining("-5");
    }
}
