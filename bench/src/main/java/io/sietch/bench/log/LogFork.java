package io.sietch.bench.log;

import com.sun.management.OperatingSystemMXBean;
import io.sietch.bench.log.LogContender.Promise;
import io.sietch.bench.log.LogContender.Writer;
import io.sietch.bench.report.LaneThreads;
import io.sietch.bench.report.Lanes;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;
import org.HdrHistogram.Histogram;

/** The measuring JVM: one contender, one case, then it ends. */
public final class LogFork {
    // A clock reading costs about a quarter of an append without waiting, so only some of those are timed.
    private static final int TIMED_WITHOUT_WAITING = 1 << 6;

    private final Promise promise;
    private final Payload payload;
    private final OperatingSystemMXBean process = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

    private LogFork(Promise promise, int bytes) {
        this.promise = promise;
        this.payload = Payload.random(bytes, 1);
    }

    /**
     * @param args contender, promise, threads, bytes of a record, seconds to warm up, seconds to measure, directory
     */
    public static void main(String[] args) throws Exception {
        Contender contender = Contender.valueOf(args[0]);
        Promise promise = Promise.valueOf(args[1]);
        LaneThreads threads = LaneThreads.parse(args[2]);
        LogFork fork = new LogFork(promise, Integer.parseInt(args[3]));
        try (LogContender log = contender.open(Path.of(args[6]), promise)) {
            long warmUp = nanos(args[4]);
            if (warmUp > 0) {
                fork.run(log, threads, warmUp);
            }
            System.out.println(fork.run(log, threads, nanos(args[5])).line());
        }
    }

    private static long nanos(String seconds) {
        return (long) (Double.parseDouble(seconds) * 1e9);
    }

    private Measurement run(LogContender log, LaneThreads threads, long nanos) throws Exception {
        long cpu = process.getProcessCpuTime();
        AtomicLong begun = new AtomicLong();
        Lanes.Outcome outcome = Lanes.run(
                threads,
                log::writer,
                (Writer writer, int lane, Histogram times) ->
                        append(writer, LaneThreads.beginning(begun), nanos, times),
                log::drain);
        cpu = process.getProcessCpuTime() - cpu;
        return new Measurement(
                outcome.rate(),
                outcome.times().getValueAtPercentile(50) / 1e3,
                outcome.times().getValueAtPercentile(99) / 1e3,
                cpu / 1e3 / outcome.operations());
    }

    private long append(Writer writer, long start, long nanos, Histogram times) throws Exception {
        int timed = promise == Promise.DURABLE ? 1 : TIMED_WITHOUT_WAITING;
        long now = System.nanoTime();
        long appended = 0;
        while (now - start < nanos) {
            for (int i = 1; i < timed; i++) {
                writer.append(payload);
            }
            long before = timed == 1 ? now : System.nanoTime();
            writer.append(payload);
            now = System.nanoTime();
            times.recordValue(Math.min(now - before, Lanes.HIGHEST_NANOS));
            appended += timed;
        }
        return appended;
    }
}
