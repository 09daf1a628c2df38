package io.sietch.persistent;

import io.sietch.vsic.ControllerOptions;
import io.sietch.vsic.Extent;
import io.sietch.vsic.RamMedia;
import io.sietch.vsic.Rights;
import io.sietch.vsic.StorageController;
import io.sietch.vsic.Vsa;
import io.sietch.vsic.Vsic;
import io.sietch.vsic.VsicOptions;
import io.sietch.vsic.Waiter;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What it costs that a queue checks an item again which waited since it was read: beside reading an item, which checks
 * it once, and beside all that offering and taking one takes. The medium costs next to nothing.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(3)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class QueueCheckBenchmark {
    private static final long AREA = 1 << 28;
    private static final int BATCH = 64;
    private static final int KEPT = 10_000;

    /** Bytes of each item. */
    @Param({"64", "100", "1024"})
    public int bytes = 64;

    private final RamMedia media = new RamMedia(2 * AREA);
    private final StorageController controller =
            new StorageController(media, ControllerOptions.inline(System::nanoTime));
    private final MemorySegment value =
            Arena.ofAuto().allocate(QueueRecordFormat.ITEM_VALUE + 1024, 8).fill((byte) 42);
    private final QueueCore queue;
    private final LogCore log;
    private LogCursor cursor;

    public QueueCheckBenchmark() {
        try {
            Vsic taken = controller.createVsic("queue", VsicOptions.DEFAULTS);
            Vsa area = controller.attach(taken, 1, List.of(new Extent(0, AREA)), Rights.READ_WRITE);
            queue = QueueCore.open(taken, area, controller, Waiter.BUSY, LogOptions.DEFAULTS, QueueOptions.DEFAULTS);
            Vsic read = controller.createVsic("log", VsicOptions.DEFAULTS);
            Vsa other = controller.attach(read, 2, List.of(new Extent(AREA, AREA)), Rights.READ_WRITE);
            log = LogCore.open(read, other, controller, Waiter.BUSY, LogOptions.DEFAULTS);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        cursor = log.cursor(log.head());
    }

    /** Records as an item's, to be read. */
    @Setup
    public void fill() {
        for (int i = 0; i < KEPT; i++) {
            while (log.append(value, 0, QueueRecordFormat.ITEM_VALUE + bytes) < 0) {
                log.awaitDurable();
            }
        }
        log.awaitDurable();
    }

    private LogCursor nextRecord() {
        if (!cursor.next()) {
            cursor = log.cursor(log.head());
            cursor.next();
        }
        return cursor;
    }

    /** Reads the next record, and checks it in doing so. */
    @Benchmark
    public int read() {
        return nextRecord().length();
    }

    /** The same, and checks it again. */
    @Benchmark
    public int readAndCheckAgain() {
        LogCursor record = nextRecord();
        record.recheck();
        return record.length();
    }

    /** Offers 64 items, makes them durable and takes them; the figure is for one. None of them is checked twice. */
    @Benchmark
    @OperationsPerInvocation(BATCH)
    public long offerAndTake() {
        for (int i = 0; i < BATCH; i++) {
            while (queue.offer(value, 0, bytes) < 0) {
                turn();
            }
        }
        queue.commit();
        for (int taken = 0; taken < BATCH; ) {
            turn();
            while (queue.next()) {
                queue.take();
                taken++;
            }
        }
        return queue.size();
    }

    private void turn() {
        controller.poll();
        queue.poll();
    }

    @TearDown
    public void close() throws IOException {
        log.close();
        queue.close();
        controller.close();
        media.close();
    }
}
