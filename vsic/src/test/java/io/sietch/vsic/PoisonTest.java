package io.sietch.vsic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A failed flush or write is final for the areas that it concerns, and for no others. */
class PoisonTest {
    private static final int BLOCK = Rig.BLOCK;

    private static void assertRefusesAllButReads(Rig rig, Vsic vsic, Vsa area) throws Exception {
        byte[] before = rig.image();
        assertThat(area.isPoisoned()).isTrue();
        assertThat(rig.write(vsic, area, 0, rig.filled(1, 99))).isEqualTo(Status.NAMESPACE_NOT_READY);
        assertThat(rig.flush(vsic, area)).isEqualTo(Status.NAMESPACE_NOT_READY);
        assertThat(rig.run(vsic, vsic.writeForced(area, 0, rig.filled(1, 99), 0, BLOCK, 1)))
                .isEqualTo(Status.NAMESPACE_NOT_READY);
        assertThat(rig.run(vsic, vsic.deallocate(area, 0, BLOCK, 1))).isEqualTo(Status.NAMESPACE_NOT_READY);
        assertThat(rig.read(vsic, area, 0, rig.buffer(1))).isEqualTo(Status.SUCCESS);
        assertThat(rig.image()).isEqualTo(before);
    }

    @ParameterizedTest
    @EnumSource(
            value = ControllerOptions.Flushing.class,
            names = {"INLINE", "THREAD"})
    void aFailedFlushPoisonsDirtyAreasAndNoOthers(ControllerOptions.Flushing flushing) throws Exception {
        StubMedia stub = new StubMedia(16L * BLOCK);
        try (Rig rig = new Rig(stub, flushing)) {
            Vsic vsic = rig.vsic(8);
            Vsic neighbours = rig.vsic(8);
            Vsa asker = rig.area(vsic, 0, 4);
            Vsa dirty = rig.area(neighbours, 4, 4);
            Vsa clean = rig.area(neighbours, 8, 4);
            Vsa untouched = rig.area(neighbours, 12, 4);
            rig.write(neighbours, clean, 0, rig.filled(1, 1));
            assertThat(rig.flush(neighbours, clean)).isEqualTo(Status.SUCCESS);
            rig.write(neighbours, dirty, 0, rig.filled(1, 2));

            stub.onFlush = StubMedia.eio();
            assertThat(rig.flush(vsic, asker)).isEqualTo(Status.WRITE_FAULT);
            stub.onFlush = null;
            int flushes = stub.flushes.get();

            assertRefusesAllButReads(rig, vsic, asker);
            assertRefusesAllButReads(rig, neighbours, dirty);
            assertThat(stub.flushes).as("no second try").hasValue(flushes);
            assertThat(vsic.counters().mediaErrors()).isEqualTo(1);
            for (Vsa area : List.of(clean, untouched)) {
                assertThat(area.isPoisoned()).isFalse();
                assertThat(rig.write(neighbours, area, 0, rig.filled(1, 3))).isEqualTo(Status.SUCCESS);
                assertThat(rig.flush(neighbours, area)).isEqualTo(Status.SUCCESS);
            }
        }
    }

    @Test
    void aWriteThatCameDuringTheFailingFlushCountsAsLost() throws Exception {
        StubMedia stub = new StubMedia(16L * BLOCK);
        StubMedia.Gate gate = new StubMedia.Gate(StubMedia.eio());
        stub.onFlush = gate;
        try (Rig rig = new Rig(stub, ControllerOptions.Flushing.THREAD)) {
            Vsic vsic = rig.vsic(8);
            Vsa asker = rig.area(vsic, 0, 4);
            Vsa late = rig.area(vsic, 4, 4);
            vsic.flush(asker, 1);
            rig.controller.poll();
            assertThat(gate.entered.await(20, TimeUnit.SECONDS)).isTrue();
            Completions completions = new Completions();
            vsic.write(late, 0, rig.filled(1, 1), 0, BLOCK, 2);
            // This one waits for the next flush, which must not run, let alone succeed, for a poisoned area.
            vsic.flush(late, 3);
            rig.settle(vsic, completions);
            stub.onFlush = null;
            gate.open.countDown();
            rig.finish(vsic, completions);
            assertThat(completions.seen)
                    .containsExactly(
                            new Completions.Seen(2, Status.SUCCESS),
                            new Completions.Seen(1, Status.WRITE_FAULT),
                            new Completions.Seen(3, Status.NAMESPACE_NOT_READY));
            assertThat(stub.flushes).hasValue(1);
            assertRefusesAllButReads(rig, vsic, late);
        }
    }

    @Test
    void aGoodFlushAcknowledgesNothingInAnAreaThatWasPoisonedMeanwhile() throws Exception {
        StubMedia stub = new StubMedia(16L * BLOCK);
        StubMedia.Gate gate = new StubMedia.Gate(null);
        stub.onFlush = gate;
        try (Rig rig = new Rig(stub, ControllerOptions.Flushing.THREAD)) {
            Vsic vsic = rig.vsic(8);
            Vsa area = rig.area(vsic, 0, 4);
            vsic.flush(area, 1);
            rig.controller.poll();
            assertThat(gate.entered.await(20, TimeUnit.SECONDS)).isTrue();
            stub.onWrite = StubMedia.eio();
            vsic.write(area, 0, rig.filled(1, 1), 0, BLOCK, 2);
            Completions completions = new Completions();
            rig.settle(vsic, completions);
            gate.open.countDown();
            rig.finish(vsic, completions);
            assertThat(completions.seen)
                    .containsExactly(
                            new Completions.Seen(2, Status.WRITE_FAULT),
                            new Completions.Seen(1, Status.NAMESPACE_NOT_READY));
        }
    }

    @Test
    void aFailedWritePoisonsItsAreaAlone() throws Exception {
        StubMedia stub = new StubMedia(16L * BLOCK);
        try (Rig rig = new Rig(stub)) {
            Vsic vsic = rig.vsic(8);
            Vsa area = rig.area(vsic, 0, 4);
            Vsa neighbour = rig.area(vsic, 4, 4);
            rig.write(vsic, neighbour, 0, rig.filled(1, 1));
            stub.onWrite = StubMedia.eio();
            assertThat(rig.write(vsic, area, 0, rig.filled(1, 1))).isEqualTo(Status.WRITE_FAULT);
            stub.onWrite = null;
            assertRefusesAllButReads(rig, vsic, area);
            assertThat(rig.flush(vsic, neighbour)).isEqualTo(Status.SUCCESS);
            assertThat(vsic.counters().mediaErrors()).isEqualTo(1);
            assertThat(vsic.counters().bytesWritten()).isEqualTo(BLOCK);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"InternalError", "IllegalStateException", "IOException"})
    void whateverTheMediumThrowsFailsThatCommandAndNotTheDevice(String kind) throws Exception {
        StubMedia stub = new StubMedia(16L * BLOCK);
        StubMedia.Fault fault = switch (kind) {
            case "InternalError" ->
                () -> {
                    throw new InternalError("a fault occurred in an unsafe memory access operation");
                };
            case "IllegalStateException" ->
                () -> {
                    throw new IllegalStateException("closed");
                };
            default -> StubMedia.eio();
        };
        try (Rig rig = new Rig(stub)) {
            Vsic vsic = rig.vsic(8);
            Vsa first = rig.area(vsic, 0, 4);
            Vsa second = rig.area(vsic, 4, 4);
            Vsa third = rig.area(vsic, 8, 4);
            Vsa neighbour = rig.area(vsic, 12, 4);
            stub.onRead = fault;
            assertThat(rig.read(vsic, first, 0, rig.buffer(1))).isEqualTo(Status.UNRECOVERED_READ_ERROR);
            assertThat(first.isPoisoned())
                    .as("a read that failed changed nothing")
                    .isFalse();
            stub.onRead = null;
            stub.onWrite = fault;
            assertThat(rig.write(vsic, first, 0, rig.filled(1, 1))).isEqualTo(Status.WRITE_FAULT);
            assertThat(rig.run(vsic, vsic.deallocate(second, 0, BLOCK, 1))).isEqualTo(Status.WRITE_FAULT);
            stub.onWrite = null;
            stub.onFlush = fault;
            assertThat(rig.flush(vsic, third)).isEqualTo(Status.WRITE_FAULT);
            stub.onFlush = null;
            for (Vsa area : List.of(first, second, third)) {
                assertRefusesAllButReads(rig, vsic, area);
            }
            assertThat(rig.write(vsic, neighbour, 0, rig.filled(1, 1))).isEqualTo(Status.SUCCESS);
            assertThat(rig.flush(vsic, neighbour)).isEqualTo(Status.SUCCESS);
            assertThat(vsic.counters().mediaErrors()).isEqualTo(4);
        }
    }

    @Test
    void reopeningTheAreaEndsThePoison() throws Exception {
        StubMedia stub = new StubMedia(16L * BLOCK);
        try (Rig rig = new Rig(stub)) {
            Vsic vsic = rig.vsic(8);
            Vsa area = rig.area(vsic, 0, 4);
            stub.onFlush = StubMedia.eio();
            rig.flush(vsic, area);
            stub.onFlush = null;
            rig.controller.revoke(area);
            Vsa again = rig.area(vsic, 0, 4);
            assertThat(rig.write(vsic, again, 0, rig.filled(1, 1))).isEqualTo(Status.SUCCESS);
            assertThat(rig.flush(vsic, again)).isEqualTo(Status.SUCCESS);
        }
    }

    @Test
    void writesThatARevokedHandleLeftBehindAreNotForgotten() throws Exception {
        StubMedia stub = new StubMedia(16L * BLOCK);
        try (Rig rig = new Rig(stub)) {
            Vsic vsic = rig.vsic(8);
            Vsa area = rig.area(vsic, 0, 4);
            Vsa other = rig.area(vsic, 8, 4);
            rig.write(vsic, area, 0, rig.filled(1, 1));
            rig.controller.revoke(area);
            Vsa reopened = rig.area(vsic, 0, 4);
            stub.onFlush = StubMedia.eio();
            rig.flush(vsic, other);
            assertThat(reopened.isPoisoned()).isTrue();

            // Covered by a good flush, they are nobody's worry any more.
            stub.onFlush = null;
            Vsa third = rig.area(vsic, 4, 4);
            rig.write(vsic, third, 0, rig.filled(1, 1));
            rig.controller.revoke(third);
            Vsa fourth = rig.area(vsic, 12, 4);
            assertThat(rig.flush(vsic, fourth)).isEqualTo(Status.SUCCESS);
            Vsa fifth = rig.area(vsic, 4, 4);
            stub.onFlush = StubMedia.eio();
            rig.flush(vsic, fourth);
            assertThat(fifth.isPoisoned()).isFalse();
        }
    }

    @Test
    void blockingIoSaysWhatFailedAndWhere() throws Exception {
        StubMedia stub = new StubMedia(16L * BLOCK);
        try (Rig rig = new Rig(stub, ControllerOptions.Flushing.THREAD)) {
            Waiter waiter = new ParkWaiter();
            Vsic vsic = rig.vsic(8);
            Vsa area = rig.area(vsic, 0, 4);
            BlockingIo io = new BlockingIo(vsic, rig.controller, waiter);
            io.write(area, 0, rig.filled(1, 7), 0, BLOCK);
            DmaBuffer read = rig.buffer(1);
            io.read(area, 0, read, 0, BLOCK);
            assertThat(read.segment().mismatch(rig.filled(1, 7).segment())).isEqualTo(-1);
            stub.onWrite = StubMedia.eio();
            assertThatThrownBy(() -> io.write(area, BLOCK, read, 0, BLOCK))
                    .isInstanceOf(MediaException.class)
                    .hasMessageContaining("WRITE")
                    .hasMessageContaining("4096")
                    .hasMessageContaining("WRITE_FAULT");
            vsic.read(area, 0, read, 0, BLOCK, 1);
            assertThatThrownBy(() -> io.read(area, 0, read, 0, BLOCK)).isInstanceOf(IllegalStateException.class);
            assertThat(vsic.inFlight()).as("nothing of its own was submitted").isEqualTo(1);
        }
    }
}
