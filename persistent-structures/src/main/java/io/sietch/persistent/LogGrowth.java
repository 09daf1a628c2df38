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

    /** Begins to grow the structure's area. Returns at once. */
    void begin(Hosted structure, Outcome outcome);
}
