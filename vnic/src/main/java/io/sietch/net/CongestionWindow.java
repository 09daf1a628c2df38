package io.sietch.net;

/**
 * How much may be under way: slow start and congestion avoidance (RFC 5681, with byte counting), initial window (RFC
 * 6928), what a loss does to them, and that an idle connection starts anew. Bytes.
 */
final class CongestionWindow {
    private static final int MAX = 1 << 30;

    private int mss;
    private int window;
    private int threshold = MAX;
    private int credit;

    /** The handshake is complete. */
    void start(int newMss, boolean synWasLost) {
        mss = newMss;
        // RFC 6928, section 2; one segment if the SYN or its answer was lost.
        window = synWasLost ? mss : Math.min(10 * mss, Math.max(2 * mss, 14_600));
    }

    int window() {
        return window;
    }

    int threshold() {
        return threshold;
    }

    boolean isSlowStart() {
        return window < threshold;
    }

    /**
     * So many bytes were acknowledged, in order.
     *
     * @param wasFull whether the window had been the limit; if not, it proves nothing and does not grow (RFC 7661)
     */
    void acknowledged(int bytes, boolean wasFull) {
        if (!wasFull) {
            return;
        }
        if (isSlowStart()) {
            window = Math.min(MAX, window + Math.min(bytes, 2 * mss));
        } else {
            credit += bytes;
            if (credit >= window) {
                credit -= window;
                window = Math.min(MAX, window + mss);
            }
        }
    }

    /** A segment was lost and others got through. */
    void halve(int flight) {
        threshold = Math.max(flight / 2, 2 * mss);
        window = threshold;
        credit = 0;
    }

    /** Nothing got through for a whole timeout. */
    void collapse(int flight, boolean first) {
        if (first) {
            threshold = Math.max(flight / 2, 2 * mss);
        }
        window = mss;
        credit = 0;
    }

    /** NewReno without SACK: what a duplicate or partial acknowledgement does while recovering (RFC 6582). */
    void inflate(int bytes) {
        window = Math.clamp(window + (long) bytes, mss, MAX);
    }

    /** The recovery is over (RFC 6582, section 3.2, step 3). */
    void recovered(int flight) {
        window = Math.min(threshold, Math.max(flight, mss) + mss);
        credit = 0;
    }

    /** Nothing was sent for longer than a timeout (RFC 5681, section 4.1). */
    void restart() {
        window = Math.min(window, Math.min(10 * mss, Math.max(2 * mss, 14_600)));
    }
}
