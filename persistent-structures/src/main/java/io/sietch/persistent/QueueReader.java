package io.sietch.persistent;

/**
 * Finds items in a queue's log: those never handed out, one after the other, and any other one at its place.
 *
 * <p>Two cursors, so that looking up an item does not lose the place of the sequence.
 */
final class QueueReader {
    private final LogCore log;
    private final LogCursor ahead;
    private final LogCursor anywhere;
    private final long resumeId;

    /** Whether the sequence stands on an item not handed out yet, and the end of what it passed. */
    private boolean standing;

    /** Whether the last look for the next item read it: then its checksum was just seen to hold. */
    private boolean fresh;

    private long nextId;
    private long passed;

    /**
     * @param resumeId from this id on, no item was handed out before
     */
    QueueReader(LogCore log, long resumeId) {
        this.log = log;
        this.ahead = log.cursor(log.head());
        this.anywhere = log.cursor(log.head());
        this.resumeId = resumeId;
        this.passed = log.head();
    }

    /** Whether an item that was never handed out has been written; {@link #ahead} stands on the first of them. */
    boolean hasNext() {
        fresh = false;
        while (!standing && ahead.next()) {
            passed = ahead.end();
            standing = isAhead(ahead);
            fresh = true;
            if (standing) {
                nextId = QueueRecordFormat.id(ahead.segment(), ahead.offset());
            }
        }
        return standing;
    }

    /** Whether such an item ends at a position or before; it was checked then. */
    boolean hasNextBefore(long end) {
        if (!hasNext() || ahead.end() > end) {
            return false;
        }
        check();
        return true;
    }

    /**
     * Checks the next item, if it was read some time ago: it waited for its flush, and the medium may have damaged it
     * meanwhile.
     *
     * @throws LogCorruptException if it did
     */
    private void check() {
        if (!fresh) {
            ahead.recheck();
        }
    }

    /** The record of the next item, while {@link #hasNext}. */
    LogCursor ahead() {
        return ahead;
    }

    long nextId() {
        return nextId;
    }

    /** The next item was handed out. */
    void pass() {
        standing = false;
    }

    /** From here on, the sequence needs the log. */
    long place() {
        return standing ? ahead.start() : passed;
    }

    /** The log was trimmed, at most up to {@link #place}. */
    void trimmed() {
        if (!standing && passed < log.head()) {
            // The cursor's segment may be used again before it moves on.
            ahead.restart(log.head());
            passed = log.head();
        }
    }

    /** Whether a record at or behind {@link #place} is of an item that was never handed out. */
    boolean isAhead(LogCursor record) {
        return record.segment().get(Layouts.INT, record.offset() + QueueRecordFormat.MAGIC)
                        == QueueRecordFormat.ITEM_MAGIC
                && QueueRecordFormat.id(record.segment(), record.offset()) >= resumeId;
    }

    /** A cursor from a position on, until the next call of this or {@link #at}. */
    LogCursor from(long position) {
        anywhere.restart(position);
        return anywhere;
    }

    /** The record of an item that starts at a position. */
    LogCursor at(long position, long id) {
        LogCursor item = from(position);
        if (!item.next() || item.start() != position || QueueRecordFormat.id(item.segment(), item.offset()) != id) {
            throw new LogCorruptException(position, "item " + id + " is not at position " + position);
        }
        return item;
    }
}
