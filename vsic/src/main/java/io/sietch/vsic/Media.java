package io.sietch.vsic;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * A block device, and the one seam at which faults are injected: {@link MappedFileMedia}, {@link RamMedia} and the
 * crash kit's medium are all that the rooms above ever stand on.
 *
 * <p>The contract is docs/media-model.md. A write is visible to reads when {@link #write} returns and durable when a
 * {@link #flush} that was called afterwards returns. Until then any subset of its sectors may survive a crash. After a
 * failed flush nothing written since the last good one may be assumed.
 *
 * <p>Threads: one thread at a time calls read, write and deallocate. {@link #flush} and {@link #grow} may run on
 * another thread at the same time.
 */
public interface Media extends AutoCloseable {
    /** The size in bytes, a multiple of {@link #blockSize()}. Only {@link #grow} changes it. */
    long size();

    /** The unit of offsets and lengths in bytes, a power of two. */
    int blockSize();

    MediaCharacteristics characteristics();

    /**
     * Copies {@code length} bytes at {@code offset} of the medium into the buffer.
     *
     * @throws IOException if any of them cannot be read; the buffer may then hold anything
     */
    void read(long offset, DmaBuffer target, int targetOffset, int length) throws IOException;

    /**
     * Copies {@code length} bytes of the buffer to {@code offset} of the medium.
     *
     * @throws IOException if the medium refuses; any part may have been written
     */
    void write(long offset, DmaBuffer source, int sourceOffset, int length) throws IOException;

    /**
     * Makes every write durable that returned before this call.
     *
     * @throws IOException if that cannot be promised. The failure is final: a later good flush says nothing about
     *     writes made before it.
     */
    void flush() throws IOException;

    /**
     * Says that the range is not needed any more. Reads return anything until it is written again. Space stays
     * reserved, so a later write cannot run out of it.
     */
    void deallocate(long offset, long length) throws IOException;

    /**
     * A read-only window on the medium that shows writes as soon as they return. It is valid until the arena is closed,
     * or, if the medium cannot take memory away, until the medium is.
     */
    MemorySegment view(long offset, long length, Arena arena) throws IOException;

    /**
     * Grows the medium: the new bytes are zero and durable before {@link #size()} shows them.
     *
     * @throws IOException if there is no room; the size is then as before
     */
    void grow(long newSize) throws IOException;

    @Override
    void close() throws IOException;
}
