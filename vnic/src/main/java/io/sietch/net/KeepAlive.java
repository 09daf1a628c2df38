package io.sietch.net;

/** When a silent peer is asked whether it is still there, and when that was in vain (RFC 9293, section 3.8.4). */
final class KeepAlive {
    private static final int QUESTIONS = 9;
    private static final long PAUSE_NANOS = 75_000_000_000L;

    private final long idleNanos;
    private long heardAt;
    private int asked;

    /** @param idleNanos 0 for never */
    KeepAlive(long idleNanos, long now) {
        this.idleNanos = idleNanos;
        this.heardAt = now;
    }

    void heard(long now) {
        heardAt = now;
        asked = 0;
    }

    long heardAt() {
        return heardAt;
    }

    /** When the next question is due. */
    long at() {
        return idleNanos == 0 ? TimerWheel.NEVER : heardAt + idleNanos + asked * PAUSE_NANOS;
    }

    void asked() {
        asked++;
    }

    boolean isInVain() {
        return asked == QUESTIONS;
    }
}
