package io.sietch.vsic;

import java.lang.foreign.Arena;
import org.jspecify.annotations.Nullable;

/**
 * A fixed number of equal {@link DmaBuffer}s, allocated once. An empty pool is a return value, not an exception. One
 * thread.
 */
public final class DmaPool implements AutoCloseable {
    private final Arena arena = Arena.ofShared();
    private final DmaBuffer[] free;
    private final int bufferSize;
    private int available;

    /**
     * @param buffers how many
     * @param bufferSize bytes of each, a multiple of {@code blockSize}
     * @param blockSize alignment of each in bytes, a power of two
     */
    public DmaPool(int buffers, int bufferSize, int blockSize) {
        if (buffers <= 0
                || Integer.bitCount(blockSize) != 1
                || blockSize <= 0
                || bufferSize <= 0
                || bufferSize % blockSize != 0) {
            throw new IllegalArgumentException(
                    buffers + " buffers of " + bufferSize + " bytes in blocks of " + blockSize);
        }
        this.bufferSize = bufferSize;
        this.free = new DmaBuffer[buffers];
        for (int i = 0; i < buffers; i++) {
            free[i] = DmaBuffer.allocate(bufferSize, blockSize, arena);
            free[i].pool = this;
            free[i].inPool = true;
        }
        this.available = buffers;
    }

    /** Takes a buffer, or {@code null} when all are in use. Its bytes are whatever its last user left. */
    public @Nullable DmaBuffer acquire() {
        if (available == 0) {
            return null;
        }
        DmaBuffer buffer = free[--available];
        buffer.inPool = false;
        return buffer;
    }

    /**
     * Gives a buffer back.
     *
     * @throws IllegalArgumentException if it belongs elsewhere, or was given back already
     */
    public void release(DmaBuffer buffer) {
        if (buffer.pool != this || buffer.inPool) {
            throw new IllegalArgumentException((buffer.inPool
                            ? "buffer given back twice"
                            : "foreign buffer of " + buffer.size() + " bytes given back")
                    + " to a pool of " + free.length + " x " + bufferSize + " bytes with " + available + " free");
        }
        buffer.inPool = true;
        free[available++] = buffer;
    }

    /** How many buffers are free. */
    public int available() {
        return available;
    }

    /** The size of each buffer in bytes. */
    public int bufferSize() {
        return bufferSize;
    }

    /** Frees the memory. No command may be under way with any buffer of the pool. */
    @Override
    public void close() {
        arena.close();
    }
}
