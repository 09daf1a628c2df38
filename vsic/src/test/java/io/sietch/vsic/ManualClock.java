package io.sietch.vsic;

/** Time that passes when a test says so. */
final class ManualClock implements NanoClock {
    private volatile long now;

    /** Starts anywhere: nothing may depend on where time begins. */
    ManualClock(long now) {
        this.now = now;
    }

    ManualClock() {
        this(Long.MAX_VALUE - 1_000_000);
    }

    @Override
    public long nanoTime() {
        return now;
    }

    void advance(long nanos) {
        now += nanos;
    }
}
