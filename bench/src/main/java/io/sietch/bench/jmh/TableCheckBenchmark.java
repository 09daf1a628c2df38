package io.sietch.bench.jmh;

import io.sietch.bench.report.Children;
import io.sietch.persistent.Codec;
import io.sietch.persistent.PersistentTable;
import io.sietch.persistent.Sietch;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32C;
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
import org.openjdk.jmh.infra.Blackhole;

/**
 * What a checksum in each read of a table would cost. A table checks its records when it is opened, cleaned and
 * verified, and trusts them while it reads; here a reader checks each value for itself.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(3)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class TableCheckBenchmark {
    private static final int KEYS = 1 << 16;

    /** Odd and about the golden ratio of the keys: neighbours in time lie far from each other. */
    private static final int STEP = 40503;

    /** Bytes of each value. */
    @Param({"64", "100", "1024"})
    public int bytes = 64;

    private final CRC32C crc = new CRC32C();
    private final Path directory = Path.of(System.getProperty("sietch.bench.dir", "."), "table-check");
    private final Sietch sietch;
    private final PersistentTable<Long, byte[]> table;
    private int at;

    public TableCheckBenchmark() {
        try {
            if (Files.exists(directory)) {
                Children.delete(directory);
            }
            Files.createDirectories(directory);
            sietch = Sietch.open(directory);
            table = sietch.table("bench", Codec.longs(), Codec.bytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Setup(Level.Trial)
    public void fill() {
        byte[] value = new byte[bytes];
        for (long key = 0; key < KEYS; key++) {
            value[0] = (byte) key;
            table.putAsync(key, value);
        }
        table.sync().join();
    }

    private byte[] value() {
        at = (at + STEP) & (KEYS - 1);
        byte[] value = table.get((long) at);
        if (value == null) {
            throw new IllegalStateException("key " + at + " is not there");
        }
        return value;
    }

    @Benchmark
    public byte[] get() {
        return value();
    }

    @Benchmark
    public byte[] getAndCheck(Blackhole sums) {
        byte[] value = value();
        crc.reset();
        crc.update(value, 0, value.length);
        sums.consume(crc.getValue());
        return value;
    }

    @TearDown(Level.Trial)
    public void close() throws IOException {
        sietch.close();
        Children.delete(directory);
    }
}
