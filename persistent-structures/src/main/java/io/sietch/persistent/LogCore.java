package io.sietch.persistent;

import io.sietch.vsic.CompletionHandler;
import io.sietch.vsic.NanoClock;
import io.sietch.vsic.Poller;
import io.sietch.vsic.Rights;
import io.sietch.vsic.Status;
import io.sietch.vsic.Vsa;
import io.sietch.vsic.Vsic;
import io.sietch.vsic.Waiter;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A persistent log in one area: single-threaded, polled, allocation-free. {@link PersistentLog} is its face for many
 * threads.
 *
 * <p>Defined words: a <em>position</em> is a logical byte address that only grows in the life of a log. A record
 * <em>ends</em> at the position that {@link #publish} returned. A <em>commit</em> is a run of records that are written
 * together; it is <em>open</em> while it gathers, then <em>sealed</em>, submitted, written, and durable after a flush.
 * A <em>segment</em> is what trimming gives back.
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>{@code head <= trimmable <= durable <= written <= submitted <= appended}.
 *   <li>A FLUSH is submitted only after the completions of the writes that it shall cover were seen, and
 *       {@code durable} becomes what {@code written} was then. At most one is under way.
 *   <li>A block that was submitted is not written again before its segment was freed.
 *   <li>A segment is freed only when a superblock with a head behind it is durable, and no pinned reader is in it.
 *   <li>Nothing is appended before a superblock with a new epoch is durable.
 *   <li>After a failed write or flush nothing is acknowledged any more.
 * </ol>
 *
 * <p>Threads: one at a time, that of the {@link Vsic}. The Vsic must serve this log alone. Nothing here polls the
 * controller, except opening and closing, which wait.
 */
public final class LogCore implements Poller, AutoCloseable {
    /** Result of {@link #claim}: all commit buffers are on their way to the medium. Poll, and try again. */
    public static final long BUSY = -1;

    /** Result of {@link #claim}: no segment is free. Trim the log or extend its area. */
    public static final long NO_SPACE = -2;

    /** Result of {@link #claim}: a write or flush failed, or the log is corrupt, read-only or closed. Reopen it. */
    public static final long FAILED = -3;

    private static final long TAG_FLUSH = -1;
    private static final long TAG_SUPERBLOCK = -2;

    private final Vsic vsic;
    private final Vsa area;
    private final Poller device;
    private final Waiter waiter;
    private final NanoClock clock;
    private final int eagerBytes;
    private final LogGeometry geometry;
    private final SuperblockStore superblocks;
    private final SegmentTable table;
    private final LogHolds holds;
    private final LogTail tail;
    private final LogMetrics metrics = new LogMetrics();
    private final CompletionHandler handler = this::completed;
    private final List<ReaderPin> pins = new ArrayList<>();
    private FreeGuard guard = keep -> keep;

    private final CommitPipeline commits;
    private volatile long durable;
    private long writeTarget;
    private long commitTarget;
    private long flushAt = -1;

    private boolean flushing;
    private long flushCovers;
    private long flushStarted;

    private long head;
    private long mark;
    private int knownSlots;
    private boolean superblockWanted;
    private boolean closing;
    private boolean closed;
    private boolean readOnly;
    private boolean failed;

    private LogCore(Vsic vsic, Vsa area, Poller device, Waiter waiter, LogOptions options, LogOpening opened) {
        this.vsic = vsic;
        this.area = area;
        this.device = device;
        this.waiter = waiter;
        this.clock = options.clock();
        this.eagerBytes = options.eagerBytes();
        this.superblocks = opened.superblocks();
        this.geometry = superblocks.current().geometry();
        this.table = opened.recovery().table();
        this.holds = new LogHolds(this, geometry, table);
        this.tail = opened.tail();
        this.head = superblocks.current().head();
        this.mark = superblocks.current().mark();
        this.knownSlots = table.slots();
        this.readOnly = tail instanceof LogTail.Corrupt || area.rights() == Rights.READ_ONLY;
        long end = opened.recovery().readableTo();
        this.commits = new CommitPipeline(
                vsic, area, geometry, table, superblocks.current().epoch(), end, options, metrics);
        this.durable = end;
        this.writeTarget = end;
        this.commitTarget = end;
        metrics.startsAt(end);
    }

    // ---- opening and closing ------------------------------------------------------------------------------------

    /**
     * Opens the log in an area: formats it if the area is fresh (its front is zero), else recovers. Waits for the
     * device.
     *
     * @param vsic serves this log alone
     * @param area read-only areas give read-only logs
     * @param device what has to be polled for commands to complete: the controller
     * @param waiter that of the controller's options
     * @throws LogFormatException if the area holds something else, another version, or too few copies of the superblock
     * @throws IOException if the device fails
     * @throws IllegalArgumentException if the area is too small for the options
     */
    public static LogCore open(Vsic vsic, Vsa area, Poller device, Waiter waiter, LogOptions options)
            throws IOException {
        LogOpening opened = LogOpening.of(vsic, area, device, waiter, options);
        return new LogCore(vsic, area, device, waiter, options, opened);
    }

    /** What recovery found when this log was opened. */
    public LogTail tail() {
        return tail;
    }

    /**
     * Makes everything appended durable, and notes in the superblock that the log was closed. Its memory goes
     * with this object. Waits for the device. A log that has failed is closed as it is.
     *
     * @throws LogFailedException if what was appended could not be made durable
     */
    @Override
    public void close() throws IOException {
        if (closed) {
            return;
        }
        abandon();
        boolean wasFailed = failed;
        if (!readOnly) {
            drain();
        }
        closed = true;
        // Commands of a failed log may still be under way; their buffers must outlive them.
        while (vsic.inFlight() > 0) {
            await(device.poll() + vsic.poll(handler, vsic.depth()));
        }
        if (failed && !wasFailed) {
            throw new LogFailedException("the log in area " + area.id() + " failed while it was closed: "
                    + commits.appended() + " bytes were appended, and " + durable + " are durable");
        }
    }

    /** Makes everything appended durable, and finishes trims. Waits for the device; ends early if the log fails. */
    void awaitDurable() {
        commit();
        while (!failed && !readOnly && (durable < commits.appended() || !superblocks.isIdle() || superblockWanted)) {
            await(device.poll() + poll());
        }
    }

    private void drain() {
        awaitDurable();
        closing = true;
        superblockWanted = true;
        while (!failed && (superblockWanted || !superblocks.isIdle())) {
            await(device.poll() + poll());
        }
    }

    private void await(int work) {
        if (work == 0) {
            waiter.await(device.idleNanos());
        }
    }

    // ---- appending ----------------------------------------------------------------------------------------------

    /**
     * Reserves room for a record. Its payload goes to {@link #claimedSegment()} at {@link #claimedOffset()}; then
     * {@link #publish} or {@link #abandon} it, before anything else is done with this log.
     *
     * @param length of the payload in bytes, 0 to {@link #maxRecordBytes()}
     * @return the END position that the record will have, or {@link #BUSY}, {@link #NO_SPACE}, {@link #FAILED}
     * @throws IllegalArgumentException if the length is negative or too long
     */
    public long claim(int length) {
        if (length < 0 || length > geometry.maxRecordBytes()) {
            throw new IllegalArgumentException("record of " + length + " bytes: this log takes 0 to "
                    + geometry.maxRecordBytes() + " bytes (segments of " + geometry.segmentBytes() + ")");
        }
        if (failed || readOnly || closed) {
            return FAILED;
        }
        long end = commits.claim(length);
        if (end == NO_SPACE && freeSegments() > 0) {
            // A reader has moved on since the last trim.
            end = commits.claim(length);
        }
        return end;
    }

    /** The memory that the claimed record's payload goes to. */
    public MemorySegment claimedSegment() {
        return commits.claimedSegment();
    }

    /** Where in {@link #claimedSegment()} the claimed record's payload goes. */
    public long claimedOffset() {
        return commits.claimedOffset();
    }

    /**
     * Appends the claimed record.
     *
     * @return its END position
     */
    public long publish() {
        return commits.publish();
    }

    /** Gives the claimed room back, if there is a claim. */
    public void abandon() {
        if (commits.isClaimed()) {
            commits.abandon();
        }
    }

    /**
     * Appends a copy of {@code length} bytes.
     *
     * @return the END position, or a refusal as {@link #claim}'s
     */
    public long append(MemorySegment source, long offset, int length) {
        long end = claim(length);
        if (end > 0) {
            MemorySegment.copy(source, offset, claimedSegment(), claimedOffset(), length);
            publish();
        }
        return end;
    }

    /** The start position of the record with this END position and payload length. */
    public static long start(long end, int length) {
        return end - LogFormat.recordBytes(length);
    }

    /** How many bytes of positions a record with this much payload takes. */
    public static int recordBytes(int length) {
        return LogFormat.recordBytes(length);
    }

    // ---- committing ---------------------------------------------------------------------------------------------

    /** Everything appended so far shall be written soon. Nothing is flushed for it. */
    public void submit() {
        writeTarget = commits.appended();
    }

    /** Everything appended so far shall be durable soon: written, then flushed. Cheap; may be called every turn. */
    public void commit() {
        writeTarget = commits.appended();
        commitTarget = commits.appended();
    }

    /**
     * Reaps completions and submits what is due. Bounded, never blocks, does not poll the controller.
     *
     * @return how much was done
     */
    @Override
    public int poll() {
        if (closed) {
            return 0;
        }
        int work = vsic.poll(handler, vsic.depth());
        if (failed || readOnly) {
            return work;
        }
        // A flush that is due goes first: what has gathered since then gathers on while it runs.
        if (!flushing) {
            work += pollFlush();
        }
        if (shouldSeal()) {
            commits.seal();
        }
        // Superblocks are rare and small, and space may depend on them, so they go before commits where the queue is
        // short.
        work += pollSuperblock();
        return work + commits.submitSealed(durable);
    }

    private boolean shouldSeal() {
        int gathered = commits.openBytes();
        if (gathered == 0 || writeTarget <= commits.sealed()) {
            return false;
        }
        // While the medium is busy, what comes gathers in one commit; yet a long one is copied out meanwhile.
        boolean idle = !flushing && commits.isIdle();
        return idle || gathered >= eagerBytes;
    }

    private int pollFlush() {
        if (flushAt < 0 && commitTarget > durable) {
            flushAt = commitTarget;
        }
        // Waiting for the writes of what was asked for first, and for no more, keeps a stream of appends from starving
        // it.
        boolean commitDue = flushAt >= 0 && commits.written() >= flushAt;
        if (!commitDue && !superblocks.needsFlush()) {
            return 0;
        }
        if (!vsic.flush(area, TAG_FLUSH)) {
            return 0;
        }
        flushing = true;
        flushCovers = commits.written();
        flushStarted = clock.nanoTime();
        flushAt = -1;
        superblocks.flushSubmitted();
        return 1;
    }

    private void completed(long tag, Status status) {
        failed |= status != Status.SUCCESS;
        if (failed) {
            return;
        }
        if (tag == TAG_FLUSH) {
            flushed();
        } else if (tag == TAG_SUPERBLOCK) {
            superblocks.writeCompleted();
        } else {
            commits.writeCompleted((int) tag);
        }
    }

    private void flushed() {
        flushing = false;
        durable = flushCovers;
        metrics.countFlush(clock.nanoTime() - flushStarted, durable);
        if (superblocks.flushSucceeded()) {
            metrics.countSuperblockUpdate();
            table.useSlots(superblocks.current().slots());
            freeSegments();
        }
    }

    // ---- trimming and extending ---------------------------------------------------------------------------------

    /**
     * Lets everything before a position go. Returns at once; {@link #poll} makes it durable, {@link #trimmed} tells
     * when. Whole segments before the position are used again after that.
     *
     * @param startPosition the start of the first record to keep, or the END of the last to let go; at most
     *     {@link #durable()}. One before {@link #head()} changes nothing
     */
    public void trim(long startPosition) {
        if (startPosition > durable) {
            throw new IllegalArgumentException("cannot trim to " + startPosition + ": only " + durable + " is durable");
        }
        if (startPosition > head && !readOnly && !failed) {
            head = startOfKept(startPosition);
            superblockWanted = true;
        }
    }

    /** Where nothing is left of a segment, the next one is the first kept. */
    private long startOfKept(long position) {
        long in = geometry.segmentOf(position);
        if (table.isLiving(in) && table.endOf(in) == position && durable > position) {
            return geometry.positionOf(in + 1, geometry.firstCommitOffset(table.slotOf(in + 1)));
        }
        return position;
    }

    /** Learns that the area was grown; the new segments are used when a superblock that counts them is durable. */
    public void extend() {
        int slots = (int) (area.size() / geometry.segmentBytes());
        if (slots < knownSlots) {
            throw new IllegalStateException("area " + area.id() + " was cut to " + area.size()
                    + " bytes under a log of " + knownSlots + " segments of " + geometry.segmentBytes());
        }
        table.extend(slots);
        knownSlots = slots;
        superblockWanted |= slots > superblocks.current().slots();
    }

    /**
     * Notes a position in the superblock, to be found again when the log is opened: that of a record which tells its
     * owner how to go on from there, for instance. Returns at once; {@link #poll} makes it durable, {@link #marked}
     * tells when. The log does not keep what is there from being trimmed.
     *
     * @param position at most {@link #durable()}
     */
    public void mark(long position) {
        if (position > durable) {
            throw new IllegalArgumentException("cannot mark " + position + ": only " + durable + " is durable");
        }
        if (!readOnly && !failed) {
            mark = position;
            superblockWanted = true;
        }
    }

    /** The position that was noted last, as far as the medium knows durably; 0 if none was. */
    public long marked() {
        return superblocks.current().mark();
    }

    private int pollSuperblock() {
        if (superblockWanted && superblocks.isIdle()) {
            superblockWanted = false;
            superblocks.begin(superblocks.current().updated(head, durable, mark, knownSlots, closing));
        }
        return superblocks.poll(TAG_SUPERBLOCK);
    }

    /** Frees segments before the durable head that no reader is in. */
    private int freeSegments() {
        long keep = geometry.segmentOf(trimmed());
        for (int i = 0; i < pins.size(); i++) {
            keep = Math.min(keep, pins.get(i).segment());
        }
        int freed = table.freeBefore(guard.keepFrom(keep));
        metrics.countFreed(freed);
        return freed;
    }

    /** Is asked before segments are freed, from now on. */
    void guardBy(FreeGuard newGuard) {
        guard = newGuard;
    }

    /** Frees what the guard did not let go before. Returns how many segments. */
    int freeGuarded() {
        return freeSegments();
    }

    // ---- reading ------------------------------------------------------------------------------------------------

    /**
     * A cursor on the records that start at or after a position, up to {@link #written()}. For the thread of this log.
     *
     * @param startPosition {@link #head()} to {@link #written()}
     */
    public LogCursor cursor(long startPosition) {
        return new LogCursor(this, geometry, table, checkedStart(startPosition), null);
    }

    /** A cursor for another thread: its segment stays until it moves on or is closed. Called on the log's thread. */
    LogCursor pinnedCursor(long startPosition) {
        ReaderPin pin = new ReaderPin(geometry.segmentOf(checkedStart(startPosition)));
        pins.add(pin);
        pins.removeIf(ReaderPin::isReleased);
        return new LogCursor(this, geometry, table, startPosition, pin);
    }

    /**
     * The window in which a position of a written record lies, at {@link LogGeometry#offsetInSlot}. Any thread that
     * keeps the segment from being freed.
     *
     * @throws LogCorruptException if the segment was lost
     */
    MemorySegment window(long position) {
        MemorySegment window = table.windowOf(geometry.segmentOf(position));
        if (window == null) {
            throw new LogCorruptException(position, "the segment of position " + position + " is not there");
        }
        return window;
    }

    /** Keeps segments whatever is trimmed. Own thread. */
    LogHolds holds() {
        return holds;
    }

    /** The commit that holds a position and was not written yet; null if it was. Own thread. */
    @Nullable
    Batch inFlight(long position) {
        return commits.inFlight(position);
    }

    private long checkedStart(long position) {
        if (position < head || position > written()) {
            throw new IllegalArgumentException(
                    "cannot read from " + position + ": the log holds " + head + " to " + written());
        }
        return position;
    }

    // ---- state --------------------------------------------------------------------------------------------------

    /** The END position of the last record appended; 0 if there never was one. */
    public long appended() {
        return commits.appended();
    }

    /** Everything before this position was handed to the device. */
    public long submitted() {
        return commits.submitted();
    }

    /** Everything before this position was written, and cursors see it. Any thread. */
    public long written() {
        return commits.written();
    }

    /** Everything before this position survives a crash. */
    public long durable() {
        return durable;
    }

    /** The first position that is kept, as trimmed last. */
    public long head() {
        return head;
    }

    /** The first position that is kept, as far as the medium knows durably. */
    public long trimmed() {
        return superblocks.current().head();
    }

    /** Whether a write or flush failed. Nothing is appended or acknowledged any more; reads go on. Reopen the log. */
    public boolean isFailed() {
        return failed;
    }

    /** The longest record that this log takes, in bytes. */
    public int maxRecordBytes() {
        return geometry.maxRecordBytes();
    }

    /** Bytes that can be appended before {@link #NO_SPACE}, padding included. */
    public long freeBytes() {
        return commits.roomInSegment() + (long) table.freeSlots() * (geometry.segmentBytes() - geometry.blockBytes());
    }

    /** How many segments can be begun before one has to be freed. */
    int spareSegments() {
        return table.freeSlots();
    }

    /** Whether a record of this length surely finds room in the segment that is being written. */
    boolean hasRoomInSegment(int length) {
        return commits.roomInSegment() >= LogFormat.HEADER_LENGTH + LogFormat.recordBytes(length);
    }

    /** How many segments the area has. */
    int segments() {
        return knownSlots;
    }

    /** What {@link #freeBytes} will be after a record of this length, which may leave the rest of a segment unused. */
    long freeBytesAfter(int length) {
        long need = LogFormat.HEADER_LENGTH + (long) LogFormat.recordBytes(length);
        long room = commits.roomInSegment();
        return freeBytes() - need - (need > room ? room : 0);
    }

    LogGeometry geometry() {
        return geometry;
    }

    SegmentAllocator memory() {
        return commits.memory();
    }

    boolean isReadOnly() {
        return readOnly;
    }

    /** The size of the area that this log is in. */
    long areaBytes() {
        return area.size();
    }

    /** Whether all of the area's segments are in use: an {@link #extend} is done. */
    boolean isExtended() {
        return !superblockWanted && superblocks.current().slots() == knownSlots;
    }

    /** What this log has done since it was opened. */
    public LogMetrics metrics() {
        return metrics;
    }
}
