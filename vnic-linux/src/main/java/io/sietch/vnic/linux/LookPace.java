package io.sietch.vnic.linux;

import java.util.function.LongSupplier;

/**
 * When to look for frames again. To look too often costs twice: each look is work, in vain at that if nothing has come,
 * and what is found one by one is answered one by one, though both ways a batch costs less than its parts.
 *
 * <p>So after a look that found several frames, which says that they come in a stream, the next is put off: the more
 * were found, the longer, up to a limit that no stream of requests and answers notices. After one that found a single
 * frame it is not, for the peer may wait for an answer before it sends the next. If nothing comes for a while, looks
 * that cost a system call are made a microsecond apart.
 *
 * <p>Threads: one at a time.
 */
final class LookPace {
    private static final long EACH_NANOS = 500;
    private static final long MOST_NANOS = 4_000;
    private static final long KEEN_NANOS = 20_000;

    private final LongSupplier clock;
    private final long vainNanos;
    private boolean putOff;
    private long until;
    private long foundAt;

    /**
     * @param clock nanoseconds that never go backwards
     * @param vainNanos how long after a look in vain the next is made, if nothing has come for a while
     */
    LookPace(LongSupplier clock, long vainNanos) {
        this.clock = clock;
        this.vainNanos = vainNanos;
        this.foundAt = clock.getAsLong();
    }

    /** Whether it is time to look. */
    boolean isDue() {
        if (putOff && clock.getAsLong() - until >= 0) {
            putOff = false;
        }
        return !putOff;
    }

    /** There is nothing more now. */
    void looked(int found) {
        long now = clock.getAsLong();
        long pause;
        if (found > 0) {
            foundAt = now;
            pause = Math.min((found - 1) * EACH_NANOS, MOST_NANOS);
        } else {
            pause = now - foundAt > KEEN_NANOS ? vainNanos : 0;
        }
        if (pause > 0) {
            putOff = true;
            until = now + pause;
        }
    }
}
