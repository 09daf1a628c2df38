package io.sietch.vnic.linux;

import java.util.function.LongSupplier;

/**
 * When to look for frames again. To look too often costs twice: each look is work, in vain at that if nothing has come,
 * and what is found one by one is answered one by one, though both ways a batch costs less than its parts.
 *
 * <p>So after a look that found several frames, which says that they come in a <em>stream</em>, the next is put off: by
 * the square of how many were found, for few are all that a peer has under way that waits for the answers, and many
 * stand behind each other anyway; up to a limit. While the stream has a gap, looks are {@value #GAP_NANOS} ns apart.
 *
 * <p>After a look that found a single frame the next is not put off, for the peer may wait for an answer before it
 * sends the next, and so does who looks: see {@link #isStream}. If nothing comes for a while, looks that cost a system
 * call are made a microsecond apart.
 *
 * <p>Threads: one at a time.
 */
final class LookPace {
    private static final long MOST_NANOS = 12_000;
    static final long GAP_NANOS = 1_000;
    private static final long KEEN_NANOS = 20_000;

    private final LongSupplier clock;
    private final long squareNanos;
    private final long vainNanos;
    private boolean stream;
    private boolean putOff;
    private long until;
    private long foundAt;

    /**
     * @param clock nanoseconds that never go backwards
     * @param squareNanos how long after a look that found two frames or more the next is made, for the square of each
     * @param vainNanos how long after a look in vain the next is made, if nothing has come for a while
     */
    LookPace(LongSupplier clock, long squareNanos, long vainNanos) {
        this.clock = clock;
        this.squareNanos = squareNanos;
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

    /**
     * Whether several frames were found when some were found last. If not, it is better to answer the next one than to
     * look whether there are more.
     */
    boolean isStream() {
        return stream;
    }

    /** There is nothing more now. */
    void looked(int found) {
        long now = clock.getAsLong();
        long pause;
        if (found > 0) {
            foundAt = now;
            stream = found > 1;
            pause = stream ? Math.min((long) found * found * squareNanos, MOST_NANOS) : 0;
        } else if (now - foundAt > KEEN_NANOS) {
            pause = vainNanos;
        } else {
            pause = stream ? GAP_NANOS : 0;
        }
        if (pause > 0) {
            putOff = true;
            until = now + pause;
        }
    }
}
