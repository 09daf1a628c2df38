package io.sietch.vsic;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What one flush of the medium answers. */
class FlushTest {
    private static final int BLOCK = Rig.BLOCK;

    @ParameterizedTest
    @EnumSource(
            value = ControllerOptions.Flushing.class,
            names = {"INLINE", "THREAD"})
    void oneFlushOfTheMediumAnswersAllWhoWait(ControllerOptions.Flushing flushing) throws Exception {
        StubMedia stub = new StubMedia(8L * BLOCK);
        try (Rig rig = new Rig(stub, flushing)) {
            Vsic first = rig.vsic(8);
            Vsic second = rig.vsic(8);
            Vsa one = rig.area(first, 0, 4);
            Vsa two = rig.area(second, 4, 4);
            first.flush(one, 1);
            first.flush(one, 2);
            second.flush(two, 3);
            second.writeForced(two, 0, rig.buffer(1), 0, BLOCK, 4);
            Completions completions = new Completions();
            rig.finish(first, completions);
            rig.finish(second, completions);
            assertThat(completions.tags()).containsExactly(1L, 2L, 3L, 4L);
            assertThat(completions.statuses()).containsOnly(Status.SUCCESS);
            assertThat(stub.flushes).hasValue(1);
            assertThat(rig.controller.mediumFlushes()).isEqualTo(1);
            assertThat(first.counters().flushes()).isEqualTo(2);
            assertThat(second.counters().flushes()).isEqualTo(2);
        }
    }

    @Test
    void aLoopThatWouldOnlyWaitFlushesItself() throws Exception {
        StubMedia stub = new StubMedia(8L * BLOCK);
        List<Thread> flushedBy = new CopyOnWriteArrayList<>();
        stub.onFlush = () -> flushedBy.add(Thread.currentThread());
        try (Rig rig = new Rig(stub, ControllerOptions.Flushing.THREAD)) {
            Vsic vsic = rig.vsic(8);
            Vsa area = rig.area(vsic, 0, 4);
            rig.controller.flushHere(true);
            vsic.flush(area, 1);
            rig.controller.poll();
            Completions completions = new Completions();
            rig.settle(vsic, completions);
            assertThat(completions.tags()).as("over when poll returns").containsExactly(1L);
            rig.controller.flushHere(false);
            vsic.flush(area, 2);
            rig.finish(vsic, completions);
            assertThat(flushedBy).hasSize(2).first().isSameAs(Thread.currentThread());
            assertThat(flushedBy.getLast()).isNotSameAs(Thread.currentThread());
        }
    }

    @Test
    void aFlushThatComesDuringAFlushWaitsForTheNext() throws Exception {
        StubMedia stub = new StubMedia(8L * BLOCK);
        StubMedia.Gate gate = new StubMedia.Gate(null);
        stub.onFlush = gate;
        try (Rig rig = new Rig(stub, ControllerOptions.Flushing.THREAD)) {
            Vsic vsic = rig.vsic(8);
            Vsic other = rig.vsic(8);
            Vsa area = rig.area(vsic, 0, 4);
            Vsa theirs = rig.area(other, 4, 4);
            vsic.flush(area, 1);
            rig.controller.poll();
            assertThat(gate.entered.await(20, TimeUnit.SECONDS)).isTrue();

            vsic.flush(area, 2);
            other.flush(theirs, 3);
            Completions completions = new Completions();
            rig.settle(vsic, completions);
            rig.settle(other, completions);
            assertThat(completions.seen).isEmpty();
            assertThat(stub.flushes).as("one at a time").hasValue(1);

            StubMedia.Gate second = new StubMedia.Gate(null);
            stub.onFlush = second;
            gate.open.countDown();
            while (!second.entered.await(1, TimeUnit.MILLISECONDS)) {
                rig.settle(vsic, completions);
            }
            rig.settle(vsic, completions);
            rig.settle(other, completions);
            assertThat(completions.tags())
                    .as("the first flush answers only who came before it")
                    .containsExactly(1L);
            second.open.countDown();
            rig.finish(vsic, completions);
            rig.finish(other, completions);
            assertThat(completions.tags()).containsExactly(1L, 2L, 3L);
            assertThat(stub.flushes).hasValue(2);
        }
    }

    @Test
    void pollNeverBlocksOnAFlushThatHasAThreadOfItsOwn() throws Exception {
        StubMedia stub = new StubMedia(8L * BLOCK);
        StubMedia.Gate gate = new StubMedia.Gate(null);
        stub.onFlush = gate;
        try (Rig rig = new Rig(stub, ControllerOptions.Flushing.THREAD)) {
            Vsic vsic = rig.vsic(16);
            Vsa area = rig.area(vsic, 0, 8);
            vsic.flush(area, 100);
            rig.controller.poll();
            assertThat(gate.entered.await(20, TimeUnit.SECONDS)).isTrue();
            Completions completions = new Completions();
            DmaBuffer buffer = rig.filled(1, 1);
            for (int i = 0; i < 1000; i++) {
                assertThat(vsic.write(area, i % 8 * BLOCK, buffer, 0, BLOCK, i)).isTrue();
                rig.settle(vsic, completions);
            }
            assertThat(completions.seen).hasSize(1000);
            assertThat(rig.controller.idleNanos())
                    .as("the flusher will wake the loop")
                    .isEqualTo(Long.MAX_VALUE);
            gate.open.countDown();
            rig.finish(vsic, completions);
            assertThat(completions.tags()).last().isEqualTo(100L);
        }
    }

    @Test
    void anIdleControllerFlushesNothing() throws Exception {
        StubMedia stub = new StubMedia(8L * BLOCK);
        try (Rig rig = new Rig(stub)) {
            Vsic vsic = rig.vsic(8);
            Vsa area = rig.area(vsic, 0, 4);
            rig.write(vsic, area, 0, rig.buffer(4));
            for (int i = 0; i < 10; i++) {
                assertThat(rig.controller.poll()).isZero();
            }
            assertThat(stub.flushes).hasValue(0);
        }
    }

    @Test
    void aForcedWriteCompletesOnlyWhenAFlushAfterItHas() throws Exception {
        StubMedia stub = new StubMedia(8L * BLOCK);
        StubMedia.Gate gate = new StubMedia.Gate(null);
        stub.onFlush = gate;
        try (Rig rig = new Rig(stub, ControllerOptions.Flushing.THREAD)) {
            Vsic vsic = rig.vsic(8);
            Vsa area = rig.area(vsic, 0, 4);
            vsic.flush(area, 1);
            rig.controller.poll();
            assertThat(gate.entered.await(20, TimeUnit.SECONDS)).isTrue();
            // The flush under way began before this write, so it says nothing about it.
            vsic.writeForced(area, 0, rig.filled(1, 5), 0, BLOCK, 2);
            Completions completions = new Completions();
            rig.settle(vsic, completions);
            assertThat(rig.image()[0]).isEqualTo((byte) 5);
            stub.onFlush = null;
            gate.open.countDown();
            rig.finish(vsic, completions);
            assertThat(completions.tags()).containsExactly(1L, 2L);
            assertThat(stub.flushes).hasValue(2);
        }
    }

    @Test
    void closingWaitsForTheFlushUnderWayAndTellsItsOwner() throws Exception {
        StubMedia stub = new StubMedia(8L * BLOCK);
        StubMedia.Gate gate = new StubMedia.Gate(null);
        stub.onFlush = gate;
        try (Rig rig = new Rig(stub, ControllerOptions.Flushing.THREAD)) {
            Vsic vsic = rig.vsic(8);
            Vsa area = rig.area(vsic, 0, 4);
            vsic.flush(area, 1);
            rig.controller.poll();
            assertThat(gate.entered.await(20, TimeUnit.SECONDS)).isTrue();
            vsic.flush(area, 2);
            rig.controller.poll();
            vsic.flush(area, 3);
            gate.open.countDown();
            rig.controller.close();
            Completions completions = new Completions();
            vsic.poll(completions, 10);
            assertThat(stub.flushes).hasValue(1);
            assertThat(completions.seen)
                    .isEqualTo(List.of(
                            new Completions.Seen(1, Status.SUCCESS),
                            new Completions.Seen(2, Status.ABORTED),
                            new Completions.Seen(3, Status.ABORTED)));
        }
    }

    @Test
    void aBlockingMediumGetsAFlusherThreadByItself() throws IOException {
        MediaCharacteristics slow = new MediaCharacteristics("slow", true, LatencyModel.NONE);
        MediaCharacteristics fast = new MediaCharacteristics("fast", false, LatencyModel.NONE);
        for (MediaCharacteristics characteristics : List.of(slow, fast)) {
            StubMedia stub = new StubMedia(new RamMedia(8L * BLOCK), characteristics);
            try (Rig rig = new Rig(stub, ControllerOptions.Flushing.AUTO)) {
                assertThat(rig.controller.flushesInline()).isEqualTo(!characteristics.flushBlocks());
            }
        }
    }
}
