package io.sietch.crash;

import java.io.IOException;
import java.util.List;

/**
 * Storage code under test, for one life: the explorer makes a new one after each crash. Everything it knows of earlier
 * lives it reads from the medium.
 *
 * <p>It must be deterministic: given the same medium, it makes the same calls. Time comes from {@link Life#time()}.
 *
 * @param <S> what the storage holds, as a value with {@code equals}
 * @param <O> an operation of the workload
 */
public interface CrashSubject<S, O> extends AutoCloseable {
    /** Opens the storage, recovering what is there (on the first life: nothing), and returns all that it holds. */
    S open(Life<O> life) throws IOException;

    /**
     * Goes on with what was opened: works, and tells the life what it attempts and what is acknowledged. The default
     * does nothing.
     */
    default void work(Life<O> life) throws IOException {}

    /**
     * Throws an {@link AssertionError} unless what a crash left is allowed.
     *
     * @param before what the storage held when the life that crashed began
     * @param deeds what was attempted in that life, in order, and whether it had been acknowledged
     * @param after what was found after the crash
     */
    void check(S before, List<Deed<O>> deeds, S after);

    /**
     * Throws an {@link AssertionError} unless recovering after a crash inside recovery found what recovering at once
     * finds. The default asks for equality.
     *
     * @param once what one recovery found
     * @param twice what the second found after the first had been cut short
     */
    default void checkSecondRecovery(S once, S twice) {
        if (!once.equals(twice)) {
            throw new AssertionError(
                    "a crash inside recovery changed its result\n  once:  " + once + "\n  twice: " + twice);
        }
    }

    /** Frees what the life held. What it does to the medium does not count: nobody shuts down before a crash. */
    @Override
    default void close() {}
}
