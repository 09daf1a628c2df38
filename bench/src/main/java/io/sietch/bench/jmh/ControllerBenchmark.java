package io.sietch.bench.jmh;

import io.sietch.vsic.CompletionHandler;
import io.sietch.vsic.ControllerOptions;
import io.sietch.vsic.DmaBuffer;
import io.sietch.vsic.DmaPool;
import io.sietch.vsic.Extent;
import io.sietch.vsic.RamMedia;
import io.sietch.vsic.Rights;
import io.sietch.vsic.Status;
import io.sietch.vsic.StorageController;
import io.sietch.vsic.Vsa;
import io.sietch.vsic.Vsic;
import io.sietch.vsic.VsicOptions;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * One controller with several VSICs: each writes a block, then each flushes. One operation is a turn in which all of
 * them do; one flush of the medium answers all.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(3)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class ControllerBenchmark {
    private static final int BLOCK = 4096;
    private static final long AREA = 1 << 16;

    /** How many applications share the device. */
    @Param({"1", "4", "16"})
    public int vsics = 1;

    private final CompletionHandler check = ControllerBenchmark::check;
    private final RamMedia media = new RamMedia(16 * AREA);
    private final StorageController controller =
            new StorageController(media, ControllerOptions.inline(System::nanoTime));
    private final DmaPool pool = new DmaPool(1, BLOCK, BLOCK);
    private final DmaBuffer buffer = Objects.requireNonNull(pool.acquire());
    private Vsic[] owners = {};
    private Vsa[] areas = {};

    private static void check(long tag, Status status) {
        if (status != Status.SUCCESS) {
            throw new IllegalStateException("command " + tag + " ended with " + status);
        }
    }

    @Setup
    public void attach() throws IOException {
        owners = new Vsic[vsics];
        areas = new Vsa[vsics];
        for (int i = 0; i < vsics; i++) {
            owners[i] = controller.createVsic("bench-" + i, VsicOptions.DEFAULTS);
            areas[i] = controller.attach(owners[i], i + 1, List.of(new Extent(i * AREA, AREA)), Rights.READ_WRITE);
        }
    }

    @Benchmark
    public long writeAndFlush() {
        for (int i = 0; i < owners.length; i++) {
            owners[i].write(areas[i], 0, buffer, 0, BLOCK, i);
        }
        takeAll();
        for (int i = 0; i < owners.length; i++) {
            owners[i].flush(areas[i], i);
        }
        takeAll();
        return controller.mediumFlushes();
    }

    private void takeAll() {
        int inFlight;
        do {
            controller.poll();
            inFlight = 0;
            for (Vsic owner : owners) {
                owner.poll(check, 1);
                inFlight += owner.inFlight();
            }
        } while (inFlight > 0);
    }

    @TearDown
    public void close() {
        controller.close();
        pool.close();
        media.close();
    }
}
