package io.sietch.persistent;

import static io.sietch.persistent.QueueRecordFormat.ACKS_MAGIC;
import static io.sietch.persistent.QueueRecordFormat.FIRST_ID;
import static io.sietch.persistent.QueueRecordFormat.ITEM_MAGIC;

import java.util.HashMap;
import java.util.Map;

/**
 * Verifies a queue a slice at a time, while it is used: reads every record with its checksum, asks of each what must be
 * true of it beside those before it, and compares what is left at the end with what the queue holds. Until it is closed
 * no segment is used again, so offers to a queue that is almost full may find it full.
 *
 * <p>Invariants of a queue's log that are asked for:
 *
 * <ol>
 *   <li>Items have rising ids, none of them below the next id that an earlier record of acknowledgements tells.
 *   <li>The next id never falls, and is beyond all items before it.
 *   <li>An acknowledgement refers to an item: one before it in the log, or one that was trimmed with the log's head.
 *   <li>No item is acknowledged twice, and none is moved after it was acknowledged.
 * </ol>
 *
 * <p>And of the queue itself:
 *
 * <ol start="5">
 *   <li>It counts as many items as were offered and not acknowledged.
 *   <li>What is leased or came back is such an item, and lies where the queue has it.
 *   <li>Every other item that was handed out is acknowledged.
 * </ol>
 *
 * <p>The end is compared in one slice, which waits for the medium: everything offered and acknowledged is made durable
 * for it.
 */
public final class QueueVerifier implements Verifier {
    private static final int SLICE_BYTES = 256 << 10;

    private final QueueCore queue;
    private final QueueReader reader;
    private final QueueLeases leases;
    private final QueueAcks acks;
    private final LogCore log;

    /** Reads what there is, and what was trimmed meanwhile, respectively. */
    private final LogCursor cursor;

    private final LogCursor behind;
    private final LogScrub scrub;
    private final long from;
    private long read;
    private long passed;

    private final IdSet items = new IdSet();
    private final IdSet done = new IdSet();
    private final IdSet trimmed = new IdSet();
    private final Map<Long, Long> moved = new HashMap<>();
    private long firstId;
    private long lastId;
    private long nextId = FIRST_ID;
    private long left;
    private boolean finished;

    QueueVerifier(QueueCore queue, QueueReader reader, QueueLeases leases, QueueAcks acks) {
        this.queue = queue;
        this.reader = reader;
        this.leases = leases;
        this.acks = acks;
        this.log = queue.log();
        this.from = log.head();
        this.read = from;
        this.passed = from;
        this.cursor = log.pinnedCursor(from);
        this.behind = log.pinnedCursor(from);
        this.scrub = new LogScrub(cursor);
    }

    /**
     * Opens the queue in a log that nobody else uses, to verify it. Changes nothing.
     *
     * @throws LogFormatException if the log is no queue's, or damaged
     */
    public static QueueVerifier open(LogCore log) throws LogFormatException {
        return new QueueCore(log, QueueOptions.DEFAULTS, QueueRecovery.of(log)).verifier();
    }

    @Override
    public boolean step() {
        if (!finished && !readTo(read + SLICE_BYTES)) {
            finish();
            finished = true;
        }
        return !finished;
    }

    /** Reads on. Returns whether there may be more. */
    private boolean readTo(long end) {
        while (read < end && !scrub.isTooMuch()) {
            if (!scrub.next()) {
                return false;
            }
            check(cursor);
            read = cursor.end();
        }
        return !scrub.isTooMuch();
    }

    private void finish() {
        queue.awaitDurable();
        readTo(Long.MAX_VALUE);
        // What is damaged is missing in what was read, and would be told a second time for each of its items.
        if (scrub.damages().isEmpty() && !scrub.isTooMuch()) {
            passTrimmed();
            compare();
        }
    }

    @Override
    public long readBytes() {
        return read - from;
    }

    @Override
    public Verification result() {
        return scrub.result(left);
    }

    /** What the queue holds, which tests falsify. */
    QueueLeases leases() {
        return leases;
    }

    // ---- one record ---------------------------------------------------------------------------------------------

    private void check(LogCursor record) {
        int kind;
        try {
            kind = QueueRecordFormat.kind(record.segment(), record.offset(), record.length(), record.start());
        } catch (LogFormatException e) {
            scrub.found(record.start(), String.valueOf(e.getMessage()));
            return;
        }
        if (kind == ACKS_MAGIC) {
            checkAcks(record);
        } else if (kind == ITEM_MAGIC) {
            checkItem(record);
        } else {
            checkMoved(record);
        }
    }

    private void checkItem(LogCursor record) {
        long id = QueueRecordFormat.id(record.segment(), record.offset());
        if (id <= lastId || id < nextId) {
            scrub.found(
                    record.start(),
                    "item " + id + " comes after item " + lastId + ", where the next id was " + nextId + " or more");
            return;
        }
        firstId = firstId == 0 ? id : firstId;
        lastId = id;
        items.addRange(id, id);
    }

    private void checkMoved(LogCursor record) {
        long id = QueueRecordFormat.id(record.segment(), record.offset());
        if (id < FIRST_ID || isAbsent(id, id)) {
            scrub.found(record.start(), "item " + id + " was moved and never offered");
        } else if (done.contains(id)) {
            scrub.found(record.start(), "item " + id + " was moved after it had been acknowledged");
        } else {
            items.addRange(id, id);
            moved.put(id, record.start());
        }
    }

    private void checkAcks(LogCursor record) {
        long next = QueueRecordFormat.nextId(record.segment(), record.offset());
        if (next < nextId || next <= lastId) {
            scrub.found(
                    record.start(),
                    "the next id is said to be " + next + ", and was " + Math.max(nextId, lastId + 1) + " or more");
        }
        nextId = Math.max(nextId, next);
        int ranges = QueueRecordFormat.ranges(record.segment(), record.offset());
        for (int i = 0; i < ranges; i++) {
            long first = QueueRecordFormat.first(record.segment(), record.offset(), i);
            long last = QueueRecordFormat.last(record.segment(), record.offset(), i);
            if (first < FIRST_ID || first > last || last >= next) {
                scrub.found(record.start(), "items " + first + " to " + last + " are acknowledged, below " + next);
                continue;
            }
            if (isAbsent(first, last)) {
                scrub.found(
                        record.start(), "items " + first + " to " + last + " are acknowledged, and not all offered");
            }
            if (done.countOf(first, last) > 0) {
                scrub.found(record.start(), "items " + first + " to " + last + " are acknowledged, some a second time");
            }
            done.addRange(first, last);
        }
    }

    /** Whether an item is missing that cannot have been trimmed, as the log has older ones, and is not just damaged. */
    private boolean isAbsent(long first, long last) {
        long since = Math.max(first, firstId);
        return firstId != 0
                && scrub.damages().isEmpty()
                && since <= last
                && items.countOf(since, last) != last - since + 1;
    }

    // ---- the end ------------------------------------------------------------------------------------------------

    /** What was trimmed while this read is acknowledged, though a record may not say so. */
    private void passTrimmed() {
        long head = log.head();
        while (passed < head && behind.next()) {
            passed = behind.end();
            if (behind.start() < head && !isAcks(behind)) {
                long id = QueueRecordFormat.id(behind.segment(), behind.offset());
                if (moved.getOrDefault(id, -1L) < head) {
                    trimmed.addRange(id, id);
                }
            }
        }
    }

    private static boolean isAcks(LogCursor record) {
        return record.segment().get(Layouts.INT, record.offset() + QueueRecordFormat.MAGIC) == ACKS_MAGIC;
    }

    private void compare() {
        acks.addUnwrittenTo(done);
        items.removeAll(done);
        items.removeAll(trimmed);
        left = items.count();
        if (queue.size() != left) {
            scrub.found(from, "the queue counts " + queue.size() + " items, and its log has " + left);
        }
        if (queue.nextId() < nextId || queue.nextId() <= lastId) {
            scrub.found(from, "the queue's next id is " + queue.nextId() + ", and its log has " + nextId);
        }
        leases.forEach(this::compareLease);
        long ahead = reader.hasNext() ? reader.nextId() : queue.nextId();
        long handedOut = items.countOf(FIRST_ID, ahead - 1);
        if (handedOut != leases.count()) {
            scrub.found(
                    from,
                    "the queue holds " + leases.count() + " items that were handed out, and its log has " + handedOut);
        }
    }

    private void compareLease(long id, long position) {
        if (!items.contains(id)) {
            scrub.found(position, "item " + id + " is held and is not in the log, or is acknowledged there");
            return;
        }
        if (position < log.head() || position >= log.appended()) {
            scrub.found(position, "item " + id + " is held where nothing is any more, before " + log.head());
            return;
        }
        try {
            reader.at(position, id);
        } catch (LogCorruptException e) {
            scrub.found(position, String.valueOf(e.getMessage()));
        }
    }

    @Override
    public void close() {
        cursor.close();
        behind.close();
    }
}
