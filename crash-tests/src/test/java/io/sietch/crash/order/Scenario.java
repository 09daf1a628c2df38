package io.sietch.crash.order;

import java.util.List;

/**
 * What several threads do to something they share. Made anew for each order; the constructor makes what is shared, on
 * one thread.
 */
public interface Scenario {
    /** What each thread does. Must come to an end, and be the same each time. */
    List<Runnable> threads();

    /** After all have ended: whether what they saw and left is right. Throws an {@link AssertionError} if not. */
    void check();
}
