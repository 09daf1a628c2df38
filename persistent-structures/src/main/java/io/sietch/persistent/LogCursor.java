package io.sietch.persistent;

import static io.sietch.persistent.Layouts.INT;
import static io.sietch.persistent.Layouts.LONG;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Walks over records in the order of their positions, without copying: after {@link #next} a record's payload lies at
 * {@link #offset} of {@link #segment}, {@link #length} bytes long, until the next call. Each record's checksum is
 * verified.
 *
 * <p>At the end {@code next} returns false, and may return true later, when more was written.
 *
 * <p>Threads: one at a time. A cursor of {@link LogCore} belongs to the log's thread, and trimming beyond its place
 * ends it. A cursor of {@link PersistentLog} may be used on any thread; the segment it is in is kept until it moves on,
 * so it has to be closed.
 */
public final class LogCursor implements AutoCloseable {
    private static final int UNKNOWN = -1;

    /** No mapping has smaller pages. */
    private static final int PAGE_MIN = 4096;

    private final LogCore log;
    private final LogGeometry geometry;
    private final SegmentTable table;
    private final @Nullable ReaderPin pin;
    private long from;
    private final Checksum checksum = new Checksum();

    private long segmentNumber;
    private int slot = UNKNOWN;
    private MemorySegment view = MemorySegment.NULL;
    private ByteBuffer bytes = ByteBuffer.allocate(0);
    /** Windows by slot, so that a cursor that goes round and round allocates nothing. */
    private ByteBuffer[] windows = new ByteBuffer[0];

    /** The end of the last commit that was entered, and the rest of its records. */
    private long commitEnd;

    private long epoch;
    private boolean started;
    private long nextStart;
    private long start;
    private int length;
    private boolean closed;

    /** What was loaded to see whether it is there, so that no compiler leaves the loads out. */
    byte touched;

    LogCursor(LogCore log, LogGeometry geometry, SegmentTable table, long from, @Nullable ReaderPin pin) {
        this.log = log;
        this.geometry = geometry;
        this.table = table;
        this.from = from;
        this.pin = pin;
        this.segmentNumber = geometry.segmentOf(from);
    }

    /** Goes on at another position, as a new cursor would. */
    public void restart(long position) {
        from = position;
        segmentNumber = geometry.segmentOf(position);
        started = false;
    }

    /**
     * Goes on behind damage that {@link #next} has found: with the next segment, as what follows in this one cannot be
     * told from damage.
     *
     * @return where that begins
     */
    public long skip(LogCorruptException damage) {
        restart(geometry.positionOf(geometry.segmentOf(damage.position()) + 1, 0));
        return from;
    }

    /**
     * Moves to the next record.
     *
     * @return false if there is none yet
     * @throws LogCorruptException if the bytes there are damaged, or the medium cannot supply them; a later start may
     *     be readable
     * @throws IllegalStateException if the cursor was closed, or the log was trimmed beyond it
     */
    public boolean next() {
        if (closed) {
            throw new IllegalStateException("the cursor is closed");
        }
        try {
            return advance();
        } catch (InternalError lost) {
            throw unreadable(lost);
        }
    }

    private boolean advance() {
        while (true) {
            if (started && nextStart < commitEnd) {
                takeRecord();
                if (start >= from) {
                    return true;
                }
            } else if (!enterNextCommit()) {
                return false;
            }
        }
    }

    private void takeRecord() {
        requireLiving();
        int at = geometry.offsetInSlot(nextStart);
        int payload = view.get(INT, at + LogFormat.RECORD_LENGTH);
        if (payload < 0 || payload > commitEnd - nextStart - LogFormat.RECORD_PAYLOAD) {
            throw damaged(nextStart, "a record's length of " + payload + " leaves its commit");
        }
        if (!isSound(nextStart, payload)) {
            throw damaged(nextStart, "a record of " + payload + " bytes fails its checksum");
        }
        start = nextStart;
        length = payload;
        nextStart += LogFormat.recordBytes(payload);
    }

    /** Looks at the present record again, as it may have been damaged since. */
    void recheck() {
        try {
            if (!isSound(start, length)
                    || length != view.get(INT, geometry.offsetInSlot(start) + LogFormat.RECORD_LENGTH)) {
                throw damaged(start, "a record of " + length + " bytes fails its checksum");
            }
        } catch (InternalError lost) {
            throw unreadable(lost);
        }
    }

    /** Whether a record of that length holds its checksum. */
    private boolean isSound(long position, int payload) {
        int at = geometry.offsetInSlot(position);
        int crc = crcOf(at + LogFormat.RECORD_PAYLOAD, payload)
                ^ LogFormat.recordSeal(geometry.identity(), epoch, position, payload);
        return crc == view.get(INT, at + LogFormat.RECORD_CRC);
    }

    /**
     * The checksum of bytes in the mapping. Each of their pages is loaded from first: where the medium cannot supply a
     * page a load throws an {@link InternalError}, and the machine code of checksums takes the whole process down.
     */
    private int crcOf(int at, int byteCount) {
        byte seen = 0;
        for (int each = at; each < at + byteCount; each += PAGE_MIN) {
            seen ^= view.get(ValueLayout.JAVA_BYTE, each);
        }
        touched = byteCount == 0 ? seen : (byte) (seen ^ view.get(ValueLayout.JAVA_BYTE, at + byteCount - 1L));
        return checksum.of(bytes, at, byteCount);
    }

    private LogCorruptException unreadable(InternalError lost) {
        long position = started ? nextStart : from;
        LogCorruptException told = damaged(position, "the medium cannot supply a page that is read here");
        told.initCause(lost);
        return told;
    }

    private void requireLiving() {
        if (pin == null && segmentNumber < table.first()) {
            throw new IllegalStateException("the log was trimmed to " + log.head() + " beyond this cursor");
        }
    }

    private LogCorruptException damaged(long position, String what) {
        return new LogCorruptException(
                position, "the log is damaged at position " + position + " (slot " + slot + "): " + what);
    }

    private boolean enterNextCommit() {
        // What other threads read must survive a crash; the log's own thread may look at what is on its way.
        long limit = pin != null ? log.durable() : log.written();
        if (!started) {
            return start(limit);
        }
        if (commitEnd >= limit) {
            return false;
        }
        requireLiving();
        long position = geometry.nextCommit(commitEnd);
        if (table.endOf(segmentNumber) == commitEnd) {
            moveTo(segmentNumber + 1);
            position = firstCommit();
        }
        enter(position);
        return true;
    }

    /** Finds the commit that holds {@code from}, by looking backwards for its header. */
    private boolean start(long limit) {
        if (from >= limit) {
            return false;
        }
        requireLiving();
        moveTo(segmentNumber);
        long first = firstCommit();
        long position = first;
        for (long at = from & -geometry.commitBytes(); at > first; at -= geometry.commitBytes()) {
            if (isCommit(at)) {
                position = at;
                break;
            }
        }
        enter(position);
        return true;
    }

    private void moveTo(long newSegment) {
        segmentNumber = newSegment;
        slot = table.slotOf(newSegment);
        if (slot < 0) {
            throw damaged(geometry.positionOf(newSegment, 0), "segment " + newSegment + " was lost");
        }
        view = table.view(slot);
        bytes = window(slot);
        if (pin != null) {
            pin.moveTo(newSegment);
        }
    }

    private ByteBuffer window(int ofSlot) {
        if (ofSlot >= windows.length) {
            windows = Arrays.copyOf(windows, Math.max(ofSlot + 1, table.slots()));
        }
        ByteBuffer window = windows[ofSlot];
        if (window == null) {
            window = view.asByteBuffer();
            windows[ofSlot] = window;
        }
        return window;
    }

    private long firstCommit() {
        return geometry.positionOf(segmentNumber, geometry.firstCommitOffset(slot));
    }

    private boolean isCommit(long position) {
        return LogFormat.isHeader(view, bytes, geometry.offsetInSlot(position), geometry, position, checksum);
    }

    private void enter(long position) {
        if (!isCommit(position)) {
            throw damaged(position, "a commit's header fails its checksum");
        }
        int at = geometry.offsetInSlot(position);
        epoch = view.get(LONG, at + LogFormat.EPOCH);
        nextStart = position + LogFormat.HEADER_LENGTH;
        commitEnd = nextStart + view.get(INT, at + LogFormat.BODY_LENGTH);
        started = true;
    }

    /** The memory that the record's payload lies in. */
    public MemorySegment segment() {
        return view;
    }

    /** Where in {@link #segment} the payload begins. */
    public long offset() {
        return geometry.offsetInSlot(start) + (long) LogFormat.RECORD_PAYLOAD;
    }

    /** The length of the payload in bytes. */
    public int length() {
        return length;
    }

    /** The record's start position: what to trim to, to keep it. */
    public long start() {
        return start;
    }

    /** The record's END position. */
    public long end() {
        return start + LogFormat.recordBytes(length);
    }

    /** Lets the segment go that the cursor is in. */
    @Override
    public void close() {
        closed = true;
        if (pin != null) {
            pin.release();
        }
    }
}
