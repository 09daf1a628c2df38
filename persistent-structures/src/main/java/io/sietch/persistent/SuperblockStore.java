package io.sietch.persistent;

import io.sietch.vsic.BlockingIo;
import io.sietch.vsic.DmaBuffer;
import io.sietch.vsic.MediaException;
import io.sietch.vsic.Vsa;
import io.sietch.vsic.Vsic;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Reads and updates the four copies of a log's superblock.
 *
 * <p>Defined words: the copies that agree on the highest sequence are <em>current</em>; two of them are the
 * <em>anchors</em> of an update.
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>An update writes the other two copies, flushes, and only then writes the anchors, and flushes. So at each
 *       moment two sound copies agree, whatever a crash leaves of the writes under way.
 *   <li>An update is durable after the first flush, and survives the loss of any two copies after the second. It counts
 *       as done then.
 *   <li>Sequences are never used twice, not even those of updates that a crash undid.
 * </ol>
 */
final class SuperblockStore {
    private enum Stage {
        IDLE,
        WRITE_OTHERS,
        FLUSH_OTHERS,
        WRITE_ANCHORS,
        FLUSH_ANCHORS
    }

    private final Vsic vsic;
    private final Vsa area;
    private final int blockBytes;
    private final DmaBuffer buffer;
    private final ByteBuffer bytes;
    private final Checksum checksum = new Checksum();

    /** Copies in the order in which they are written: the first two are the others, the last two the anchors. */
    private final int[] order = {0, 1, 2, 3};

    private @Nullable LogSuperblock current;
    private long lastSequence;

    private Stage stage = Stage.IDLE;
    private @Nullable LogSuperblock next;
    private int submitted;
    private int outstanding;
    private boolean flushing;

    SuperblockStore(Vsic vsic, Vsa area, SegmentAllocator memory) {
        this.vsic = vsic;
        this.area = area;
        this.blockBytes = LogGeometry.blockBytes(area.blockSize());
        this.buffer = DmaBuffer.allocate(LogSuperblock.COPIES * blockBytes, blockBytes, memory);
        this.bytes = buffer.segment().asByteBuffer();
    }

    /** The superblock in force. */
    LogSuperblock current() {
        if (current == null) {
            throw new IllegalStateException("no superblock was read or written yet");
        }
        return current;
    }

    /** A sequence number that no update used before. */
    long nextSequence() {
        return lastSequence + 1;
    }

    // ---- opening: one command at a time -------------------------------------------------------------------------

    /**
     * Reads the copies.
     *
     * @return the superblock, or null if the area was never (completely) formatted
     * @throws LogFormatException if too few copies agree, or they belong to another area or version
     */
    @Nullable
    LogSuperblock read(BlockingIo io) throws IOException {
        @Nullable LogSuperblock[] copies = new @Nullable LogSuperblock[LogSuperblock.COPIES];
        int unknownVersion = 0;
        int lost = 0;
        boolean used = false;
        for (int copy = 0; copy < copies.length; copy++) {
            if (!readCopy(io, copy)) {
                lost++;
                continue;
            }
            int version = LogSuperblockFormat.versionOf(buffer.segment(), bytes, copy * blockBytes, copy, checksum);
            if (version != 0 && !LogSuperblockFormat.isKnown(version)) {
                unknownVersion = version;
            }
            LogSuperblock found = LogSuperblockFormat.read(buffer.segment(), bytes, copy * blockBytes, copy, checksum);
            copies[copy] = found;
            if (found == null) {
                lost++;
            } else {
                lastSequence = Math.max(lastSequence, found.sequence());
                used |= found.isUsed();
            }
        }
        if (unknownVersion != 0) {
            throw new LogFormatException("the log in area " + area.id() + " has format version " + unknownVersion
                    + ", and this software reads versions up to " + LogSuperblockFormat.VERSION
                    + ": open it with the software that wrote it");
        }
        current = choose(copies);
        if (current == null && (used || !(isZero(2) && isZero(3)))) {
            throw new LogFormatException("area " + area.id() + " holds no log, or " + lost + " of "
                    + LogSuperblock.COPIES + " copies of its superblock are damaged and no " + LogSuperblock.QUORUM
                    + " agree: restore it from a backup, or delete the area and start anew");
        }
        return current;
    }

    private boolean readCopy(BlockingIo io, int copy) throws IOException {
        try {
            io.read(area, (long) copy * blockBytes, buffer, copy * blockBytes, blockBytes);
            return true;
        } catch (MediaException unreadable) {
            // Counts as lost; anything but zeros keeps it from looking like a fresh area.
            buffer.segment().asSlice((long) copy * blockBytes, blockBytes).fill((byte) 0xdb);
            return false;
        }
    }

    private boolean isZero(int copy) {
        MemorySegment zeros = MemorySegment.ofArray(new byte[blockBytes]);
        return buffer.segment().asSlice((long) copy * blockBytes, blockBytes).mismatch(zeros) < 0;
    }

    /** The highest sequence that two copies agree on; arranges the order of the next update around them. */
    private @Nullable LogSuperblock choose(@Nullable LogSuperblock[] copies) {
        LogSuperblock best = null;
        int bestCopy = 0;
        int bestTwin = 0;
        for (int copy = 0; copy < copies.length; copy++) {
            for (int twin = copy + 1; twin < copies.length; twin++) {
                LogSuperblock candidate = copies[copy];
                if (candidate != null
                        && candidate.equals(copies[twin])
                        && (best == null || candidate.sequence() > best.sequence())) {
                    best = candidate;
                    bestCopy = copy;
                    bestTwin = twin;
                }
            }
        }
        if (best != null) {
            int others = 0;
            for (int copy = 0; copy < copies.length; copy++) {
                if (copy != bestCopy && copy != bestTwin) {
                    order[others++] = copy;
                }
            }
            order[2] = bestCopy;
            order[3] = bestTwin;
        }
        return best;
    }

    /**
     * Checks that no segment was ever begun: the first one is always put behind the superblock.
     *
     * @throws LogFormatException if there was one
     */
    void requireUnused(BlockingIo io) throws IOException {
        io.read(area, (long) LogSuperblock.COPIES * blockBytes, buffer, 0, blockBytes);
        if (!isZero(0)) {
            throw new LogFormatException("area " + area.id() + " has no superblock but holds data: restore it from a"
                    + " backup, or delete the area and start anew");
        }
    }

    /** Makes {@code values} the superblock, durably in all copies. */
    void write(BlockingIo io, LogSuperblock values) throws IOException {
        encode(values);
        for (int half = 0; half < 2; half++) {
            for (int i = 0; i < 2; i++) {
                int copy = order[2 * half + i];
                io.write(area, (long) copy * blockBytes, buffer, copy * blockBytes, blockBytes);
            }
            io.flush(area);
        }
        current = values;
    }

    private void encode(LogSuperblock values) {
        assert values.sequence() > lastSequence && values.areaId() == area.id() && values.blockBytes() == blockBytes;
        for (int copy = 0; copy < LogSuperblock.COPIES; copy++) {
            LogSuperblockFormat.write(buffer.segment(), bytes, copy * blockBytes, copy, values, checksum);
        }
        lastSequence = values.sequence();
    }

    // ---- running: a step at a time ------------------------------------------------------------------------------

    boolean isIdle() {
        return stage == Stage.IDLE;
    }

    /** Begins an update. The former one must be done. */
    void begin(LogSuperblock values) {
        assert stage == Stage.IDLE;
        encode(values);
        next = values;
        stage = Stage.WRITE_OTHERS;
        submitted = 0;
    }

    /** Submits what may be submitted; each completion comes back through {@link #writeCompleted}. */
    int poll(long tag) {
        if (stage != Stage.WRITE_OTHERS && stage != Stage.WRITE_ANCHORS) {
            return 0;
        }
        int end = stage == Stage.WRITE_OTHERS ? 2 : 4;
        int work = 0;
        while (submitted < end) {
            int copy = order[submitted];
            if (!vsic.write(area, (long) copy * blockBytes, buffer, copy * blockBytes, blockBytes, tag)) {
                return work;
            }
            submitted++;
            outstanding++;
            work++;
        }
        return work;
    }

    void writeCompleted() {
        outstanding--;
        if (outstanding == 0 && stage == Stage.WRITE_OTHERS && submitted == 2) {
            stage = Stage.FLUSH_OTHERS;
        } else if (outstanding == 0 && stage == Stage.WRITE_ANCHORS && submitted == 4) {
            stage = Stage.FLUSH_ANCHORS;
        }
    }

    /** Whether a flush submitted now would carry the update on. */
    boolean needsFlush() {
        return !flushing && (stage == Stage.FLUSH_OTHERS || stage == Stage.FLUSH_ANCHORS);
    }

    /** A flush is submitted now: it covers the copies whose writes have completed. */
    void flushSubmitted() {
        flushing = needsFlush();
    }

    /**
     * The flush succeeded.
     *
     * @return whether the update is done with that
     */
    boolean flushSucceeded() {
        if (!flushing) {
            return false;
        }
        flushing = false;
        if (stage == Stage.FLUSH_OTHERS) {
            stage = Stage.WRITE_ANCHORS;
            return false;
        }
        stage = Stage.IDLE;
        current = next;
        return true;
    }
}
