package io.sietch.net;

/**
 * Bounds what is sent in answer to what nobody has to send: challenge acknowledgements (RFC 5961, section 7) and ICMP
 * errors. Without it they would be a way to have us send.
 */
final class AnswerLimit {
    private static final int A_SECOND = 1000;
    private static final long SECOND = 1_000_000_000L;

    private long from;
    private int answers;

    /** Whether one more may be sent now; if so, it is counted. */
    boolean may(long time) {
        if (time - from >= SECOND) {
            from = time;
            answers = 0;
        }
        return answers++ < A_SECOND;
    }
}
