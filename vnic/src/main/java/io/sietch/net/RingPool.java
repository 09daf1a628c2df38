package io.sietch.net;

import java.lang.foreign.Arena;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/** The memory that connections had and others may have: to take it from the system takes longer than to open one. */
final class RingPool {
    private static final int MAX_KEPT = 64;

    private final ArrayDeque<ByteRing> free = new ArrayDeque<>();

    /** An empty ring, in memory that was given back or in new. */
    ByteRing take(int bytes) {
        ByteRing kept = free.pollLast();
        while (kept != null && kept.capacity() != bytes) {
            kept = free.pollLast();
        }
        return new ByteRing(kept == null ? Arena.ofAuto().allocate(bytes, 64) : kept.memory());
    }

    /** The ring is not used any more, if there is one. */
    void giveBack(@Nullable ByteRing ring) {
        if (ring != null && free.size() < MAX_KEPT) {
            free.addLast(ring);
        }
    }
}
