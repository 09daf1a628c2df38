package io.sietch.persistent;

import io.sietch.vsic.BlockingIo;
import io.sietch.vsic.DmaBuffer;
import io.sietch.vsic.MediaException;
import io.sietch.vsic.Vsa;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.nio.ByteBuffer;

/**
 * Reads slots through READ commands for recovery: a window of a slot in one buffer. A block that the medium cannot read
 * shows as garbage, which no checksum holds for.
 */
final class SlotReader {
    private static final int WINDOW = 1 << 20;
    /** In {@link #unreadableAt}: no block. */
    static final long NONE = -1;

    private static final byte UNREADABLE = (byte) 0xdb;

    private final BlockingIo io;
    private final Vsa area;
    private final LogGeometry geometry;
    private final DmaBuffer buffer;
    final MemorySegment segment;
    final ByteBuffer bytes;

    private int slot = -1;
    private int windowStart;
    private int windowEnd;
    private long unreadableAt = NONE;

    SlotReader(BlockingIo io, Vsa area, LogGeometry geometry, SegmentAllocator memory) {
        this.io = io;
        this.area = area;
        this.geometry = geometry;
        int size = Math.max(geometry.blockBytes(), Math.min(WINDOW, geometry.segmentBytes()));
        this.buffer = DmaBuffer.allocate(size, geometry.blockBytes(), memory);
        this.segment = buffer.segment();
        this.bytes = segment.asByteBuffer();
    }

    /**
     * Brings a block into the buffer, and those behind it up to a window's end.
     *
     * @param offset in the slot
     * @param wanted how many bytes are likely to be needed from there on
     * @return where in the buffer the offset lies
     */
    int at(int newSlot, int offset, int wanted) throws IOException {
        if (newSlot != slot || offset < windowStart || offset >= windowEnd) {
            int start = offset & -geometry.blockBytes();
            int length = Math.min(buffer.size(), geometry.segmentBytes() - start);
            length = Math.min(length, Layouts.alignUp(offset - start + wanted, geometry.blockBytes()));
            load(newSlot, start, length);
        }
        return offset - windowStart;
    }

    /** How many bytes from this offset on are in the buffer, after {@link #at}. */
    int available(int offset) {
        return windowEnd - offset;
    }

    /** Where in the area the block lies that the medium failed to read last; {@link #NONE} if it read all. */
    long unreadableAt() {
        return unreadableAt;
    }

    private void load(int newSlot, int start, int length) throws IOException {
        slot = newSlot;
        windowStart = start;
        windowEnd = start + length;
        long from = geometry.slotOffset(newSlot) + start;
        try {
            io.read(area, from, buffer, 0, length);
        } catch (MediaException partly) {
            for (int i = 0; i < length; i += geometry.blockBytes()) {
                readBlock(from, i);
            }
        }
    }

    private void readBlock(long from, int at) throws IOException {
        try {
            io.read(area, from + at, buffer, at, geometry.blockBytes());
        } catch (MediaException unreadable) {
            segment.asSlice(at, geometry.blockBytes()).fill(UNREADABLE);
            unreadableAt = from + at;
        }
    }
}
