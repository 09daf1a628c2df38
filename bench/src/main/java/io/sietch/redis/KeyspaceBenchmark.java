package io.sietch.redis;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * GET and SET of 64 bytes with 100,000 keys, from the decoded request to the reply, without network and without log:
 * what redis-lite's loop pays for the data itself.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(3)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class KeyspaceBenchmark {
    private static final int KEYS = 100_000;
    private static final int VALUE_BYTES = 64;
    private static final int REQUESTS = 1 << 13;

    private final CommandTable commands = new CommandTable();
    private final Keyspace keyspace = new Keyspace(new NoJournal(), System::currentTimeMillis, new SplittableRandom(1));
    private final CountingReply reply = new CountingReply();
    private final Request[] gets = new Request[REQUESTS];
    private final Request[] sets = new Request[REQUESTS];
    private int next;

    @Setup
    public void fill() {
        keyspace.register(commands);
        byte[] value = new byte[VALUE_BYTES];
        for (int i = 0; i < KEYS; i++) {
            commands.execute(Request.of(bytes("SET"), key(i), value), reply, ClientContext.NONE);
        }
        SplittableRandom random = new SplittableRandom(2);
        for (int i = 0; i < REQUESTS; i++) {
            byte[] key = key(random.nextInt(KEYS));
            gets[i] = Request.of(bytes("GET"), key);
            sets[i] = Request.of(bytes("SET"), key, value);
        }
    }

    private static byte[] key(int number) {
        return bytes(String.format(Locale.ROOT, "key:%012d", number));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    @Benchmark
    public long get() {
        commands.execute(gets[next++ & (REQUESTS - 1)], reply, ClientContext.NONE);
        return reply.sum();
    }

    @Benchmark
    public long set() {
        commands.execute(sets[next++ & (REQUESTS - 1)], reply, ClientContext.NONE);
        return reply.sum();
    }

    @TearDown
    public void close() {
        keyspace.close();
    }
}
