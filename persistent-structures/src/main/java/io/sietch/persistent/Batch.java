package io.sietch.persistent;

import io.sietch.vsic.DmaBuffer;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/** A commit being gathered or written: its buffer, and where it goes. */
final class Batch {
    enum State {
        FREE,
        OPEN,
        SEALED,
        WRITING,
        WRITTEN
    }

    final int index;
    DmaBuffer buffer;
    MemorySegment segment;
    ByteBuffer bytes;

    State state = State.FREE;
    /** The segment that the commit belongs to, and whether the write begins with that segment's header. */
    long segmentNumber;

    boolean opensSegment;
    /** Where in the buffer the commit header lies: behind the segment header, if there is one. */
    int commitAt;

    long position;
    long previousEnd;
    long areaOffset;
    /** Offset in the buffer behind the last record, and the bound that it must not pass. */
    int used;

    int limit;
    int records;

    Batch(int index, DmaBuffer buffer) {
        this.index = index;
        this.buffer = buffer;
        this.segment = buffer.segment();
        this.bytes = segment.asByteBuffer();
    }

    void replace(DmaBuffer other) {
        buffer = other;
        segment = other.segment();
        bytes = segment.asByteBuffer();
    }

    /** The END position of the last record. */
    long end() {
        return position + (used - commitAt);
    }

    /** Where in {@link #segment} a position lies that this commit holds. */
    long offsetOf(long at) {
        return commitAt + (at - position);
    }

    int bodyLength() {
        return used - commitAt - LogFormat.HEADER_LENGTH;
    }
}
