package io.sietch.persistent;

import static io.sietch.persistent.Layouts.LONG;
import static io.sietch.persistent.Layouts.alignUp;

import io.sietch.vsic.BlockingIo;
import io.sietch.vsic.CompletionHandler;
import io.sietch.vsic.DmaBuffer;
import io.sietch.vsic.NanoClock;
import io.sietch.vsic.Poller;
import io.sietch.vsic.Rights;
import io.sietch.vsic.Status;
import io.sietch.vsic.Vsa;
import io.sietch.vsic.Vsic;
import io.sietch.vsic.Waiter;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
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
    private final Arena arena;
    private final LogGeometry geometry;
    private final SuperblockStore superblocks;
    private final SegmentTable table;
    private final LogTail tail;
    private final long epoch;
    private final LogMetrics metrics = new LogMetrics();
    private final Checksum checksum = new Checksum();
    private final CompletionHandler handler = this::completed;
    private final List<ReaderPin> pins = new ArrayList<>();

    /** The commit buffers; the last one is for records longer than a buffer, and grows to the longest seen. */
    private final Batch[] batches;

    private final Batch oversize;
    private Arena oversizeArena;

    /** Sealed batches in log order: submitted ones first. A ring. */
    private final Batch[] queue;

    private int queueStart;
    private int queueSubmitted;
    private int queueSize;

    private @Nullable Batch open;
    private boolean claimed;
    private int claimedLength;

    /** The segment being appended to, -1 if there is none yet, and the end of the last sealed commit. */
    private long segment;

    private long sealedEnd;
    private long appended;
    private long submitted;
    private volatile long written;
    private volatile long durable;
    private long writeTarget;
    private long commitTarget;
    private long flushAt = -1;

    private boolean flushing;
    private long flushCovers;
    private long flushStarted;

    private long head;
    private int knownSlots;
    private boolean superblockWanted;
    private boolean closing;
    private boolean closed;
    private boolean readOnly;
    private boolean failed;

    @SuppressWarnings("MustBeClosedChecker") // closed by close()
    private LogCore(
            Vsic vsic,
            Vsa area,
            Poller device,
            Waiter waiter,
            LogOptions options,
            Arena arena,
            SuperblockStore superblocks,
            LogRecovery recovered,
            LogTail tail) {
        this.vsic = vsic;
        this.area = area;
        this.device = device;
        this.waiter = waiter;
        this.clock = options.clock();
        this.eagerBytes = options.eagerBytes();
        this.arena = arena;
        this.superblocks = superblocks;
        this.geometry = superblocks.current().geometry();
        this.table = recovered.table();
        this.tail = tail;
        this.epoch = superblocks.current().epoch();
        this.head = superblocks.current().head();
        this.knownSlots = table.slots();
        this.readOnly = tail instanceof LogTail.Corrupt || area.rights() == Rights.READ_ONLY;
        this.batches = new Batch[options.batches() + 1];
        int bufferBytes = alignUp(options.batchBytes(), geometry.blockBytes());
        for (int i = 0; i < options.batches(); i++) {
            batches[i] = new Batch(i, DmaBuffer.allocate(bufferBytes, geometry.blockBytes(), arena));
        }
        this.oversizeArena = Arena.ofShared();
        this.oversize = new Batch(
                options.batches(), DmaBuffer.allocate(geometry.blockBytes(), geometry.blockBytes(), oversizeArena));
        batches[options.batches()] = oversize;
        this.queue = new Batch[batches.length];
        this.segment = table.last() >= table.first() ? table.last() : -1;
        startAt(recovered.readableTo());
    }

    private void startAt(long end) {
        sealedEnd = end;
        appended = end;
        submitted = end;
        written = end;
        durable = end;
        writeTarget = end;
        commitTarget = end;
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
    @SuppressWarnings("MustBeClosedChecker") // closed by close(), or here if opening fails
    public static LogCore open(Vsic vsic, Vsa area, Poller device, Waiter waiter, LogOptions options)
            throws IOException {
        Arena arena = Arena.ofShared();
        try {
            return open(vsic, area, device, waiter, options, arena);
        } catch (IOException | RuntimeException e) {
            arena.close();
            throw e;
        }
    }

    private static LogCore open(Vsic vsic, Vsa area, Poller device, Waiter waiter, LogOptions options, Arena arena)
            throws IOException {
        BlockingIo io = new BlockingIo(vsic, device, waiter);
        boolean writable = area.rights() == Rights.READ_WRITE;
        SuperblockStore superblocks = new SuperblockStore(vsic, area, arena);
        LogSuperblock superblock = superblocks.read(io);
        boolean fresh = superblock == null;
        if (superblock == null) {
            superblock = format(io, area, superblocks, options);
        }
        check(superblock, area);
        int slots = (int) (area.size() / superblock.segmentBytes());
        LogRecovery recovery = new LogRecovery(io, area, superblock, writable ? slots : superblock.slots());
        LogTail tail = recovery.run();
        if (writable && !fresh && !(tail instanceof LogTail.Corrupt)) {
            // What recovery read may still be in a volatile cache, left there by a process that was killed. It has to
            // be
            // durable before the superblock says so.
            io.flush(area);
            superblocks.write(
                    io,
                    superblock.opened(
                            superblocks.nextSequence(), superblock.epoch() + 1, recovery.readableTo(), slots));
        }
        return new LogCore(vsic, area, device, waiter, options, arena, superblocks, recovery, tail);
    }

    private static LogSuperblock format(BlockingIo io, Vsa area, SuperblockStore superblocks, LogOptions options)
            throws IOException {
        int segmentBytes =
                options.segmentBytes() == 0 ? LogGeometry.defaultSegmentBytes(area.size()) : options.segmentBytes();
        int blockBytes = LogGeometry.blockBytes(area.blockSize());
        long slots = area.size() / segmentBytes;
        if (slots < 2 || blockBytes * 8L > segmentBytes) {
            throw new IllegalArgumentException("an area of " + area.size() + " bytes in blocks of " + blockBytes
                    + " is too small for a log with segments of " + segmentBytes + " bytes: it needs two of at least "
                    + Math.max(LogGeometry.SEGMENT_MIN, blockBytes * 8L));
        }
        LogSuperblock superblock = new LogSuperblock(
                area.id(),
                superblocks.nextSequence(),
                options.salts().getAsLong(),
                1,
                0,
                0,
                segmentBytes,
                blockBytes,
                (int) slots,
                false);
        superblocks.requireUnused(io);
        superblocks.write(io, superblock);
        return superblock;
    }

    private static void check(LogSuperblock superblock, Vsa area) throws LogFormatException {
        if (superblock.areaId() != area.id()) {
            throw new LogFormatException("the log in area " + area.id() + " belongs to area " + superblock.areaId()
                    + ": the areas were mixed up, or a copy was restored to the wrong place");
        }
        if (superblock.blockBytes() != LogGeometry.blockBytes(area.blockSize())) {
            throw new LogFormatException("the log in area " + area.id() + " was written in blocks of "
                    + superblock.blockBytes() + " bytes, and the device now has blocks of " + area.blockSize()
                    + ": open the device with its former block size");
        }
        long needed = (long) superblock.slots() * superblock.segmentBytes();
        if (area.size() < needed) {
            throw new LogFormatException("area " + area.id() + " has " + area.size() + " bytes, and its log needs "
                    + needed + ": the area was cut; restore it from a backup");
        }
    }

    /** What recovery found when this log was opened. */
    public LogTail tail() {
        return tail;
    }

    /**
     * Makes everything appended durable, notes in the superblock that the log was closed, and frees the buffers. Waits
     * for the device. A log that has failed is closed as it is.
     *
     * @throws LogFailedException if what was appended could not be made durable
     */
    @Override
    public void close() throws IOException {
        if (closed) {
            return;
        }
        claimed = false;
        boolean wasFailed = failed;
        if (!readOnly) {
            drain();
        }
        closed = true;
        // Commands of a failed log may still be under way; their buffers must outlive them.
        while (vsic.inFlight() > 0) {
            await(device.poll() + vsic.poll(handler, vsic.depth()));
        }
        arena.close();
        oversizeArena.close();
        if (failed && !wasFailed) {
            throw new LogFailedException("the log in area " + area.id() + " failed while it was closed: " + appended
                    + " bytes were appended, and " + durable + " are durable");
        }
    }

    /** Makes everything appended durable, and finishes trims. Waits for the device; ends early if the log fails. */
    void awaitDurable() {
        commit();
        while (!failed && !readOnly && (durable < appended || !superblocks.isIdle() || superblockWanted)) {
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
        if (claimed) {
            throw new IllegalStateException("a record of " + claimedLength + " bytes is claimed already");
        }
        if (length < 0 || length > geometry.maxRecordBytes()) {
            throw new IllegalArgumentException("record of " + length + " bytes: this log takes 0 to "
                    + geometry.maxRecordBytes() + " bytes (segments of " + geometry.segmentBytes() + ")");
        }
        if (failed || readOnly || closed) {
            return FAILED;
        }
        int need = LogFormat.recordBytes(length);
        Batch batch = open;
        if (batch == null || need > batch.limit - batch.used) {
            long refusal = openBatch(need);
            if (refusal != 0) {
                return refusal;
            }
            batch = open;
            assert batch != null;
        }
        claimed = true;
        claimedLength = length;
        if (length % LogFormat.RECORD_ALIGNMENT != 0) {
            batch.segment.set(LONG, batch.used + need - Long.BYTES, 0);
        }
        return batch.end() + need;
    }

    /** Opens a commit that has room for {@code need} bytes; seals the present one. Returns 0 or a refusal. */
    private long openBatch(int need) {
        long position = nextPosition();
        boolean newSegment = position < 0 || position + LogFormat.HEADER_LENGTH + need > geometry.limitOf(segment);
        if (newSegment && table.freeSlots() == 0) {
            freeSegments();
            if (table.freeSlots() == 0) {
                return NO_SPACE;
            }
        }
        int lead = newSegment ? geometry.blockBytes() : 0;
        Batch batch = freeBatch(lead + LogFormat.HEADER_LENGTH + need);
        seal();
        if (batch == null) {
            return BUSY;
        }
        batch.state = Batch.State.OPEN;
        batch.opensSegment = newSegment;
        batch.previousEnd = sealedEnd;
        batch.commitAt = lead;
        if (newSegment) {
            segment = table.last() + 1;
            int slot = table.open(segment, sealedEnd);
            position = geometry.positionOf(segment, geometry.firstCommitOffset(slot));
        }
        batch.segmentNumber = segment;
        batch.position = position;
        batch.areaOffset =
                geometry.slotOffset(table.slotOf(segment)) + geometry.offsetInSlot(position) - batch.commitAt;
        batch.used = batch.commitAt + LogFormat.HEADER_LENGTH;
        batch.records = 0;
        int room = batch == oversize ? batch.used + need : batch.buffer.size();
        batch.limit = (int) Math.min(room, batch.commitAt + geometry.limitOf(segment) - position);
        open = batch;
        return 0;
    }

    /** Where the commit after the open one would start in the same segment; -1 if there is no segment yet. */
    private long nextPosition() {
        if (segment < 0) {
            return -1;
        }
        return geometry.nextCommit(open != null ? appended : sealedEnd);
    }

    private @Nullable Batch freeBatch(int bytes) {
        if (bytes > batches[0].buffer.size()) {
            return oversize.state == Batch.State.FREE ? growOversize(bytes) : null;
        }
        for (Batch batch : batches) {
            if (batch.state == Batch.State.FREE && batch != oversize) {
                return batch;
            }
        }
        return null;
    }

    @SuppressWarnings("MustBeClosedChecker") // closed by the next call, or by close()
    private Batch growOversize(int bytes) {
        if (oversize.buffer.size() < bytes) {
            Arena larger = Arena.ofShared();
            int size = alignUp(bytes, geometry.blockBytes());
            oversize.replace(DmaBuffer.allocate(size, geometry.blockBytes(), larger));
            oversizeArena.close();
            oversizeArena = larger;
        }
        return oversize;
    }

    /** The memory that the claimed record's payload goes to. */
    public MemorySegment claimedSegment() {
        return openForClaim().segment;
    }

    /** Where in {@link #claimedSegment()} the claimed record's payload goes. */
    public long claimedOffset() {
        return openForClaim().used + (long) LogFormat.RECORD_PAYLOAD;
    }

    private Batch openForClaim() {
        if (!claimed || open == null) {
            throw new IllegalStateException("no record is claimed");
        }
        return open;
    }

    /**
     * Appends the claimed record.
     *
     * @return its END position
     */
    public long publish() {
        Batch batch = openForClaim();
        int length = claimedLength;
        int at = batch.used;
        int crc = checksum.of(batch.bytes, at + LogFormat.RECORD_PAYLOAD, length)
                ^ LogFormat.recordSeal(geometry.identity(), epoch, batch.end(), length);
        LogFormat.writeRecordHeader(batch.segment, at, length, crc);
        batch.used = at + LogFormat.recordBytes(length);
        batch.records++;
        appended = batch.end();
        claimed = false;
        metrics.countRecord(length);
        if (batch == oversize) {
            seal();
        }
        return appended;
    }

    /** Gives the claimed room back. */
    public void abandon() {
        Batch batch = openForClaim();
        claimed = false;
        if (batch.records == 0) {
            batch.state = Batch.State.FREE;
            open = null;
            if (batch.opensSegment) {
                table.undoOpen();
                segment = table.last() >= table.first() ? table.last() : -1;
            }
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

    // ---- committing ---------------------------------------------------------------------------------------------

    /** Everything appended so far shall be written soon. Nothing is flushed for it. */
    public void submit() {
        writeTarget = appended;
    }

    /** Everything appended so far shall be durable soon: written, then flushed. Cheap; may be called every turn. */
    public void commit() {
        writeTarget = appended;
        commitTarget = appended;
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
        if (shouldSeal()) {
            seal();
        }
        if (queueSubmitted < queueSize) {
            work += submitSealed();
        }
        work += pollSuperblock();
        if (!flushing) {
            work += pollFlush();
        }
        return work;
    }

    private boolean shouldSeal() {
        Batch batch = open;
        if (batch == null || claimed || batch.records == 0 || writeTarget <= sealedEnd) {
            return false;
        }
        // While the medium is busy, what comes gathers in one commit; yet a long one is copied out meanwhile.
        boolean idle = !flushing && queueSize == 0;
        return idle || batch.used - batch.commitAt >= eagerBytes;
    }

    private void seal() {
        Batch batch = open;
        if (batch == null || batch.records == 0) {
            return;
        }
        batch.state = Batch.State.SEALED;
        sealedEnd = batch.end();
        open = null;
        queue[(queueStart + queueSize) % queue.length] = batch;
        queueSize++;
    }

    private int submitSealed() {
        int work = 0;
        while (queueSubmitted < queueSize) {
            Batch batch = queue[(queueStart + queueSubmitted) % queue.length];
            int length = finish(batch);
            if (!vsic.write(area, batch.areaOffset, batch.buffer, 0, length, batch.index)) {
                return work;
            }
            batch.state = Batch.State.WRITING;
            queueSubmitted++;
            submitted = batch.end();
            metrics.countCommit(length);
            work++;
        }
        return work;
    }

    /** Fills in headers and padding. Done late, so that the durable watermark is fresh. Returns the length to write. */
    private int finish(Batch batch) {
        int length = alignUp(batch.used, geometry.blockBytes());
        for (int at = batch.used; at < length; at += Long.BYTES) {
            batch.segment.set(LONG, at, 0);
        }
        if (batch.opensSegment) {
            LogSegmentFormat.write(
                    batch.segment, batch.bytes, 0, geometry, batch.segmentNumber, epoch, batch.previousEnd, checksum);
        }
        int bodyLength = batch.bodyLength();
        int bodyCrc = checksum.of(batch.bytes, batch.commitAt + LogFormat.HEADER_LENGTH, bodyLength);
        LogFormat.writeHeader(
                batch.segment,
                batch.bytes,
                batch.commitAt,
                geometry,
                epoch,
                batch.position,
                batch.previousEnd,
                durable,
                bodyLength,
                batch.records,
                bodyCrc,
                checksum);
        return length;
    }

    private int pollFlush() {
        if (flushAt < 0 && commitTarget > durable) {
            flushAt = commitTarget;
        }
        // Waiting for the writes of what was asked for first, and for no more, keeps a stream of appends from starving
        // it.
        boolean commitDue = flushAt >= 0 && written >= flushAt;
        if (!commitDue && !superblocks.needsFlush()) {
            return 0;
        }
        if (!vsic.flush(area, TAG_FLUSH)) {
            return 0;
        }
        flushing = true;
        flushCovers = written;
        flushStarted = clock.nanoTime();
        flushAt = -1;
        superblocks.flushSubmitted();
        return 1;
    }

    private void completed(long tag, Status status) {
        if (status != Status.SUCCESS) {
            failed = true;
            return;
        }
        if (tag == TAG_FLUSH) {
            flushed();
        } else if (tag == TAG_SUPERBLOCK) {
            superblocks.writeCompleted();
        } else {
            batches[(int) tag].state = Batch.State.WRITTEN;
            retireWritten();
        }
    }

    /** Writes may complete in any order; {@code written} moves over those that leave no gap. */
    private void retireWritten() {
        while (queueSubmitted > 0 && queue[queueStart].state == Batch.State.WRITTEN) {
            Batch batch = queue[queueStart];
            if (!failed) {
                written = batch.end();
            }
            batch.state = Batch.State.FREE;
            queueStart = (queueStart + 1) % queue.length;
            queueSubmitted--;
            queueSize--;
        }
    }

    private void flushed() {
        flushing = false;
        if (failed) {
            return;
        }
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
        superblockWanted = slots > superblocks.current().slots();
    }

    private int pollSuperblock() {
        if (superblockWanted && superblocks.isIdle()) {
            superblockWanted = false;
            superblocks.begin(superblocks.current().updated(head, durable, knownSlots, closing));
        }
        return superblocks.poll(TAG_SUPERBLOCK);
    }

    /** Frees segments before the durable head that no reader is in. */
    private void freeSegments() {
        long keep = geometry.segmentOf(trimmed());
        for (int i = 0; i < pins.size(); i++) {
            keep = Math.min(keep, pins.get(i).segment());
        }
        metrics.countFreed(table.freeBefore(keep));
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

    private long checkedStart(long position) {
        if (position < head || position > written) {
            throw new IllegalArgumentException(
                    "cannot read from " + position + ": the log holds " + head + " to " + written);
        }
        return position;
    }

    // ---- state --------------------------------------------------------------------------------------------------

    /** The END position of the last record appended; 0 if there never was one. */
    public long appended() {
        return appended;
    }

    /** Everything before this position was handed to the device. */
    public long submitted() {
        return submitted;
    }

    /** Everything before this position was written, and cursors see it. Any thread. */
    public long written() {
        return written;
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
        long next = nextPosition();
        long inSegment = next < 0 ? 0 : Math.max(0, geometry.limitOf(segment) - next);
        return inSegment + (long) table.freeSlots() * (geometry.segmentBytes() - geometry.blockBytes());
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
