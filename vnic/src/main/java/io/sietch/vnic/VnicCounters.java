package io.sietch.vnic;

import java.util.concurrent.atomic.AtomicLong;

/**
 * What the device did for one VNIC. Written by the device's thread, read by any; each number is exact, the set is not a
 * snapshot. Every frame taken from the transmit ring is counted as sent, and once more where it went or why it did not:
 * {@code sent = refused + malformed + unroutable +} what reached one receiver or several.
 */
public final class VnicCounters {
    private final AtomicLong sent = new AtomicLong();
    private final AtomicLong sentBytes = new AtomicLong();
    private final AtomicLong received = new AtomicLong();
    private final AtomicLong receivedBytes = new AtomicLong();
    private final AtomicLong refused = new AtomicLong();
    private final AtomicLong malformed = new AtomicLong();
    private final AtomicLong unroutable = new AtomicLong();
    private final AtomicLong noBuffer = new AtomicLong();
    private final AtomicLong impaired = new AtomicLong();
    private final AtomicLong throttled = new AtomicLong();

    VnicCounters() {}

    /** Frames taken from the transmit ring. */
    public long sent() {
        return sent.getOpaque();
    }

    /** Their bytes. */
    public long sentBytes() {
        return sentBytes.getOpaque();
    }

    /** Frames put into the receive ring. */
    public long received() {
        return received.getOpaque();
    }

    /** Their bytes. */
    public long receivedBytes() {
        return receivedBytes.getOpaque();
    }

    /** Frames that no transmit filter allows: with a foreign source, for example. */
    public long refused() {
        return refused.getOpaque();
    }

    /** Descriptors that point outside of the buffers, and frames without a whole header. */
    public long malformed() {
        return malformed.getOpaque();
    }

    /** Frames that no receive filter of another VNIC matches. */
    public long unroutable() {
        return unroutable.getOpaque();
    }

    /** Frames for this VNIC that were dropped because it had posted no buffer, or a shorter one. */
    public long noBuffer() {
        return noBuffer.getOpaque();
    }

    /** Frames for this VNIC that were lost on purpose. See {@link Impairment}. */
    public long impaired() {
        return impaired.getOpaque();
    }

    /** How often the rate limit held a frame back. */
    public long throttled() {
        return throttled.getOpaque();
    }

    // There is one writer, so a plain read and an opaque write do; no locked instruction on the hot path.
    private static void add(AtomicLong counter, long n) {
        counter.setOpaque(counter.getPlain() + n);
    }

    void countSent(int bytes) {
        add(sent, 1);
        add(sentBytes, bytes);
    }

    void countReceived(int bytes) {
        add(received, 1);
        add(receivedBytes, bytes);
    }

    void countRefused() {
        add(refused, 1);
    }

    void countMalformed() {
        add(malformed, 1);
    }

    void countUnroutable() {
        add(unroutable, 1);
    }

    void countNoBuffer() {
        add(noBuffer, 1);
    }

    void countImpaired() {
        add(impaired, 1);
    }

    void countThrottled() {
        add(throttled, 1);
    }
}
