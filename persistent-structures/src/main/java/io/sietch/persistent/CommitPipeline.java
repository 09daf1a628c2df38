package io.sietch.persistent;

import static io.sietch.persistent.Layouts.LONG;
import static io.sietch.persistent.Layouts.alignUp;

import io.sietch.vsic.DmaBuffer;
import io.sietch.vsic.Vsa;
import io.sietch.vsic.Vsic;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import org.jspecify.annotations.Nullable;

/**
 * The commits of a log from the first record in them to the completion of their WRITE: gathered in a fixed pool of
 * buffers, sealed, submitted in order, retired in order.
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>{@code written <= submitted <= sealed <= appended}; each but the last is the end of a commit.
 *   <li>At most one commit is open, and it is the last.
 *   <li>A buffer belongs to the device from its submission to its completion.
 *   <li>A segment is taken when the commit that opens it is opened, and its header is in the same WRITE.
 * </ol>
 */
final class CommitPipeline {
    private final Vsic vsic;
    private final Vsa area;
    private final LogGeometry geometry;
    private final SegmentTable table;
    private final long identity;
    private final long epoch;
    private final LogMetrics metrics;
    private final SegmentAllocator memory;
    private final Checksum checksum = new Checksum();

    /** The commit buffers; the last one is for records longer than a buffer, and grows to the longest seen. */
    private final Batch[] batches;

    private final Batch oversize;

    /** Sealed batches in log order: submitted ones first. A ring. */
    private final Batch[] queue;

    private int queueStart;
    private int queueSubmitted;
    private int queueSize;

    private @Nullable Batch open;
    private boolean claimed;
    private int claimedLength;

    /** The segment being appended to, -1 if there is none yet. */
    private long segment;

    private long sealed;
    private long appended;
    private long submitted;
    private volatile long written;

    CommitPipeline(
            Vsic vsic,
            Vsa area,
            LogGeometry geometry,
            SegmentTable table,
            long epoch,
            long end,
            LogOptions options,
            LogMetrics metrics) {
        this.vsic = vsic;
        this.area = area;
        this.geometry = geometry;
        this.table = table;
        this.identity = geometry.identity();
        this.epoch = epoch;
        this.metrics = metrics;
        this.memory = options.memory();
        this.batches = new Batch[options.batches() + 1];
        int bufferBytes = alignUp(options.batchBytes(), geometry.blockBytes());
        for (int i = 0; i < options.batches(); i++) {
            batches[i] = new Batch(i, DmaBuffer.allocate(bufferBytes, geometry.blockBytes(), memory));
        }
        this.oversize =
                new Batch(options.batches(), DmaBuffer.allocate(geometry.blockBytes(), geometry.blockBytes(), memory));
        batches[options.batches()] = oversize;
        this.queue = new Batch[batches.length];
        this.segment = lastSegment();
        this.sealed = end;
        this.appended = end;
        this.submitted = end;
        this.written = end;
    }

    SegmentAllocator memory() {
        return memory;
    }

    private long lastSegment() {
        return table.last() >= table.first() ? table.last() : -1;
    }

    // ---- gathering ----------------------------------------------------------------------------------------------

    /** As {@link LogCore#claim}; the length was checked. */
    long claim(int length) {
        if (claimed) {
            throw new IllegalStateException("a record of " + claimedLength + " bytes is claimed already");
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
            return LogCore.NO_SPACE;
        }
        int lead = newSegment ? geometry.blockBytes() : 0;
        Batch batch = freeBatch(lead + LogFormat.HEADER_LENGTH + need);
        seal();
        if (batch == null) {
            return LogCore.BUSY;
        }
        batch.state = Batch.State.OPEN;
        batch.opensSegment = newSegment;
        batch.previousEnd = sealed;
        batch.commitAt = lead;
        if (newSegment) {
            segment = table.last() + 1;
            int slot = table.open(segment, sealed);
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
        return geometry.nextCommit(open != null ? appended : sealed);
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

    private Batch growOversize(int bytes) {
        int size = oversize.buffer.size();
        if (size < bytes) {
            // At least twice as large: who appends longer and longer records leaves few buffers to the collector.
            int larger = alignUp(Math.max(bytes, Math.min(2 * size, LogFormat.RECORD_MAX)), geometry.blockBytes());
            oversize.replace(DmaBuffer.allocate(larger, geometry.blockBytes(), memory));
        }
        return oversize;
    }

    /** The batch with the claimed record in it. */
    private Batch openForClaim() {
        if (!claimed || open == null) {
            throw new IllegalStateException("no record is claimed");
        }
        return open;
    }

    MemorySegment claimedSegment() {
        return openForClaim().segment;
    }

    long claimedOffset() {
        return openForClaim().used + (long) LogFormat.RECORD_PAYLOAD;
    }

    boolean isClaimed() {
        return claimed;
    }

    /** As {@link LogCore#publish}. */
    long publish() {
        Batch batch = openForClaim();
        int length = claimedLength;
        int at = batch.used;
        int crc = checksum.of(batch.bytes, at + LogFormat.RECORD_PAYLOAD, length)
                ^ LogFormat.recordSeal(identity, epoch, batch.end(), length);
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

    /** As {@link LogCore#abandon}. */
    void abandon() {
        Batch batch = openForClaim();
        claimed = false;
        if (batch.records == 0) {
            batch.state = Batch.State.FREE;
            open = null;
            if (batch.opensSegment) {
                table.undoOpen();
                segment = lastSegment();
            }
        }
    }

    /** Bytes in the open commit, and whether nothing that was sealed is still on its way. */
    int openBytes() {
        Batch batch = open;
        return batch == null || claimed || batch.records == 0 ? 0 : batch.used - batch.commitAt;
    }

    boolean isIdle() {
        return queueSize == 0;
    }

    /** Ends the open commit, if there is one with a record in it. */
    void seal() {
        Batch batch = open;
        if (batch == null || batch.records == 0) {
            return;
        }
        batch.state = Batch.State.SEALED;
        sealed = batch.end();
        open = null;
        queue[(queueStart + queueSize) % queue.length] = batch;
        queueSize++;
    }

    // ---- writing ------------------------------------------------------------------------------------------------

    /** Submits sealed commits while the queue takes them. */
    int submitSealed(long durable) {
        int work = 0;
        while (queueSubmitted < queueSize) {
            Batch batch = queue[(queueStart + queueSubmitted) % queue.length];
            int length = finish(batch, durable);
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
    private int finish(Batch batch, long durable) {
        int length = alignUp(batch.used, geometry.commitBytes());
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

    /** The WRITE of the batch with this index completed. */
    void writeCompleted(int index) {
        batches[index].state = Batch.State.WRITTEN;
        // Writes may complete in any order; "written" moves over those that leave no gap.
        while (queueSubmitted > 0 && queue[queueStart].state == Batch.State.WRITTEN) {
            Batch batch = queue[queueStart];
            written = batch.end();
            batch.state = Batch.State.FREE;
            queueStart = (queueStart + 1) % queue.length;
            queueSubmitted--;
            queueSize--;
        }
    }

    /** The batch that holds a position and is not retired yet, or null. */
    @Nullable
    Batch inFlight(long position) {
        for (int i = 0; position >= written && i < batches.length; i++) {
            Batch batch = batches[i];
            if (batch.state != Batch.State.FREE && position >= batch.position && position < batch.end()) {
                return batch;
            }
        }
        return null;
    }

    // ---- state --------------------------------------------------------------------------------------------------

    long appended() {
        return appended;
    }

    long sealed() {
        return sealed;
    }

    long submitted() {
        return submitted;
    }

    /** Any thread. */
    long written() {
        return written;
    }

    /** Bytes that can still be appended without a new segment. */
    long roomInSegment() {
        long next = nextPosition();
        return next < 0 ? 0 : Math.max(0, geometry.limitOf(segment) - next);
    }
}
