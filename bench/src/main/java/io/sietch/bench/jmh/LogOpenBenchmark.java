package io.sietch.bench.jmh;

import io.sietch.persistent.LogCore;
import io.sietch.persistent.LogOptions;
import io.sietch.vsic.ControllerOptions;
import io.sietch.vsic.Extent;
import io.sietch.vsic.MappedFileMedia;
import io.sietch.vsic.MappedFileOptions;
import io.sietch.vsic.Rights;
import io.sietch.vsic.StorageController;
import io.sietch.vsic.Vsa;
import io.sietch.vsic.Vsic;
import io.sietch.vsic.VsicOptions;
import io.sietch.vsic.Waiter;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
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
 * Opening a log of a gibibyte that lies in the page cache, first in a fresh JVM and then again: the file, the
 * superblock, and the walk over all commits with their checksums.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(3)
@Warmup(iterations = 0)
@Measurement(iterations = 3)
public class LogOpenBenchmark {
    private static final long LOG = 1L << 30;
    private static final long AREA = LOG + (LOG >> 3);

    /** Payload of each record. */
    @Param({"128", "4096"})
    public int bytes = 128;

    /** Records of a commit: one for each is what a single waiting appender leaves. */
    @Param({"1", "64"})
    public int commit = 64;

    private final Path file = Path.of(System.getProperty("sietch.bench.dir", "."), "log-open.sietch");

    private record Opened(MappedFileMedia media, StorageController controller, LogCore core) implements AutoCloseable {
        static Opened on(MappedFileMedia media) throws IOException {
            StorageController controller = new StorageController(media, ControllerOptions.inline(System::nanoTime));
            Vsic vsic = controller.createVsic("bench", VsicOptions.DEFAULTS);
            Vsa area = controller.attach(vsic, 1, List.of(new Extent(0, AREA)), Rights.READ_WRITE);
            return new Opened(
                    media, controller, LogCore.open(vsic, area, controller, Waiter.BUSY, LogOptions.DEFAULTS));
        }

        void turn() {
            controller.poll();
            core.poll();
        }

        @Override
        public void close() throws IOException {
            core.close();
            controller.close();
            media.close();
        }
    }

    @Setup(Level.Trial)
    public void fill() throws IOException {
        Files.createDirectories(file.toAbsolutePath().getParent());
        Files.deleteIfExists(file);
        MemorySegment payload = Arena.ofAuto().allocate(bytes, 8).fill((byte) 42);
        try (Opened log = Opened.on(MappedFileMedia.create(file, AREA, MappedFileOptions.DEFAULTS, fresh -> {}))) {
            LogCore core = log.core();
            for (long i = 0; core.appended() < LOG - (1 << 20); i++) {
                while (core.append(payload, 0, bytes) < 0) {
                    log.turn();
                }
                if (i % commit == 0) {
                    core.submit();
                    log.turn();
                }
            }
        }
    }

    @Benchmark
    public long open() throws IOException {
        try (Opened log = Opened.on(MappedFileMedia.open(file, MappedFileOptions.DEFAULTS))) {
            return log.core().durable();
        }
    }

    @TearDown(Level.Trial)
    public void delete() throws IOException {
        Files.deleteIfExists(file);
    }
}
