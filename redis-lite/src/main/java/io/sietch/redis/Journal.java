package io.sietch.redis;

import io.sietch.persistent.LiveSums;
import io.sietch.persistent.LogPlace;
import java.lang.foreign.MemorySegment;

/**
 * Where effects on the keyspace are recorded, and the source of the positions that replies wait for. A thin face of the
 * persistent log, so that tests can stand a journal of their own in its place. One thread.
 *
 * <p>A write claims room first, changes memory next, and publishes last: between a successful {@link #claim} and its
 * {@link #publish} nothing may fail. Records become durable in the order of their positions; when is the business of
 * the reactor, not of the keyspace.
 */
interface Journal {
    /**
     * Result of {@link #claim}: no buffer is free just now. Nothing has changed; try again when the log has moved on.
     */
    long BUSY = -1;

    /** Result of {@link #claim}: the log is full. Writes are refused until there is room again. */
    long NO_SPACE = -2;

    /** Result of {@link #claim}: a write or flush failed before, or recovery found damage; the journal is read-only. */
    long FAILED = -3;

    /**
     * Reserves a record whose payload then goes to {@link #segment()} at {@link #offset()}.
     *
     * @param length bytes of payload, at most {@link #maxRecordBytes()}
     * @return the end position of the record (positive), or {@link #BUSY}, {@link #NO_SPACE} or {@link #FAILED}
     */
    long claim(int length);

    /**
     * As {@link #claim}, of a record that changes an entry.
     *
     * @param more by how many bytes more is alive then
     * @param owing how many of those the record does not hold: the entry becomes longer than any record of it
     */
    default long claim(int length, long more, long owing) {
        return claim(length);
    }

    /** As {@link #claim}, of a record that only removes: there is room for it longer than for others. */
    default long claimToRemove(int length) {
        return claim(length);
    }

    /** As {@link #claim}, of a record that says again what old ones say, which then can go: room is kept for it. */
    default long claimAgain(int length) {
        return claim(length);
    }

    /** As {@link #claim}, of what may as well not be recorded: nobody shall have to wait for room because of it. */
    default long claimBeside(int length) {
        return claim(length);
    }

    /**
     * Shows the bytes at a position of a published record that was not trimmed; the position is that of its payload,
     * see {@link LogPlace#payload}, or one in there. It holds until the journal moves on, which no claim makes it do.
     * The eight bytes before a payload begin with its length.
     */
    void locate(long position, LogPlace place);

    /** What is kept begins here: no record that is alive is before. */
    long head();

    /** The memory that the claimed payload is written to. Valid until {@link #publish}. */
    MemorySegment segment();

    /** Where in {@link #segment()} the claimed payload begins. */
    long offset();

    /**
     * Appends the claimed record.
     *
     * @return its end position: it is durable when {@link #durable()} is no less
     */
    long publish();

    /** Gives the claim back, if there is one: nothing was recorded. */
    void abandon();

    /** The position up to which everything survives a crash. */
    long durable();

    /** The end position of the last published record. */
    long appended();

    /**
     * The end position of the last published record that is news, and shall be durable soon. Those after it say again
     * what is durable, or may as well not be there: nobody has to be kept waiting by a commit of them alone.
     */
    default long appendedNews() {
        return appended();
    }

    /** The largest payload that {@link #claim} accepts, in bytes. */
    int maxRecordBytes();

    /** Two sums for each stretch of it that is trimmed at once, all zero. */
    default LiveSums sums() {
        return new LiveSums(Long.SIZE - 1, () -> 1, () -> 0);
    }

    /** Whether the journal has failed for good: nothing that is not durable by now will ever be. */
    boolean isFailed();

    /**
     * The error reply, prefix included, that tells a client why a write was refused.
     *
     * @param code {@link #NO_SPACE} or {@link #FAILED}, as {@link #claim} returned it
     */
    String refusal(long code);
}
