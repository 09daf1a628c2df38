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
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Round trips through one queue pair with the controller inline, on a medium that costs next to nothing: submit, poll
 * the controller, take the completion. What remains is what the queues and the checks cost.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(3)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class QueuePairBenchmark {
    private static final int BLOCK = 4096;
    private static final int BATCH = 16;
    private static final long AREA = 1 << 20;

    private final CompletionHandler count = this::completed;
    private final RamMedia media = new RamMedia(AREA);
    private final StorageController controller =
            new StorageController(media, ControllerOptions.inline(System::nanoTime));
    private final DmaPool pool = new DmaPool(1, BATCH * BLOCK, BLOCK);
    private final DmaBuffer buffer = Objects.requireNonNull(pool.acquire());
    private final Vsic vsic = controller.createVsic("bench", VsicOptions.DEFAULTS);
    private final Vsa area;
    private long done;
    private long offset;

    public QueuePairBenchmark() {
        try {
            area = controller.attach(vsic, 1, List.of(new Extent(0, AREA)), Rights.READ_WRITE);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private void completed(long tag, Status status) {
        if (status != Status.SUCCESS) {
            throw new IllegalStateException("command " + tag + " ended with " + status);
        }
        done += tag;
    }

    /** Walks over the area, so that no line of it stays in the first cache by accident. */
    private long nextOffset() {
        offset = (offset + BLOCK) & (AREA - 1);
        return offset;
    }

    private long takeAll() {
        while (vsic.inFlight() > 0) {
            controller.poll();
            vsic.poll(count, BATCH);
        }
        return done;
    }

    @Setup
    public void check() {
        flush();
        if (done != 1) {
            throw new IllegalStateException("the flush did not come back");
        }
    }

    @Benchmark
    public long flush() {
        vsic.flush(area, 1);
        return takeAll();
    }

    @Benchmark
    public long read4k() {
        vsic.read(area, nextOffset(), buffer, 0, BLOCK, 1);
        return takeAll();
    }

    @Benchmark
    public long write4k() {
        vsic.write(area, nextOffset(), buffer, 0, BLOCK, 1);
        return takeAll();
    }

    /** Sixteen writes submitted together; the figure is for one of them. */
    @Benchmark
    @OperationsPerInvocation(BATCH)
    public long write4kBy16() {
        for (int i = 0; i < BATCH; i++) {
            vsic.write(area, nextOffset(), buffer, i * BLOCK, BLOCK, 1);
        }
        return takeAll();
    }

    /** What an idle turn costs. */
    @Benchmark
    public int pollEmpty() {
        return controller.poll() + vsic.poll(count, BATCH);
    }

    @TearDown
    public void close() {
        controller.close();
        pool.close();
        media.close();
    }
}
