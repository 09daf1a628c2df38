package io.sietch.persistent;

import java.lang.foreign.MemorySegment;

/** Where bytes of a log lie in memory just now. One thread. */
public final class LogPlace {
    private MemorySegment segment = MemorySegment.NULL;
    private long offset;

    /** Nowhere. */
    public LogPlace() {}

    /** The position of the payload of the record with this END position and payload length. */
    public static long payload(long end, int length) {
        return end - Layouts.alignUp(length, LogFormat.RECORD_ALIGNMENT);
    }

    /**
     * Goes to a position of a record that is not trimmed: in the mapping, or in a commit buffer while it is not
     * written. That holds until the log is next polled. The eight bytes before a record's payload begin with its
     * length.
     */
    public void moveTo(LogCore log, long position) {
        Batch batch = log.inFlight(position);
        if (batch == null) {
            set(log.window(position), log.geometry().offsetInSlot(position));
        } else {
            set(batch.segment, batch.offsetOf(position));
        }
    }

    /** Goes to where somebody else found it. */
    public void set(MemorySegment newSegment, long newOffset) {
        segment = newSegment;
        offset = newOffset;
    }

    /** The memory that the bytes are in. */
    public MemorySegment segment() {
        return segment;
    }

    /** Where in {@link #segment} they begin. */
    public long offset() {
        return offset;
    }
}
