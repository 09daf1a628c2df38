package io.sietch.persistent;

import io.sietch.vsic.NanoClock;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.security.SecureRandom;
import java.util.function.LongSupplier;

/**
 * How a log is set up.
 *
 * @param segmentBytes unit in which trimmed space becomes free, a power of two from 64 KiB to 1 GiB; 0 takes a
 *     sixteenth of the area, at least 64 KiB and at most 128 MiB. Bounds the longest record. Fixed when the log is
 *     formatted; later openings take what they find
 * @param batchBytes size of each commit buffer, a multiple of 4 KiB, at least 16 KiB. A longer record takes a buffer of
 *     its own
 * @param batches how many commit buffers; when all are on their way to the medium, appending is BUSY
 * @param eagerBytes while a flush is under way, a commit is written (not flushed) when it holds this much, so that
 *     copying overlaps with flushing
 * @param clock measures flush latency
 * @param salts draws the random number that a new log's checksums are bound to
 * @param check how much is looked at when the log is opened
 * @param memory gives the log its buffers, and a table that lies on it its index: zeroed, aligned as asked, usable for
 *     as long as the log is open by the thread that polls the controller and by all that read in the table. For those
 *     who open many logs one after the other, or want special memory
 */
public record LogOptions(
        int segmentBytes,
        int batchBytes,
        int batches,
        int eagerBytes,
        NanoClock clock,
        LongSupplier salts,
        LogCheck check,
        SegmentAllocator memory) {
    /** Four buffers of 1 MiB, segments by the size of the area. */
    public static final LogOptions DEFAULTS = new LogOptions(
            0,
            1 << 20,
            4,
            64 << 10,
            System::nanoTime,
            new SecureRandom()::nextLong,
            LogCheck.EVERYTHING,
            LogOptions::collected);

    public LogOptions {
        if (segmentBytes != 0
                && (segmentBytes < LogGeometry.SEGMENT_MIN
                        || segmentBytes > LogGeometry.SEGMENT_MAX
                        || Integer.bitCount(segmentBytes) != 1)) {
            throw new IllegalArgumentException(
                    "segments of " + segmentBytes + " bytes: must be 0 (by the area's size) or"
                            + " a power of two from " + LogGeometry.SEGMENT_MIN + " to " + LogGeometry.SEGMENT_MAX);
        }
        if (batchBytes < 4 * LogGeometry.BLOCK_MIN
                || batchBytes % LogGeometry.BLOCK_MIN != 0
                || batchBytes > LogFormat.RECORD_MAX) {
            throw new IllegalArgumentException("commit buffers of " + batchBytes + " bytes: must be a multiple of "
                    + LogGeometry.BLOCK_MIN + " from " + 4 * LogGeometry.BLOCK_MIN + " to " + LogFormat.RECORD_MAX);
        }
        if (batches < 2 || batches > 1024) {
            throw new IllegalArgumentException(batches + " commit buffers: must be 2 to 1024");
        }
        if (eagerBytes <= 0) {
            throw new IllegalArgumentException("eager writing from " + eagerBytes + " bytes: must be positive");
        }
    }

    public LogOptions withSegmentBytes(int newSegmentBytes) {
        return new LogOptions(newSegmentBytes, batchBytes, batches, eagerBytes, clock, salts, check, memory);
    }

    /** Sets the number and size of the commit buffers. */
    public LogOptions withBatches(int newBatches, int newBatchBytes) {
        return new LogOptions(segmentBytes, newBatchBytes, newBatches, eagerBytes, clock, salts, check, memory);
    }

    public LogOptions withEagerBytes(int newEagerBytes) {
        return new LogOptions(segmentBytes, batchBytes, batches, newEagerBytes, clock, salts, check, memory);
    }

    public LogOptions withClock(NanoClock newClock) {
        return new LogOptions(segmentBytes, batchBytes, batches, eagerBytes, newClock, salts, check, memory);
    }

    public LogOptions withSalts(LongSupplier newSalts) {
        return new LogOptions(segmentBytes, batchBytes, batches, eagerBytes, clock, newSalts, check, memory);
    }

    public LogOptions withCheck(LogCheck newCheck) {
        return new LogOptions(segmentBytes, batchBytes, batches, eagerBytes, clock, salts, newCheck, memory);
    }

    public LogOptions withMemory(SegmentAllocator newMemory) {
        return new LogOptions(segmentBytes, batchBytes, batches, eagerBytes, clock, salts, check, newMemory);
    }

    /**
     * Memory that the collector frees. That of an arena that can be closed is pinned and let go, with two atomic
     * updates, around each checksum; and closing it stops every thread of the process for a moment.
     */
    private static MemorySegment collected(long size, long alignment) {
        return Arena.ofAuto().allocate(size, alignment);
    }
}
