package io.sietch.persistent;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Lets a structure's area grow when room runs short: begins it, and knows how it went. The structure's thread. */
final class AutoGrowth implements LogGrowth.Outcome {
    /**
     * More room is asked for when less than an eighth of the area is free, or 32 MiB; two steps of growing. But never
     * while half of it is.
     */
    private static final int LOW_SHARE = 8;

    private static final long LOW_BYTES = 32L << 20;

    private final Hosted structure;
    private final LogCore log;
    private final LogGrowth growth;
    private final long maxBytes;
    private boolean growing;
    private @Nullable IOException given;
    private volatile boolean grown;
    private volatile @Nullable IOException failure;

    AutoGrowth(Hosted structure, LogCore log, LogGrowth growth, long maxBytes) {
        this.structure = structure;
        this.log = log;
        this.growth = growth;
        this.maxBytes = maxBytes;
    }

    /**
     * Begins to grow if room runs short.
     *
     * @param wanted bytes beyond which the area need not grow
     */
    void askForRoom(long wanted) {
        if (log.areaBytes() >= wanted) {
            return;
        }
        long low = Math.min(Math.max(log.areaBytes() / LOW_SHARE, LOW_BYTES), log.areaBytes() / 2);
        if (log.freeBytes() < low) {
            mayGrow(wanted);
        }
    }

    /**
     * Begins to grow, unless that failed before. Returns whether it is worth waiting.
     *
     * @param wanted bytes beyond which the area need not grow, but by as little as it can
     */
    boolean mayGrow(long wanted) {
        if (!growing && failure() == null && log.areaBytes() < maxBytes) {
            growing = true;
            growth.begin(structure, wanted, this);
        }
        return growing;
    }

    @Override
    public void grown(@Nullable IOException why) {
        failure = why;
        grown = true;
    }

    /** Returns 1 if growing has just ended, well or not. */
    int poll() {
        // The new room counts when a superblock that knows of it is durable.
        if (growing && grown && log.isExtended()) {
            growing = false;
            grown = false;
            return 1;
        }
        return 0;
    }

    /** Why it cannot grow any more, as far as that is known. */
    @Nullable
    IOException failure() {
        return given != null ? given : failure;
    }

    /** There is room again: next time it may be tried anew. */
    void forgetFailure() {
        failure = null;
    }

    /** Nothing is grown from now on. */
    void giveUp(IOException why) {
        growing = false;
        given = why;
    }
}
