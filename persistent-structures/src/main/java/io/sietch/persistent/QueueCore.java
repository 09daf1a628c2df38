package io.sietch.persistent;

import static io.sietch.persistent.QueueRecordFormat.ITEM_MAGIC;
import static io.sietch.persistent.QueueRecordFormat.ITEM_VALUE;
import static io.sietch.persistent.QueueRecordFormat.MOVED_MAGIC;

import io.sietch.vsic.Poller;
import io.sietch.vsic.Vsa;
import io.sietch.vsic.Vsic;
import io.sietch.vsic.Waiter;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/**
 * A persistent queue in one area: polled by one thread, allocation-free. {@link PersistentQueue} serves many threads.
 *
 * <p>Defined words: an <em>item</em> has an <em>id</em>, which counts up in the order of offering. It is <em>live</em>
 * until it is <em>acknowledged</em>. An item is <em>taken</em> (handed out and acknowledged at once) or <em>leased</em>
 * (handed out, and acknowledged or given back later). The <em>front</em> is the lowest position of a live item.
 *
 * <p>Items and acknowledgements are records of one log. Items are handed out in the order of ids: those that were given
 * back first, then those that the sequential cursor comes to. So what has to be known of items behind the cursor is the
 * table of leases alone: whatever else is behind it was acknowledged.
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>An item is handed out only when it is durable.
 *   <li>An item is leased for the first time only when a horizon beyond it is durable, see {@link QueueAcks}.
 *   <li>The log is trimmed only up to the front as it was when all acknowledgements and moves that it rests on were
 *       durable; and never beyond the last durable acknowledgement record, which holds the next id and the horizon.
 *   <li>Offers leave a reserve free, so there is room to acknowledge when the queue is full. When that runs short,
 *       acknowledgements in the order of the log need no room: a trim makes them durable.
 *   <li>While a lease keeps the front back and room is short, its item is appended anew with the same id.
 * </ol>
 *
 * <p>Threads: one at a time, that of the {@link Vsic}, which must serve this queue alone. Nothing here polls the
 * controller, except opening and closing, which wait.
 */
public final class QueueCore implements Poller, AutoCloseable {
    private static final int RESERVE_SHARE = 8;
    private static final int MOVE_SHARE = 2;
    private static final int MOVES_A_TURN = 16;

    /** To leave, to enter, in reserve, and for the longest value. */
    static final int SEGMENTS_MIN = 4;

    /** What became of an attempt to lease. */
    public enum Leasing {
        /** The item is leased. */
        LEASED,
        /** It has to be made durable first that it may be: commit, poll, and look again. */
        NOT_YET,
        /** There are as many leases as there may be. */
        TOO_MANY
    }

    private final LogCore log;
    private final QueueOptions options;
    private final QueueReader reader;
    private final QueueLeases leases;
    private final QueueAcks acks;
    private boolean postponed;

    private long nextId;
    private long size;

    /** The item that {@link #next} found: the next one never handed out, or one that had come back. */
    private boolean found;

    private boolean foundReturned;
    private long foundId;
    private LogCursor foundAt;

    /** Items below may have been handed out before this life. */
    private final long redeliverBelow;

    private long maxLeased;
    private long lastMoveEnd;

    /** A trim that waits until what it rests on is durable; -1 if none does. */
    private long trimTo = -1;

    private long trimNeedsAcks;
    private long trimNeedsDurable;
    private boolean closed;

    QueueCore(LogCore log, QueueOptions options, QueueRecovery recovered) {
        this.log = log;
        this.options = options;
        this.reader = new QueueReader(log, recovered.resumeId());
        this.foundAt = reader.ahead();
        this.leases =
                new QueueLeases(Math.max(options.maxLeases(), recovered.left().size()));
        for (QueueRecovery.Left left : recovered.left()) {
            leases.lease(left.id(), left.position());
            leases.giveBack(left.id());
        }
        this.nextId = recovered.nextId();
        this.size = recovered.size();
        this.redeliverBelow = recovered.horizon();
        this.acks = new QueueAcks(log, recovered);
    }

    // ---- opening and closing ------------------------------------------------------------------------------------

    /**
     * Opens the queue in an area, or makes one there if the area is fresh. Waits for the device. The parameters are
     * those of {@link LogCore#open}.
     *
     * @throws LogFormatException if the area holds something else, or is damaged
     * @throws IOException if the device fails
     * @throws IllegalArgumentException if the area has less than four segments, or may not be written
     */
    public static QueueCore open(
            Vsic vsic, Vsa area, Poller device, Waiter waiter, LogOptions logOptions, QueueOptions options)
            throws IOException {
        LogCore log = LogCore.open(vsic, area, device, waiter, logOptions);
        try {
            QueueRecovery.requireUsable(log);
            return new QueueCore(log, options, QueueRecovery.of(log));
        } catch (IOException | RuntimeException e) {
            log.close();
            throw e;
        }
    }

    /** What recovery found when the queue's log was opened. */
    public LogTail tail() {
        return log.tail();
    }

    /**
     * Makes everything offered and acknowledged durable, and closes. Leased items are redelivered after the next
     * opening. Waits for the device.
     *
     * @throws LogFailedException if not all could be made durable
     */
    @Override
    public void close() throws IOException {
        if (closed) {
            return;
        }
        closed = true;
        found = false;
        // From here on exactly what was leased is known.
        acks.settleHorizon(Math.max(redeliverBelow, maxLeased + 1));
        awaitDurable();
        acks.unmark();
        long lost = log.isFailed() ? 0 : acks.given() - acks.durable();
        log.close();
        if (lost > 0) {
            throw new LogFailedException("the queue was closed with " + lost
                    + " acknowledgements that found no room: these items will be redelivered");
        }
    }

    /** Makes everything offered and acknowledged durable, as far as there is room. Waits for the device. */
    void awaitDurable() {
        for (int i = 0; !log.isFailed() && i <= AckGroups.MAX; i++) {
            writeAcks();
            log.awaitDurable();
            acks.settle();
            if (!acks.isDue()) {
                return;
            }
        }
    }

    // ---- offering -----------------------------------------------------------------------------------------------

    /**
     * Reserves room for an item. Its value goes to {@link #claimedSegment} at {@link #claimedOffset}; then
     * {@link #publish} or {@link #abandon} it, before anything else is done with this queue.
     *
     * @param length of the value in bytes, 0 to {@link #maxValueBytes}
     * @return the END position at which it will be durable, or {@link LogCore#BUSY}, {@link LogCore#NO_SPACE} (the
     *     queue is full) or {@link LogCore#FAILED}
     */
    public long claim(int length) {
        int recordLength = QueueRecordFormat.itemLength(length);
        if (log.freeBytesAfter(recordLength) < reserve()) {
            return log.isFailed() ? LogCore.FAILED : LogCore.NO_SPACE;
        }
        return log.claim(recordLength);
    }

    /** The memory that the claimed item's value goes to. */
    public MemorySegment claimedSegment() {
        return log.claimedSegment();
    }

    /** Where in {@link #claimedSegment} the claimed item's value goes. */
    public long claimedOffset() {
        return log.claimedOffset() + ITEM_VALUE;
    }

    /** Appends the claimed item. Returns its END position. */
    public long publish() {
        QueueRecordFormat.writeItem(log.claimedSegment(), log.claimedOffset(), ITEM_MAGIC, nextId++);
        size++;
        return log.publish();
    }

    /** Gives the claimed room back. */
    public void abandon() {
        log.abandon();
    }

    /** Appends an item with a copy of {@code length} bytes; the result is that of {@link #claim}. */
    public long offer(MemorySegment source, long offset, int length) {
        long end = claim(length);
        if (end > 0) {
            MemorySegment.copy(source, offset, claimedSegment(), claimedOffset(), length);
            publish();
        }
        return end;
    }

    /** The longest value in bytes. */
    public int maxValueBytes() {
        return log.maxRecordBytes() - ITEM_VALUE;
    }

    private long reserve() {
        return Math.max(log.geometry().segmentBytes(), log.areaBytes() / RESERVE_SHARE);
    }

    /** Whether room for acknowledgements runs short: what is used of the reserve are acknowledgements and moves. */
    private boolean isTight() {
        return log.freeBytes() < reserve() / 2;
    }

    // ---- handing out --------------------------------------------------------------------------------------------

    /**
     * Looks for the next item to hand out. It stays the next one until it is taken or leased, or an older one comes
     * back; ask again after anything else was done with this queue.
     *
     * @return false if there is none that is durable
     * @throws LogCorruptException if its bytes are damaged
     */
    public boolean next() {
        found = false;
        if (closed) {
            return false;
        }
        if (leases.hasReturned()) {
            return nextReturned();
        }
        if (reader.hasNextBefore(log.durable())) {
            found = true;
            foundReturned = false;
            foundId = reader.nextId();
            foundAt = reader.ahead();
        }
        return found;
    }

    private boolean nextReturned() {
        long id = leases.firstReturned();
        long position = leases.position(id);
        if (position >= log.durable()) {
            return false;
        }
        foundAt = reader.at(position, id);
        found = true;
        foundReturned = true;
        foundId = id;
        return true;
    }

    /** Shows all durable items that are neither leased nor taken, in the order in which they will be handed out. */
    public void forEachWaiting(QueueVisitor visitor) {
        found = false;
        for (long id : leases.returned()) {
            long position = leases.position(id);
            if (position < log.durable()) {
                show(reader.at(position, id), id, true, visitor);
            }
        }
        LogCursor item = reader.from(reader.place());
        while (item.next() && item.end() <= log.durable()) {
            if (reader.isAhead(item)) {
                long id = QueueRecordFormat.id(item.segment(), item.offset());
                show(item, id, id < redeliverBelow, visitor);
            }
        }
    }

    private static void show(LogCursor item, long id, boolean redelivered, QueueVisitor visitor) {
        visitor.visit(id, redelivered, item.segment(), item.offset() + ITEM_VALUE, item.length() - ITEM_VALUE);
    }

    /** Whether items that came back are on their way to another place, so that they cannot be handed out yet. */
    boolean isMoving() {
        return leases.hasReturned() && lastMoveEnd > log.durable();
    }

    private void requireFound() {
        if (!found) {
            throw new IllegalStateException("no item is found: ask next() first");
        }
    }

    /** The memory that the found item's value lies in. */
    public MemorySegment segment() {
        requireFound();
        return foundAt.segment();
    }

    /** Where in {@link #segment} the found item's value begins. */
    public long offset() {
        requireFound();
        return foundAt.offset() + ITEM_VALUE;
    }

    /** The length of the found item's value in bytes. */
    public int length() {
        requireFound();
        return foundAt.length() - ITEM_VALUE;
    }

    /** The found item's id. */
    public long id() {
        requireFound();
        return foundId;
    }

    /** Whether the found item was, or (after a restart) may have been, handed out before. */
    public boolean isRedelivered() {
        requireFound();
        return foundReturned || foundId < redeliverBelow;
    }

    /**
     * Hands the found item out and acknowledges it. Whoever gets it must not see it before that is durable: when
     * {@link #acknowledgedDurably} has reached what {@link #acknowledged} is now.
     *
     * @throws IllegalStateException if {@link #hasAckRoom} is false
     */
    public void take() {
        requireFound();
        acks.add(foundId, foundAt.start());
        if (foundReturned) {
            leases.remove(foundId);
        } else {
            reader.pass();
        }
        found = false;
        size--;
    }

    /** Whether the found item can be leased now. If not yet, what is needed for it is written at the next commit. */
    public Leasing leasing() {
        requireFound();
        if (foundReturned) {
            return Leasing.LEASED;
        }
        if (leases.isFull()) {
            return Leasing.TOO_MANY;
        }
        acks.approach(foundId, foundAt.end(), options.leaseAhead());
        return acks.isBelowHorizon(foundId, foundAt.end()) ? Leasing.LEASED : Leasing.NOT_YET;
    }

    /** Leases the found item, if it can be, under its {@link #id}, until it is acknowledged or given back. */
    public Leasing lease() {
        Leasing result = leasing();
        if (result != Leasing.LEASED) {
            return result;
        }
        if (foundReturned) {
            leases.leaseReturned();
        } else {
            leases.lease(foundId, foundAt.start());
            reader.pass();
        }
        maxLeased = Math.max(maxLeased, foundId);
        found = false;
        return Leasing.LEASED;
    }

    // ---- acknowledging ------------------------------------------------------------------------------------------

    /** Whether an acknowledgement finds room now. If not, commit and poll. */
    public boolean hasAckRoom() {
        if (acks.isFull()) {
            writeAcks();
        }
        return !acks.isFull();
    }

    /**
     * Acknowledges a leased item: it is never handed out again once this is durable.
     *
     * @return false if there is no such lease
     * @throws IllegalStateException if {@link #hasAckRoom} is false
     */
    public boolean ack(long id) {
        if (!leases.isLeased(id)) {
            return false;
        }
        acks.add(id, leases.position(id));
        leases.remove(id);
        size--;
        return true;
    }

    /**
     * Gives a leased item back: it is the next to be handed out, unless an older one comes back too.
     *
     * @return false if there is no such lease
     */
    public boolean nack(long id) {
        if (!leases.isLeased(id)) {
            return false;
        }
        leases.giveBack(id);
        found = false;
        return true;
    }

    /** How many acknowledgements were given since this queue was opened, taken items included. */
    public long acknowledged() {
        return acks.given();
    }

    /** How many of them, counted from the first, are durable. */
    public long acknowledgedDurably() {
        return acks.durable();
    }

    // ---- committing ---------------------------------------------------------------------------------------------

    /** Everything offered and acknowledged so far shall be durable soon. Cheap; may be called every turn. */
    public void commit() {
        writeAcks();
        postponed = acks.isDue();
        log.commit();
    }

    /**
     * Writes down what was acknowledged, if there is room; else it is tried again. Where room is short, and all before
     * the front was acknowledged, trimming says so, too.
     */
    private void writeAcks() {
        if (!acks.isDue() || log.isFailed()) {
            return;
        }
        long target = isTight() ? trimTarget() : -1;
        if (acks.canBeTrimmed(target) && lastMoveEnd <= log.durable()) {
            trim(target);
            acks.trimmed(target);
        } else {
            acks.write(nextId);
        }
    }

    /** Up to where nothing is needed any more, provided that all acknowledgements and moves are durable. */
    private long trimTarget() {
        return Math.min(front(), acks.startDurable());
    }

    private long front() {
        return Math.min(leases.lowestPosition(), reader.place());
    }

    private void trim(long position) {
        log.trim(position);
        reader.trimmed();
    }

    /**
     * Reaps completions and submits what is due. Bounded, never blocks, does not poll the controller.
     *
     * @return how much was done
     */
    @Override
    public int poll() {
        int work = log.poll();
        if (closed || log.isFailed()) {
            return work;
        }
        acks.settle();
        if (postponed) {
            commit(); // what found no buffer or no room then: nobody may ask again
        }
        return work + moveLeases() + trimFront();
    }

    private int trimFront() {
        if (trimTo >= 0) {
            if (acks.durable() < trimNeedsAcks || log.durable() < trimNeedsDurable) {
                return 0;
            }
            trim(trimTo);
            trimTo = -1;
            return 1;
        }
        // Behind the last item may lie acknowledgements that are not needed.
        reader.hasNext();
        LogGeometry geometry = log.geometry();
        long first = geometry.segmentOf(log.head());
        if (geometry.segmentOf(front()) == first) {
            return 0;
        }
        long target = trimTarget();
        if (geometry.segmentOf(target) > first) {
            trimTo = target;
            trimNeedsAcks = acks.given();
            trimNeedsDurable = lastMoveEnd;
            return 1;
        }
        if (acks.isUnderWay()) {
            return 0;
        }
        acks.want();
        commit();
        return 1;
    }

    /** Appends leased items anew that alone keep old segments, when room is short. Returns how many. */
    private int moveLeases() {
        int moved = 0;
        while (moved < MOVES_A_TURN && leases.count() > 0 && log.freeBytes() < log.areaBytes() / MOVE_SHARE) {
            long position = leases.lowestPosition();
            if (log.geometry().segmentOf(position) >= log.geometry().segmentOf(reader.place())
                    || !move(leases.lowestId(), position)) {
                break;
            }
            moved++;
        }
        if (moved > 0) {
            commit();
        }
        return moved;
    }

    private boolean move(long id, long position) {
        found = found && !foundReturned;
        LogCursor item = reader.at(position, id);
        int length = item.length();
        // What is left must hold an acknowledgement record, without which nothing is trimmed.
        if (log.freeBytesAfter(length) < reserve() / RESERVE_SHARE) {
            return false;
        }
        long end = log.claim(length);
        if (end < 0) {
            return false;
        }
        MemorySegment target = log.claimedSegment();
        MemorySegment.copy(item.segment(), item.offset(), target, log.claimedOffset(), length);
        QueueRecordFormat.writeItem(target, log.claimedOffset(), MOVED_MAGIC, id);
        log.publish();
        leases.move(id, LogCore.start(end, length));
        lastMoveEnd = end;
        acks.want();
        return true;
    }

    // ---- state --------------------------------------------------------------------------------------------------

    /** How many items are live: offered and not acknowledged. */
    public long size() {
        return size;
    }

    /** How many items are leased, or came back and were not leased again. */
    public int leases() {
        return leases.count();
    }

    /** Everything offered up to this END position survives a crash. */
    public long durable() {
        return log.durable();
    }

    /** Whether a write or flush failed: nothing is acknowledged any more. Reopen the queue. */
    public boolean isFailed() {
        return log.isFailed();
    }

    /** What the queue's log has done since it was opened. */
    public LogMetrics metrics() {
        return log.metrics();
    }

    LogCore log() {
        return log;
    }

    long nextId() {
        return nextId;
    }

    QueueVerifier verifier() {
        return new QueueVerifier(this, reader, leases, acks);
    }
}
