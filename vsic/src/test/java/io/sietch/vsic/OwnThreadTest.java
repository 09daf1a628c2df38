package io.sietch.vsic;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A controller on a thread of its own that several applications share. */
@Timeout(60)
class OwnThreadTest {
    private static final int BLOCK = Rig.BLOCK;

    @TempDir
    Path directory = Path.of("unset");

    /** One application: a queue pair, an area and a waiter, used by a thread of its own. */
    private static final class Application {
        final Waiter waiter;
        final Vsic vsic;
        final Vsa area;
        private long completed;
        private long succeeded;

        Application(PollerThread thread, StorageController controller, Waiter waiter, long firstBlock)
                throws IOException {
            this.waiter = waiter;
            this.vsic = thread.call(() -> controller.createVsic(
                    "app", VsicOptions.DEFAULTS.withDepth(8).withWaiter(waiter)));
            this.area = thread.call(
                    () -> controller.attach(vsic, firstBlock, List.of(Rig.blocks(firstBlock, 8)), Rights.READ_WRITE));
        }

        private void reap() {
            int reaped = vsic.poll(
                    (tag, status) -> {
                        completed++;
                        succeeded += status == Status.SUCCESS ? 1 : 0;
                    },
                    Integer.MAX_VALUE);
            if (reaped == 0) {
                waiter.await(Long.MAX_VALUE);
            }
        }

        /** Writes, flushes, reads back. Each number must be there when its read completes. */
        long run(int rounds, int salt) {
            long wrong = 0;
            try (DmaPool pool = new DmaPool(2, BLOCK, BLOCK)) {
                DmaBuffer out = pool.acquire();
                DmaBuffer in = pool.acquire();
                assert out != null && in != null;
                long submitted = 0;
                for (int i = 0; i < rounds; i++) {
                    long offset = (long) (i % 8) * BLOCK;
                    out.segment().set(ValueLayout.JAVA_LONG, 0, (long) salt << 32 | i);
                    while (!vsic.write(area, offset, out, 0, BLOCK, i)) {
                        reap();
                    }
                    submitted++;
                    while (completed < submitted) {
                        reap();
                    }
                    assertThat(vsic.flush(area, i)).isTrue();
                    assertThat(vsic.read(area, offset, in, 0, BLOCK, i)).isTrue();
                    submitted += 2;
                    while (completed < submitted) {
                        reap();
                    }
                    wrong += in.segment().get(ValueLayout.JAVA_LONG, 0) == ((long) salt << 32 | i) ? 0 : 1;
                    wrong += area.view(offset, BLOCK).get(ValueLayout.JAVA_LONG, 0) == ((long) salt << 32 | i) ? 0 : 1;
                }
                assertThat(succeeded).isEqualTo(submitted);
            }
            return wrong;
        }
    }

    private static void runTwoApplications(Media media, Waiter first, Waiter second, int rounds) throws Exception {
        Waiter loop = new ParkWaiter();
        StorageController controller = new StorageController(media, ControllerOptions.DEFAULTS.withWaiter(loop));
        try (PollerThread thread = PollerThread.start("controller", controller, loop);
                ExecutorService threads = Executors.newFixedThreadPool(2)) {
            Application one = new Application(thread, controller, first, 0);
            Application two = new Application(thread, controller, second, 8);
            Future<Long> left = threads.submit(() -> one.run(rounds, 1));
            Future<Long> right = threads.submit(() -> two.run(rounds, 2));
            assertThat(left.get(50, TimeUnit.SECONDS)).isZero();
            assertThat(right.get(50, TimeUnit.SECONDS)).isZero();
            assertThat(one.vsic.counters().commands()).isEqualTo(3L * rounds);
            assertThat(two.vsic.counters().bytesWritten()).isEqualTo((long) rounds * BLOCK);
        } finally {
            controller.close();
        }
    }

    @Test
    void twoApplicationsShareADevice() throws Exception {
        try (RamMedia media = new RamMedia(16 * BLOCK)) {
            runTwoApplications(media, new ParkWaiter(), new ParkWaiter(20_000), 3000);
        }
    }

    @Test
    void anApplicationThatSpinsStillWakesTheDevice() throws Exception {
        try (RamMedia media = new RamMedia(16 * BLOCK)) {
            runTwoApplications(media, Waiter.BUSY, new ParkWaiter(), 1000);
        }
    }

    @Test
    void twoApplicationsShareADeviceFileWithAFlusherThread() throws Exception {
        try (MappedFileMedia media =
                MappedFileMedia.create(directory.resolve("device"), 16 * BLOCK, MappedFileOptions.DEFAULTS, m -> {})) {
            runTwoApplications(media, new ParkWaiter(), new ParkWaiter(), 100);
        }
    }

    /** One application submits from inside its handler and then stays there; its neighbour must not notice. */
    @Test
    void anApplicationThatHangsInItsHandlerHoldsUpNobody() throws Exception {
        Waiter loop = new ParkWaiter();
        CountDownLatch hanging = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        try (RamMedia media = new RamMedia(16 * BLOCK);
                StorageController controller =
                        new StorageController(media, ControllerOptions.DEFAULTS.withWaiter(loop));
                PollerThread thread = PollerThread.start("controller", controller, loop);
                ExecutorService threads = Executors.newFixedThreadPool(1)) {
            Vsic rude = thread.call(() -> controller.createVsic(
                    "rude", VsicOptions.DEFAULTS.withDepth(2).withWaiter(new ParkWaiter())));
            Vsa theirs = thread.call(() -> controller.attach(rude, 9, List.of(Rig.blocks(8, 8)), Rights.READ_WRITE));
            Application polite = new Application(thread, controller, new ParkWaiter(), 0);
            threads.submit(() -> {
                rude.flush(theirs, 0);
                rude.flush(theirs, 1);
                while (release.getCount() > 0) {
                    rude.poll(
                            (tag, status) -> {
                                rude.flush(theirs, tag + 2);
                                if (tag >= 10) {
                                    hanging.countDown();
                                    awaitQuietly(release);
                                }
                            },
                            10);
                }
                return 0;
            });
            try {
                assertThat(hanging.await(20, TimeUnit.SECONDS)).isTrue();
                assertThat(polite.run(200, 3)).isZero();
            } finally {
                release.countDown();
            }
        }
    }

    /** The mirror image: the device is slow inside a batch, and its owner may go on with what has completed of it. */
    @Test
    void anApplicationNeverWaitsForADeviceThatHoldsItsBatchOpen() throws Exception {
        StubMedia stub = new StubMedia(8L * BLOCK);
        StubMedia.Gate gate = new StubMedia.Gate(null);
        stub.onWrite = gate;
        try (Rig rig = new Rig(stub);
                ExecutorService threads = Executors.newFixedThreadPool(1)) {
            Vsic vsic = rig.vsic(2);
            Vsa area = rig.area(vsic, 0, 8);
            DmaBuffer buffer = rig.buffer(1);
            vsic.read(area, 0, buffer, 0, BLOCK, 1);
            vsic.write(area, 0, buffer, 0, BLOCK, 2);
            Future<Integer> device = threads.submit(rig.controller::poll);
            assertThat(gate.entered.await(20, TimeUnit.SECONDS)).isTrue();
            Completions completions = new Completions();
            assertThat(vsic.poll(completions, 10)).isEqualTo(1);
            assertThat(vsic.read(area, 0, buffer, 0, BLOCK, 3)).isTrue();
            gate.open.countDown();
            assertThat(device.get(20, TimeUnit.SECONDS)).isPositive();
            rig.finish(vsic, completions);
            assertThat(completions.tags()).containsExactly(1L, 2L, 3L);
        }
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await(30, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** As at start-up: opened and recovered inline, then given to a thread, then used from a third. */
    @Test
    void aControllerAndItsQueuePairsMayPassFromThreadToThread() throws Exception {
        Waiter loop = new ParkWaiter();
        Waiter waiter = new ParkWaiter();
        try (RamMedia media = new RamMedia(8 * BLOCK);
                StorageController controller =
                        new StorageController(media, ControllerOptions.DEFAULTS.withWaiter(loop));
                Arena arena = Arena.ofShared()) {
            Vsic vsic = controller.createVsic("x", VsicOptions.DEFAULTS.withWaiter(waiter));
            Vsa area = controller.attach(vsic, 1, List.of(Rig.blocks(0, 8)), Rights.READ_WRITE);
            DmaBuffer buffer = DmaBuffer.allocate(BLOCK, BLOCK, arena);
            new BlockingIo(vsic, controller, loop).write(area, 0, buffer, 0, BLOCK);
            try (PollerThread thread = PollerThread.start("controller", controller, loop);
                    ExecutorService threads = Executors.newFixedThreadPool(1)) {
                for (int i = 0; i < 1000; i++) {
                    roundTrip(vsic, area, waiter);
                }
                threads.submit(() -> roundTrip(vsic, area, waiter)).get(20, TimeUnit.SECONDS);
                assertThat(thread.failure()).isNull();
            }
            assertThat(vsic.counters().flushes()).isEqualTo(1001);
        }
    }

    private static int roundTrip(Vsic vsic, Vsa area, Waiter waiter) {
        assertThat(vsic.flush(area, 1)).isTrue();
        while (vsic.inFlight() > 0) {
            if (vsic.poll((tag, status) -> assertThat(status).isEqualTo(Status.SUCCESS), 1) == 0) {
                waiter.await(Long.MAX_VALUE);
            }
        }
        return 0;
    }

    @Test
    void controlMethodsRunBetweenPolls() throws Exception {
        Waiter loop = new ParkWaiter();
        try (RamMedia media = new RamMedia(16 * BLOCK);
                StorageController controller =
                        new StorageController(media, ControllerOptions.DEFAULTS.withWaiter(loop));
                Arena arena = Arena.ofShared();
                PollerThread thread = PollerThread.start("controller", controller, loop)) {
            Application app = new Application(thread, controller, new ParkWaiter(), 0);
            DmaBuffer buffer = DmaBuffer.allocate(BLOCK, BLOCK, arena);
            Completions completions = new Completions();
            thread.call(() -> {
                controller.resize(app.area, List.of(Rig.blocks(0, 1)));
                return 0;
            });
            assertThat(app.area.size()).isEqualTo(BLOCK);
            assertThat(app.vsic.write(app.area, BLOCK, buffer, 0, BLOCK, 1)).isTrue();
            while (app.vsic.poll(completions, 1) == 0) {
                app.waiter.await(Long.MAX_VALUE);
            }
            thread.call(() -> {
                controller.revoke(app.area);
                return 0;
            });
            assertThat(app.vsic.read(app.area, 0, buffer, 0, BLOCK, 2)).isTrue();
            while (app.vsic.poll(completions, 1) == 0) {
                app.waiter.await(Long.MAX_VALUE);
            }
            assertThat(completions.statuses()).containsExactly(Status.LBA_OUT_OF_RANGE, Status.INVALID_NAMESPACE);
        }
    }
}
