package io.sietch.vsic;

import java.util.concurrent.atomic.AtomicLong;

/**
 * What one VSIC has done. Written by the device's thread, read by any; each number is exact, the set is not a snapshot.
 */
public final class VsicCounters {
    private final AtomicLong commands = new AtomicLong();
    private final AtomicLong bytesRead = new AtomicLong();
    private final AtomicLong bytesWritten = new AtomicLong();
    private final AtomicLong flushes = new AtomicLong();
    private final AtomicLong rejected = new AtomicLong();
    private final AtomicLong mediaErrors = new AtomicLong();
    private final AtomicLong throttled = new AtomicLong();

    VsicCounters() {}

    /** Commands taken from the submission queue. */
    public long commands() {
        return commands.getOpaque();
    }

    /** Bytes moved from the medium. */
    public long bytesRead() {
        return bytesRead.getOpaque();
    }

    /** Bytes moved to the medium. */
    public long bytesWritten() {
        return bytesWritten.getOpaque();
    }

    /** FLUSH commands and FUA writes. One flush of the medium may answer many. */
    public long flushes() {
        return flushes.getOpaque();
    }

    /** Commands refused before any byte moved: malformed, out of range, without right, revoked, poisoned. */
    public long rejected() {
        return rejected.getOpaque();
    }

    /** Commands that the medium failed. */
    public long mediaErrors() {
        return mediaErrors.getOpaque();
    }

    /** How often the rate limit held a command back. */
    public long throttled() {
        return throttled.getOpaque();
    }

    // There is one writer, so a plain read and an opaque write do; no locked instruction on the hot path.
    private static void add(AtomicLong counter, long n) {
        counter.setOpaque(counter.getPlain() + n);
    }

    void countCommand() {
        add(commands, 1);
    }

    void countRead(long bytes) {
        add(bytesRead, bytes);
    }

    void countWritten(long bytes) {
        add(bytesWritten, bytes);
    }

    void countFlush() {
        add(flushes, 1);
    }

    void countRejected() {
        add(rejected, 1);
    }

    void countMediaError() {
        add(mediaErrors, 1);
    }

    void countThrottled() {
        add(throttled, 1);
    }
}
