package io.sietch.persistent.tool;

import io.sietch.vsic.DmaBuffer;
import io.sietch.vsic.Media;
import io.sietch.vsic.MediaCharacteristics;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HashMap;
import java.util.Map;

/**
 * A medium that is read and never changed: what is written stays in memory. So a tool that only looks may go through
 * the same recovery as everybody else, which mends a damaged copy of the catalogue, without touching the evidence.
 */
final class OverlayMedia implements Media {
    private final Media below;
    private final Map<Long, byte[]> written = new HashMap<>();

    OverlayMedia(Media below) {
        this.below = below;
    }

    @Override
    public long size() {
        return below.size();
    }

    @Override
    public int blockSize() {
        return below.blockSize();
    }

    @Override
    public MediaCharacteristics characteristics() {
        return below.characteristics();
    }

    @Override
    public void read(long offset, DmaBuffer target, int targetOffset, int length) throws IOException {
        below.read(offset, target, targetOffset, length);
        for (int at = 0; at < length; at += blockSize()) {
            byte[] block = written.get(offset + at);
            if (block != null) {
                MemorySegment.copy(block, 0, target.segment(), ValueLayout.JAVA_BYTE, targetOffset + at, block.length);
            }
        }
    }

    @Override
    public void write(long offset, DmaBuffer source, int sourceOffset, int length) {
        for (int at = 0; at < length; at += blockSize()) {
            byte[] block =
                    source.segment().asSlice(sourceOffset + at, blockSize()).toArray(ValueLayout.JAVA_BYTE);
            written.put(offset + at, block);
        }
    }

    @Override
    public void flush() {
        // Nothing of what was written is to last.
    }

    @Override
    public void deallocate(long offset, long length) throws IOException {
        throw new IOException("the device is open for reading only");
    }

    @Override
    public MemorySegment view(long offset, long length, Arena arena) throws IOException {
        return below.view(offset, length, arena);
    }

    @Override
    public void grow(long newSize) throws IOException {
        throw new IOException("the device is open for reading only");
    }

    @Override
    public void close() throws IOException {
        below.close();
    }
}
