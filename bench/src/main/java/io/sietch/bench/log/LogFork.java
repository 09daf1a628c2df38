package io.sietch.bench.log;

import com.sun.management.OperatingSystemMXBean;
import io.sietch.bench.log.LogContender.Promise;
import io.sietch.bench.log.LogContender.Writer;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/** The measuring JVM: one contender, one case, then it ends. */
public final class LogFork {
    // A clock reading costs about a quarter of an append without waiting, so only some of those are timed.
    private static final int TIMED_WITHOUT_WAITING = 1 << 6;
    private static final long HIGHEST_NANOS = TimeUnit.MINUTES.toNanos(1);

    private final Promise promise;
    private final Payload payload;
    private final CyclicBarrier barrier;
    private final OperatingSystemMXBean process = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

    private LogFork(Promise promise, int threads, int bytes) {
        this.promise = promise;
        this.payload = Payload.random(bytes, 1);
        this.barrier = new CyclicBarrier(threads);
    }

    /**
     * @param args contender, promise, threads, bytes of a record, seconds to warm up, seconds to measure, directory
     */
    public static void main(String[] args) throws Exception {
        Contender contender = Contender.valueOf(args[0]);
        Promise promise = Promise.valueOf(args[1]);
        int threads = Integer.parseInt(args[2]);
        LogFork fork = new LogFork(promise, threads, Integer.parseInt(args[3]));
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

    /** One appending thread. */
    private final class Lane extends Thread {
        final Histogram latencies = new Histogram(HIGHEST_NANOS, 3);
        long startedAt;
        long appended;
        volatile @Nullable Throwable failure;
        private final LogContender log;
        private final long nanos;

        Lane(LogContender log, long nanos) {
            this.log = log;
            this.nanos = nanos;
        }

        @Override
        public void run() {
            try {
                append(this, log, nanos);
            } catch (Throwable e) {
                failure = e;
                // Nobody shall wait at the start for a thread that never comes.
                barrier.reset();
            }
        }
    }

    private Measurement run(LogContender log, int threads, long nanos) throws Exception {
        List<Lane> lanes = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            lanes.add(new Lane(log, nanos));
        }
        long cpu = process.getProcessCpuTime();
        lanes.forEach(Thread::start);
        for (Lane lane : lanes) {
            lane.join();
            Throwable failure = lane.failure;
            if (failure != null && !(failure instanceof BrokenBarrierException)) {
                throw new IllegalStateException("an append failed: " + failure, failure);
            }
        }
        log.drain();
        long end = System.nanoTime();
        cpu = process.getProcessCpuTime() - cpu;
        Histogram all = new Histogram(HIGHEST_NANOS, 3);
        long appended = 0;
        long start = Long.MAX_VALUE;
        for (Lane lane : lanes) {
            all.add(lane.latencies);
            appended += lane.appended;
            start = Math.min(start, lane.startedAt);
        }
        return new Measurement(
                appended * 1e9 / (end - start),
                all.getValueAtPercentile(50) / 1e3,
                all.getValueAtPercentile(99) / 1e3,
                cpu / 1e3 / appended);
    }

    private void append(Lane lane, LogContender log, long nanos) throws Exception {
        Writer writer = log.writer();
        int timed = promise == Promise.DURABLE ? 1 : TIMED_WITHOUT_WAITING;
        barrier.await();
        long start = System.nanoTime();
        lane.startedAt = start;
        long now = start;
        long appended = 0;
        while (now - start < nanos) {
            for (int i = 1; i < timed; i++) {
                writer.append(payload);
            }
            long before = timed == 1 ? now : System.nanoTime();
            writer.append(payload);
            now = System.nanoTime();
            lane.latencies.recordValue(Math.min(now - before, HIGHEST_NANOS));
            appended += timed;
        }
        lane.appended = appended;
    }
}
