package io.sietch.persistent;

import java.util.concurrent.atomic.AtomicLong;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.SingleWriterRecorder;
import org.jspecify.annotations.Nullable;

/**
 * What a log has done since it was opened. Written by the log's thread, after the first flush without allocation, read
 * by any; each number is exact, the set is not a snapshot.
 */
public final class LogMetrics {
    private static final long FLUSH_NANOS_MAX = 60_000_000_000L;
    private static final int PRECISION_DIGITS = 2;

    private final AtomicLong records = new AtomicLong();
    private final AtomicLong payloadBytes = new AtomicLong();
    private final AtomicLong commits = new AtomicLong();
    private final AtomicLong writtenBytes = new AtomicLong();
    private final AtomicLong flushes = new AtomicLong();
    private final AtomicLong durable = new AtomicLong();
    private final AtomicLong superblockUpdates = new AtomicLong();
    private final AtomicLong freedSegments = new AtomicLong();
    // Made with the first flush: a log that is only opened and read has none.
    private volatile @Nullable SingleWriterRecorder flushRecorder;
    // Made when somebody asks: most logs of most programs are never asked.
    private @Nullable Histogram flushTotal;

    LogMetrics() {}

    /** Records appended. */
    public long records() {
        return records.getOpaque();
    }

    /** Bytes of payload appended. */
    public long payloadBytes() {
        return payloadBytes.getOpaque();
    }

    /** Commits written. */
    public long commits() {
        return commits.getOpaque();
    }

    /** Bytes of commits, segment headers and padding written. */
    public long writtenBytes() {
        return writtenBytes.getOpaque();
    }

    /** Flushes that succeeded. */
    public long flushes() {
        return flushes.getOpaque();
    }

    /** Everything before this position is durable. */
    public long durable() {
        return durable.getOpaque();
    }

    /** Updates of the superblock: trims and extensions. */
    public long superblockUpdates() {
        return superblockUpdates.getOpaque();
    }

    /** Segments that trimming gave back. */
    public long freedSegments() {
        return freedSegments.getOpaque();
    }

    /** Bytes written for each byte of payload; 0 before the first. */
    public double writeAmplification() {
        long payload = payloadBytes();
        return payload == 0 ? 0 : (double) writtenBytes() / payload;
    }

    /** The times from submitting a flush to its completion, in nanoseconds; those above a minute count as a minute. */
    public synchronized Histogram flushLatency() {
        if (flushTotal == null) {
            flushTotal = new Histogram(1, FLUSH_NANOS_MAX, PRECISION_DIGITS);
        }
        SingleWriterRecorder recorder = flushRecorder;
        if (recorder != null) {
            flushTotal.add(recorder.getIntervalHistogram());
        }
        return flushTotal.copy();
    }

    // There is one writer, so a plain read and an opaque write do; no locked instruction on the hot path.
    private static void add(AtomicLong counter, long n) {
        counter.setOpaque(counter.getPlain() + n);
    }

    void countRecord(int payload) {
        add(records, 1);
        add(payloadBytes, payload);
    }

    void countCommit(int bytes) {
        add(commits, 1);
        add(writtenBytes, bytes);
    }

    void countFlush(long nanos, long durableTo) {
        add(flushes, 1);
        durable.setOpaque(durableTo);
        SingleWriterRecorder recorder = flushRecorder;
        if (recorder == null) {
            recorder = new SingleWriterRecorder(1, FLUSH_NANOS_MAX, PRECISION_DIGITS);
            flushRecorder = recorder;
        }
        recorder.recordValue(Math.clamp(nanos, 1, FLUSH_NANOS_MAX));
    }

    void startsAt(long durableTo) {
        durable.setOpaque(durableTo);
    }

    void countSuperblockUpdate() {
        add(superblockUpdates, 1);
    }

    void countFreed(int segments) {
        add(freedSegments, segments);
    }
}
