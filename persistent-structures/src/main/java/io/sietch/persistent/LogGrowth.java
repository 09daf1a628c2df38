package io.sietch.persistent;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Gives a structure that runs full more room, elsewhere. */
@FunctionalInterface
interface LogGrowth {
    /** Hears, on any thread, how it went. */
    @FunctionalInterface
    interface Outcome {
        void grown(@Nullable IOException failure);
    }

    /**
     * Begins to grow the structure's area. Returns at once.
     *
     * @param wanted bytes beyond which it need not grow; where it has as many, it grows by as little as it can
     */
    void begin(Hosted structure, long wanted, Outcome outcome);
}
