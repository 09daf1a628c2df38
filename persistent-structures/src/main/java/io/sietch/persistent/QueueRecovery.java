package io.sietch.persistent;

import static io.sietch.persistent.QueueRecordFormat.ACKS_MAGIC;
import static io.sietch.persistent.QueueRecordFormat.FIRST_ID;
import static io.sietch.persistent.QueueRecordFormat.MOVED_MAGIC;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a queue's log says when it is opened: which items are left, and which of them may have been handed out.
 *
 * <p>Two passes over the log. The first gathers what was acknowledged. Items above all that was ever acknowledged or
 * moved are delivered in the order of the log and need no memory; those below that are left were handed out before, and
 * the second pass finds where they lie.
 */
final class QueueRecovery {
    /** An item that was handed out and not acknowledged. */
    record Left(long id, long position) {}

    private final LogCore log;
    private final IdSet done = new IdSet();
    private final List<Left> left = new ArrayList<>();
    private long maxHandedOut;
    private long nextId = FIRST_ID;
    private long horizonWritten = FIRST_ID;
    private long horizon = FIRST_ID;
    private long lastAcksStart = -1;
    private long size;

    private QueueRecovery(LogCore log) {
        this.log = log;
    }

    /**
     * Reads a queue's log.
     *
     * @throws LogFormatException if it is damaged where it had been durable, or is no queue's
     */
    static QueueRecovery of(LogCore log) throws LogFormatException {
        if (log.tail() instanceof LogTail.Corrupt corrupt) {
            throw new LogFormatException("the queue cannot be opened, because its log is damaged: " + corrupt.detail()
                    + "; restore it from a backup, or save what can be read with \"sietch export\"");
        }
        QueueRecovery recovery = new QueueRecovery(log);
        recovery.gather();
        recovery.find();
        return recovery;
    }

    /**
     * Asks whether a log can be a queue's to write.
     *
     * @throws IllegalArgumentException if it has too few segments, or may not be written
     */
    static void requireUsable(LogCore log) {
        if (log.areaBytes() < (long) QueueCore.SEGMENTS_MIN * log.geometry().segmentBytes()) {
            throw new IllegalArgumentException("an area of " + log.areaBytes() + " bytes is too small for a queue:"
                    + " it needs " + QueueCore.SEGMENTS_MIN + " segments of "
                    + log.geometry().segmentBytes());
        }
        if (log.isReadOnly() && !(log.tail() instanceof LogTail.Corrupt)) {
            throw new IllegalArgumentException("a queue needs the right to write to its area");
        }
    }

    private void gather() throws LogFormatException {
        LogCursor cursor = log.cursor(log.head());
        while (cursor.next()) {
            int kind = QueueRecordFormat.kind(cursor.segment(), cursor.offset(), cursor.length(), cursor.start());
            if (kind == ACKS_MAGIC) {
                gatherAcks(cursor);
            } else {
                long id = QueueRecordFormat.id(cursor.segment(), cursor.offset());
                nextId = Math.max(nextId, id + 1);
                if (cursor.end() <= log.marked()) {
                    horizon = Math.max(horizon, id + 1);
                }
                if (kind == MOVED_MAGIC) {
                    maxHandedOut = Math.max(maxHandedOut, id);
                }
            }
        }
        horizon = Math.max(horizon, horizonWritten);
        // Ids below the horizon that were never given are left out: what is offered now was not leased before.
        nextId = Math.max(nextId, horizon);
    }

    private void gatherAcks(LogCursor cursor) {
        lastAcksStart = cursor.start();
        horizonWritten = cursor.segment().get(Layouts.LONG, cursor.offset() + QueueRecordFormat.ACKS_HORIZON);
        nextId = Math.max(nextId, QueueRecordFormat.nextId(cursor.segment(), cursor.offset()));
        int ranges = QueueRecordFormat.ranges(cursor.segment(), cursor.offset());
        for (int i = 0; i < ranges; i++) {
            long last = QueueRecordFormat.last(cursor.segment(), cursor.offset(), i);
            done.addRange(QueueRecordFormat.first(cursor.segment(), cursor.offset(), i), last);
            maxHandedOut = Math.max(maxHandedOut, last);
        }
    }

    private void find() throws LogFormatException {
        LogCursor cursor = log.cursor(log.head());
        Map<Long, Long> places = new TreeMap<>();
        while (cursor.next()) {
            int kind = QueueRecordFormat.kind(cursor.segment(), cursor.offset(), cursor.length(), cursor.start());
            if (kind != ACKS_MAGIC) {
                long id = QueueRecordFormat.id(cursor.segment(), cursor.offset());
                if (id > maxHandedOut) {
                    size++;
                } else if (!done.contains(id)) {
                    // The last copy counts: those before it may be trimmed at any time.
                    places.put(id, cursor.start());
                }
            }
        }
        places.forEach((id, position) -> left.add(new Left(id, position)));
        size += left.size();
    }

    /** Items that were handed out and not acknowledged, oldest first. */
    List<Left> left() {
        return left;
    }

    /** From this id on, no item was ever acknowledged or moved. */
    long resumeId() {
        return maxHandedOut + 1;
    }

    long nextId() {
        return nextId;
    }

    /** The horizon that the last acknowledgement record holds. */
    long horizonWritten() {
        return horizonWritten;
    }

    /** No item from this id on was ever leased. */
    long horizon() {
        return horizon;
    }

    /** Where the last acknowledgement record starts, -1 if there is none. */
    long lastAcksStart() {
        return lastAcksStart;
    }

    long size() {
        return size;
    }
}
