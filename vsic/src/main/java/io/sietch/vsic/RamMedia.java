package io.sietch.vsic;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * A medium in memory, for tests and for measuring what the rooms above cost by themselves. Given a {@link LatencyModel}
 * it emulates a slower device. Nothing survives the process.
 */
public final class RamMedia implements Media {
    private final Arena arena = Arena.ofShared();
    private final MemorySegment memory;
    private final MemorySegment zeros;
    private final int blockSize;
    private final MediaCharacteristics characteristics;
    private volatile long size;

    /** A medium of fixed size in blocks of 4 KiB that completes at once. */
    public RamMedia(long size) {
        this(size, size, 4096, LatencyModel.NONE);
    }

    /**
     * @param size bytes at first, a multiple of {@code blockSize}
     * @param maxSize bytes up to which it can {@link #grow}; allocated at once
     * @param blockSize a power of two
     */
    public RamMedia(long size, long maxSize, int blockSize, LatencyModel latency) {
        if (Integer.bitCount(blockSize) != 1 || size <= 0 || size % blockSize != 0 || maxSize < size) {
            throw new IllegalArgumentException(
                    "RAM medium of " + size + " to " + maxSize + " bytes in blocks of " + blockSize);
        }
        this.memory = arena.allocate(maxSize, Math.max(blockSize, 64));
        this.zeros = arena.allocate(blockSize, 64);
        this.blockSize = blockSize;
        this.size = size;
        this.characteristics = new MediaCharacteristics("memory", false, latency);
    }

    @Override
    public long size() {
        return size;
    }

    @Override
    public int blockSize() {
        return blockSize;
    }

    @Override
    public MediaCharacteristics characteristics() {
        return characteristics;
    }

    @Override
    public void read(long offset, DmaBuffer target, int targetOffset, int length) {
        MemorySegment.copy(memory, offset, target.segment(), targetOffset, length);
    }

    @Override
    public void write(long offset, DmaBuffer source, int sourceOffset, int length) {
        MemorySegment.copy(source.segment(), sourceOffset, memory, offset, length);
    }

    @Override
    public void flush() {
        // a write is as durable as it will ever be when it returns
    }

    @Override
    public void deallocate(long offset, long length) {
        // Copied, because filling takes a slice, and whether that is allocated is the compiler's mood.
        for (long at = offset; at < offset + length; at += blockSize) {
            MemorySegment.copy(zeros, 0, memory, at, blockSize);
        }
    }

    /** The window lives as long as this medium: plain memory cannot be taken away from one holder alone. */
    @Override
    public MemorySegment view(long offset, long length, Arena ignored) {
        return memory.asSlice(offset, length).asReadOnly();
    }

    @Override
    public void grow(long newSize) throws IOException {
        if (newSize > memory.byteSize()) {
            throw new IOException("no room: the RAM medium was made for at most " + memory.byteSize() + " bytes, and "
                    + newSize + " were asked for");
        }
        if (newSize % blockSize != 0 || newSize < size) {
            throw new IllegalArgumentException("cannot grow from " + size + " to " + newSize + " bytes");
        }
        size = newSize;
    }

    @Override
    public void close() {
        if (arena.scope().isAlive()) {
            arena.close();
        }
    }
}
