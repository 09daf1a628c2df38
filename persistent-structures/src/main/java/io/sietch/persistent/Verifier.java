package io.sietch.persistent;

/**
 * Looks at everything in a structure, a slice at a time, between which the structure does its work.
 *
 * <p>Threads: that of the structure; but {@link #close} from any.
 */
public sealed interface Verifier extends AutoCloseable permits QueueVerifier, TableVerifier {
    /** Does a slice. Returns whether there is more to do. */
    boolean step();

    /** How many bytes of the log, from its head, have been read. */
    long readBytes();

    /** What was found, as far as it has come. */
    Verification result();

    /** Lets the segments go that it kept. */
    @Override
    void close();
}
