package io.sietch.persistent;

import static io.sietch.persistent.Layouts.INT;
import static io.sietch.persistent.Layouts.LONG;

import io.sietch.vsic.BlockingIo;
import io.sietch.vsic.Vsa;
import java.io.IOException;
import java.lang.foreign.SegmentAllocator;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * Finds the end of a log. Reads only; what it finds depends on the bytes of the area alone. The decision table is in
 * docs/format/log.md.
 *
 * <p>Defined words: the <em>chain</em> is the longest run of sound commits from the first of the segment that holds
 * head, each linked to the end of the one before, with epochs that never decrease. The <em>break</em> is the chain's
 * end. The <em>proven</em> position is the largest durable watermark in the superblock and in any sound commit header
 * of the chain or behind the break.
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>The log is corrupt iff the break lies before head or before the proven position, or a block could not be read:
 *       what it holds may have been promised.
 *   <li>Otherwise what lies behind the break was never promised to anybody.
 *   <li>A commit that one recovery found torn stays out of every later one. A write of the next epoch to the same
 *       blocks may happen to mend it, when the two have bytes in common; so behind the superblock's proven position,
 *       which is at least the end that the opening of this epoch found, only commits of this epoch count.
 *   <li>If only the tail is checked, the chain begins with the segment that holds the newest watermark: what lies
 *       before that was durable, so no crash can have hurt it. Whoever finds the log corrupt that way looks at all of
 *       it.
 * </ol>
 */
final class LogRecovery {
    /** How much of a slot that looks unused is searched for commits whose segment header was lost. */
    private static final int PROBE_BYTES = 64 << 10;

    private static final int READ_AHEAD = 1 << 20;
    private static final int NONE = -1;

    private final Vsa area;
    private final LogSuperblock superblock;
    private final LogGeometry geometry;
    private final LogCheck check;
    private final SlotReader reader;
    private final Checksum checksum = new Checksum();

    /**
     * What each slot's header says: segment ({@link #NONE} without a sound header), epoch, end of the segment before.
     */
    private final long[] segmentOf;

    private final long[] epochOf;
    private final long[] previousEndOf;
    private final Map<Long, Integer> slots = new HashMap<>();
    private final SegmentTable table;

    private long segment;
    private int slot;
    private long end;
    private boolean linked;
    private long epoch;
    private long proven;
    private long seenTo;
    private long readableTo;
    private boolean fromTheFuture;

    LogRecovery(
            BlockingIo io, Vsa area, LogSuperblock superblock, int slotsNow, LogCheck check, SegmentAllocator memory) {
        this.area = area;
        this.check = check;
        this.superblock = superblock;
        this.geometry = superblock.geometry();
        this.reader = new SlotReader(io, area, geometry, memory);
        this.segmentOf = new long[superblock.slots()];
        this.epochOf = new long[superblock.slots()];
        this.previousEndOf = new long[superblock.slots()];
        this.table = new SegmentTable(geometry, area, slotsNow, geometry.segmentOf(superblock.head()));
    }

    /** The living segments, after {@link #run}. */
    SegmentTable table() {
        return table;
    }

    /** Up to where commits can be read: the end of the log, or of the last sound commit of a corrupt one. */
    long readableTo() {
        return readableTo;
    }

    LogTail run() throws IOException {
        readSegmentHeaders();
        followChain();
        readableTo = end;
        if (superblock.closed() && superblock.proven() == end) {
            return new LogTail.Clean(end);
        }
        proven = Math.max(proven, Math.max(superblock.proven(), superblock.head()));
        searchBehindBreak();
        return decide();
    }

    private LogTail decide() {
        if (end < proven || fromTheFuture) {
            keepWhatIsReadable();
            return new LogTail.Corrupt(
                    end,
                    proven,
                    "area " + area.id() + ": the log is proven durable up to position " + proven
                            + (fromTheFuture ? " and beyond the epoch of its superblock" : "")
                            + ", but its chain of commits breaks at " + end + " (segment " + segment + ", slot " + slot
                            + "); nothing was changed: restore the area from a backup, or copy what can be read");
        }
        if (reader.unreadableAt() != SlotReader.NONE) {
            keepWhatIsReadable();
            return new LogTail.Corrupt(
                    end,
                    proven,
                    "area " + area.id() + ": the medium cannot read the block at " + reader.unreadableAt()
                            + " of the area, and what is there may belong to the log, whose chain of commits breaks at "
                            + end + "; nothing was changed: open it again when the medium can be read, or restore the"
                            + " area from a backup");
        }
        readableTo = end;
        return seenTo > end ? new LogTail.Torn(end, seenTo) : new LogTail.Clean(end);
    }

    // ---- segments -----------------------------------------------------------------------------------------------

    private void readSegmentHeaders() throws IOException {
        Arrays.fill(segmentOf, NONE);
        for (int s = 0; s < segmentOf.length; s++) {
            int at = reader.at(s, geometry.headerOffset(s), 2 * geometry.blockBytes());
            if (LogSegmentFormat.isHeader(reader.segment, reader.bytes, at, geometry, checksum)) {
                segmentOf[s] = reader.segment.get(LONG, at + LogSegmentFormat.SEGMENT);
                epochOf[s] = reader.segment.get(LONG, at + LogSegmentFormat.EPOCH);
                previousEndOf[s] = reader.segment.get(LONG, at + LogSegmentFormat.PREVIOUS_END);
                slots.merge(segmentOf[s], s, (old, found) -> epochOf[found] > epochOf[old] ? found : old);
            }
        }
    }

    /** The slot that holds a segment: the one of the highest epoch, if a crash left an abandoned one behind. */
    private int slotHolding(long wanted) {
        return slots.getOrDefault(wanted, NONE);
    }

    // ---- the chain ----------------------------------------------------------------------------------------------

    private void followChain() throws IOException {
        segment = table.first();
        slot = slotHolding(segment);
        // What comes before the first commit of all is known, before that of a later segment it may be gone.
        end = geometry.positionOf(segment, 0);
        linked = segment == 0;
        if (slot == NONE) {
            return;
        }
        if (check == LogCheck.TAIL) {
            skipProven();
        }
        long before = end;
        if (!extendChain(slot, geometry.positionOf(segment, geometry.firstCommitOffset(slot)))) {
            return;
        }
        table.place(segment, slot, before);
        while (true) {
            long next = geometry.nextCommit(end);
            if (!(hasRoomForCommit(next) && extendChain(slot, next)) && !enterNextSegment()) {
                return;
            }
        }
    }

    /**
     * Begins the chain where the segment begins that holds the newest watermark, if all segments before that are there
     * and follow each other.
     */
    private void skipProven() throws IOException {
        long first = segment;
        long tail = geometry.segmentOf(newestWatermark());
        for (long s = first + 1; s <= tail; s++) {
            int its = slotHolding(s);
            if (its == NONE
                    || geometry.segmentOf(previousEndOf[its]) != s - 1
                    || epochOf[its] < epochOf[slotHolding(s - 1)]
                    || epochOf[its] > superblock.epoch()) {
                return;
            }
        }
        for (long s = first; s < tail; s++) {
            int its = slotHolding(s);
            table.place(s, its, previousEndOf[its]);
            epoch = epochOf[its];
        }
        if (tail > first) {
            segment = tail;
            slot = slotHolding(tail);
            end = previousEndOf[slot];
            linked = true;
        }
    }

    /** The largest in the superblock and in the first commits of all segments that are kept. */
    private long newestWatermark() throws IOException {
        long newest = Math.max(superblock.proven(), superblock.head());
        for (int s = 0; s < segmentOf.length; s++) {
            if (segmentOf[s] >= table.first() && slotHolding(segmentOf[s]) == s) {
                int offset = geometry.firstCommitOffset(s);
                int at = reader.at(s, offset, LogFormat.HEADER_LENGTH);
                long position = geometry.positionOf(segmentOf[s], offset);
                if (LogFormat.isHeader(reader.segment, reader.bytes, at, geometry, position, checksum)) {
                    newest = Math.max(newest, reader.segment.get(LONG, at + LogFormat.DURABLE));
                }
            }
        }
        return newest;
    }

    private boolean hasRoomForCommit(long position) {
        return position + LogFormat.HEADER_LENGTH <= geometry.limitOf(segment);
    }

    private boolean enterNextSegment() throws IOException {
        int nextSlot = slotHolding(segment + 1);
        if (nextSlot == NONE || previousEndOf[nextSlot] != end) {
            return false;
        }
        long before = end;
        if (!extendChain(nextSlot, geometry.positionOf(segment + 1, geometry.firstCommitOffset(nextSlot)))) {
            return false;
        }
        segment++;
        slot = nextSlot;
        table.place(segment, slot, before);
        return true;
    }

    /** Takes the commit at this position into the chain if it is sound and linked. */
    private boolean extendChain(int inSlot, long position) throws IOException {
        int offset = geometry.offsetInSlot(position);
        int at = reader.at(inSlot, offset, READ_AHEAD);
        if (!LogFormat.isHeader(reader.segment, reader.bytes, at, geometry, position, checksum)) {
            return false;
        }
        long previousEnd = reader.segment.get(LONG, at + LogFormat.PREVIOUS_END);
        long commitEpoch = reader.segment.get(LONG, at + LogFormat.EPOCH);
        long durable = reader.segment.get(LONG, at + LogFormat.DURABLE);
        int bodyLength = reader.segment.get(INT, at + LogFormat.BODY_LENGTH);
        int bodyCrc = reader.segment.get(INT, at + LogFormat.BODY_CRC);
        if (linked && previousEnd != end || commitEpoch < epoch || commitEpoch > superblock.epoch()) {
            return false;
        }
        if (position >= superblock.proven() && commitEpoch != superblock.epoch()) {
            return false;
        }
        if (crcOf(inSlot, offset + LogFormat.HEADER_LENGTH, bodyLength) != bodyCrc) {
            return false;
        }
        end = position + LogFormat.HEADER_LENGTH + bodyLength;
        linked = true;
        epoch = commitEpoch;
        proven = Math.max(proven, durable);
        return true;
    }

    private int crcOf(int inSlot, int offset, int length) throws IOException {
        checksum.begin();
        int done = 0;
        while (done < length) {
            int at = reader.at(inSlot, offset + done, Math.max(length - done, READ_AHEAD));
            int part = Math.min(length - done, reader.available(offset + done));
            checksum.add(reader.bytes, at, part);
            done += part;
        }
        return checksum.sum();
    }

    // ---- behind the break ---------------------------------------------------------------------------------------

    private void searchBehindBreak() throws IOException {
        if (slot != NONE) {
            long next = table.isLiving(segment)
                    ? geometry.nextCommit(end)
                    : geometry.positionOf(segment, geometry.firstCommitOffset(slot));
            noteTornHeader(next);
            searchSlot(slot, segment, geometry.offsetInSlot(next), geometry.segmentBytes());
        }
        for (int s = 0; s < segmentOf.length; s++) {
            if (segmentOf[s] > segment && slotHolding(segmentOf[s]) == s) {
                searchSlot(s, segmentOf[s], geometry.firstCommitOffset(s), geometry.segmentBytes());
            } else if (segmentOf[s] == NONE) {
                probeSlot(s);
            }
        }
    }

    /** A header that names its place but whose checksum fails was torn; only a hint, so it decides nothing else. */
    private void noteTornHeader(long position) throws IOException {
        if (!hasRoomForCommit(position)) {
            return;
        }
        int at = reader.at(slot, geometry.offsetInSlot(position), LogFormat.HEADER_LENGTH);
        if (reader.segment.get(INT, at + LogFormat.MAGIC) == LogFormat.COMMIT_MAGIC
                && reader.segment.get(LONG, at + LogFormat.POSITION) == position
                && reader.segment.get(LONG, at + LogFormat.EPOCH) == superblock.epoch()) {
            seenTo = Math.max(seenTo, position + LogFormat.HEADER_LENGTH);
        }
    }

    private void searchSlot(int inSlot, long inSegment, int from, int to) throws IOException {
        for (int offset = from; offset + LogFormat.HEADER_LENGTH <= to; offset += geometry.commitBytes()) {
            noteCommit(inSlot, geometry.positionOf(inSegment, offset), offset);
        }
    }

    /** Searches a slot without a sound segment header: the header may be what was damaged. */
    private void probeSlot(int inSlot) throws IOException {
        int to = Math.min(geometry.segmentBytes(), geometry.headerOffset(inSlot) + PROBE_BYTES);
        boolean blank = true;
        for (int offset = geometry.headerOffset(inSlot); offset < to; offset += geometry.commitBytes()) {
            int at = reader.at(inSlot, offset, PROBE_BYTES);
            blank &= reader.segment.get(LONG, at) == 0;
        }
        if (blank) {
            return;
        }
        for (int offset = geometry.firstCommitOffset(inSlot);
                offset < geometry.segmentBytes();
                offset += geometry.commitBytes()) {
            int at = reader.at(inSlot, offset, READ_AHEAD);
            long position = reader.segment.get(LONG, at + LogFormat.POSITION);
            if (position > end && geometry.offsetInSlot(position) == offset && noteCommit(inSlot, position, offset)) {
                slots.putIfAbsent(geometry.segmentOf(position), inSlot);
            }
        }
    }

    private boolean noteCommit(int inSlot, long position, int offset) throws IOException {
        int at = reader.at(inSlot, offset, READ_AHEAD);
        if (!LogFormat.isHeader(reader.segment, reader.bytes, at, geometry, position, checksum)) {
            return false;
        }
        long commitEnd = position + LogFormat.HEADER_LENGTH + reader.segment.get(INT, at + LogFormat.BODY_LENGTH);
        long commitEpoch = reader.segment.get(LONG, at + LogFormat.EPOCH);
        proven = Math.max(proven, reader.segment.get(LONG, at + LogFormat.DURABLE));
        readableTo = Math.max(readableTo, commitEnd);
        if (commitEpoch == superblock.epoch()) {
            seenTo = Math.max(seenTo, commitEnd);
        }
        fromTheFuture |= commitEpoch > superblock.epoch();
        return true;
    }

    /** Gives the segments behind the damage their places, so that cursors find them. */
    private void keepWhatIsReadable() {
        long last = Math.min(geometry.segmentOf(readableTo), table.first() + superblock.slots() - 1);
        if (!table.isLiving(segment) && table.first() <= last) {
            table.place(segment, slot, 0);
        }
        for (long s = table.last() + 1; s <= last; s++) {
            int found = slotHolding(s);
            table.place(s, found, found == NONE ? SegmentTable.OPEN : previousEndOf[found]);
        }
    }
}
