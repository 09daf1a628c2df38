package io.sietch.vsic;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import net.openhft.chronicle.bytes.BytesStore;
import org.jspecify.annotations.Nullable;

/**
 * Block-aligned off-heap memory that commands read into and write from. While a command with this buffer is under way,
 * its range belongs to the controller.
 */
public final class DmaBuffer {
    private final MemorySegment segment;
    // Set by the pool that the buffer belongs to, if any.
    @Nullable
    DmaPool pool;

    boolean inPool;

    // Used by the thread that serves the commands, with position and limit set for each of them.
    private final ByteBuffer deviceView;

    private DmaBuffer(MemorySegment segment) {
        this.segment = segment;
        this.deviceView = segment.asByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
    }

    /**
     * Allocates a zeroed buffer.
     *
     * @param size bytes
     * @param alignment of the address in bytes, a power of two
     * @param memory gives zeroed memory, as arenas do; a shared or automatic one if the controller is polled by another
     *     thread
     */
    public static DmaBuffer allocate(int size, int alignment, SegmentAllocator memory) {
        return new DmaBuffer(memory.allocate(size, alignment));
    }

    /** The memory as the JDK sees it. */
    public MemorySegment segment() {
        return segment;
    }

    /** The size in bytes. */
    public int size() {
        return deviceView.capacity();
    }

    /**
     * The same memory as a Chronicle Bytes store, for codecs. Needs {@code net.openhft:chronicle-bytes} on the path,
     * which nothing else here does. The store must not be used after the arena of this buffer was closed.
     */
    @SuppressWarnings("exports") // optional on purpose: only callers of this method need Chronicle Bytes
    public BytesStore<?, Void> bytes() {
        return ChronicleView.of(segment);
    }

    /** Whether the calling thread may touch the memory: its arena is open, and not confined to another thread. */
    boolean isUsable() {
        return segment.scope().isAlive() && segment.isAccessibleBy(Thread.currentThread());
    }

    /** The range as a byte buffer, for channels. The one buffer is reused: device thread only. */
    ByteBuffer deviceView(int offset, int length) {
        return deviceView.limit(offset + length).position(offset);
    }
}
