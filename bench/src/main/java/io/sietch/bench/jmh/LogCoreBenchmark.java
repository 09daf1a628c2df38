package io.sietch.bench.jmh;

import io.sietch.persistent.LogCore;
import io.sietch.persistent.LogCursor;
import io.sietch.persistent.LogOptions;
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
import java.lang.foreign.ValueLayout;
import java.util.List;
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

/** The log's core on a medium that costs next to nothing: what is left is copying, checksums, formats and queues. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(3)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class LogCoreBenchmark {
    private static final long AREA = 1 << 28;
    private static final int RECORDS_A_TURN = 64;

    /** Payload of each record. */
    @Param({"64", "128", "1024"})
    public int bytes = 64;

    private final RamMedia media = new RamMedia(AREA);
    private final StorageController controller =
            new StorageController(media, ControllerOptions.inline(System::nanoTime));
    private final MemorySegment payload = Arena.ofAuto().allocate(1024, 8).fill((byte) 42);
    private final LogCore core;
    private LogCursor cursor;
    private long firstKept;
    private int sinceTurn;

    public LogCoreBenchmark() {
        try {
            Vsic vsic = controller.createVsic("bench", VsicOptions.DEFAULTS);
            Vsa area = controller.attach(vsic, 1, List.of(new Extent(0, AREA)), Rights.READ_WRITE);
            core = LogCore.open(vsic, area, controller, Waiter.BUSY, LogOptions.DEFAULTS);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        cursor = core.cursor(core.head());
    }

    /** Leaves something to read. */
    @Setup
    public void fill() {
        firstKept = core.head();
        for (int i = 0; i < 10_000; i++) {
            appendAndCommit();
        }
        cursor = core.cursor(firstKept);
    }

    private void turn() {
        if (core.freeBytes() < AREA / 2) {
            core.commit();
            core.trim(core.durable());
        }
        controller.poll();
        core.poll();
    }

    private long appendOne() {
        long end;
        while ((end = core.append(payload, 0, bytes)) < 0) {
            turn();
        }
        return end;
    }

    /** An append, with its share of a turn in which 64 of them are handed to the device. */
    @Benchmark
    public long append() {
        long end = appendOne();
        if (++sinceTurn == RECORDS_A_TURN) {
            sinceTurn = 0;
            core.submit();
            turn();
        }
        return end;
    }

    /** An append, its own write and its own flush: the whole of a commit but for the medium. */
    @Benchmark
    public long appendAndCommit() {
        long end = appendOne();
        core.commit();
        while (core.durable() < end) {
            turn();
        }
        return end;
    }

    /** The next record of a cursor, and its first byte. Every ten thousand records it starts again. */
    @Benchmark
    public int cursor() {
        if (!cursor.next()) {
            cursor = core.cursor(firstKept);
            cursor.next();
        }
        return cursor.segment().get(ValueLayout.JAVA_BYTE, cursor.offset());
    }

    @TearDown
    public void close() throws IOException {
        core.close();
        controller.close();
        media.close();
    }
}
