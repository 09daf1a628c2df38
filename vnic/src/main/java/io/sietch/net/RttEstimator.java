package io.sietch.net;

/** The retransmission timeout (RFC 6298). Nanoseconds. One segment is timed at a time, never one sent twice (Karn). */
final class RttEstimator {
    static final long INITIAL_RTO = 1_000_000_000L;
    static final long MAX_RTO = 60_000_000_000L;
    /** The granularity of our clock, G in the RFC: a tick of the timer wheel. */
    private static final long GRANULARITY = 1L << 20;

    private final long minRto;
    private long smoothed;
    private long variation;
    private long rto = INITIAL_RTO;
    private boolean timing;
    private int timedSequence;
    private long timedAt;

    RttEstimator(long minRto) {
        this.minRto = minRto;
    }

    long rto() {
        return rto;
    }

    /** The smoothed round trip time, 0 before the first sample. */
    long smoothed() {
        return smoothed;
    }

    /** A segment that ends before this number was sent, for the first time. */
    void sent(int end, long now) {
        if (!timing) {
            timing = true;
            timedSequence = end;
            timedAt = now;
        }
    }

    /** Something was sent again; what is acknowledged from now on says nothing about time. */
    void retransmitted() {
        timing = false;
    }

    void acknowledged(int acknowledgement, long now) {
        if (timing && acknowledgement - timedSequence >= 0) {
            timing = false;
            sample(now - timedAt);
        }
    }

    private void sample(long time) {
        if (smoothed == 0) {
            smoothed = Math.max(1, time);
            variation = time / 2;
        } else {
            variation += (Math.abs(smoothed - time) - variation) / 4;
            smoothed += (time - smoothed) / 8;
        }
        rto = Math.clamp(smoothed + Math.max(GRANULARITY, 4 * variation), minRto, MAX_RTO);
    }

    /** A timeout has passed without an answer. */
    void backOff() {
        rto = Math.min(2 * rto, MAX_RTO);
    }

    /** RFC 6298, section 5.7: a handshake that lost its SYN starts with three seconds. */
    void afterLostSyn() {
        rto = 3 * INITIAL_RTO;
    }
}
