package io.sietch.vnic;

/**
 * What carries flows. A network is polled by one loop and is also where that loop waits, because only the network can
 * wait for both its own events and a wake from elsewhere.
 *
 * <p>Threads: all methods belong to the loop's thread, except {@link #wake}.
 */
public interface Network extends AutoCloseable {
    /**
     * Serves whatever has happened: one receive for each flow at most. Never blocks.
     *
     * @param nowNanos the time, from a clock that never goes backwards
     * @return how many events were served
     */
    int poll(long nowNanos);

    /** Lets what was flushed since the last poll leave now, if it would not before the next. Never blocks. */
    default void flush() {}

    /**
     * Waits for an event, a {@link #wake}, or the end of the time. Events are served by the next {@link #poll}. A wake
     * that came before is not lost.
     *
     * @param maxNanos upper bound in nanoseconds; {@link Long#MAX_VALUE} for none
     */
    void await(long maxNanos);

    /**
     * Whether {@link #await} now looks for a while before it sleeps, because looking costs no system call. Otherwise
     * whoever wants that polls again instead.
     */
    default boolean looksBeforeItSleeps() {
        return false;
    }

    /** Ends the present or else the next {@link #await}. Any thread. Cheap while the loop is awake. */
    void wake();

    /** Takes no new flows from now on; those that exist go on. */
    void stopAccepting();

    /** Flows that are open. */
    int flows();

    /** Bytes of memory that the buffers of all flows hold now. */
    long bufferBytes();

    /** Closes all flows, and tells the handler. */
    @Override
    void close();
}
