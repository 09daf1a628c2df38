package io.sietch.redis;

/** The reactor's side of the journal: when what the keyspace has appended moves on to the medium. One thread. */
interface Committer {
    /** Lets everything appended be written soon. */
    void submit();

    /**
     * Lets everything appended be durable soon. Cheap enough for every turn.
     *
     * @param here whether {@link #poll} shall run the flush itself and return when it is over, because nothing else is
     *     to be done meanwhile
     */
    void commit(boolean here);

    /**
     * Moves the log and its device on.
     *
     * @return how much was done; 0 if there was nothing to do
     */
    int poll();

    /** How long the device may be left alone, in nanoseconds, if nobody wakes the loop. */
    default long idleNanos() {
        return Long.MAX_VALUE;
    }
}
