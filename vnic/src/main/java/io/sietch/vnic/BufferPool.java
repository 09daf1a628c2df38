package io.sietch.vnic;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The memory of all flows of one network: buffers in powers of two, handed out while a flow has bytes to hold and taken
 * back as soon as it has none. So an idle flow holds no buffer. Up to {@link #KEPT_BYTES} of free buffers are kept for
 * the next taker; the rest goes back to the system at once. One thread.
 */
final class BufferPool implements AutoCloseable {
    /** Smaller buffers are not worth their bookkeeping. */
    static final int MIN_BYTES = 512;

    private static final int MIN_SHIFT = Integer.numberOfTrailingZeros(MIN_BYTES);
    private static final int CLASSES = Integer.numberOfTrailingZeros(NetworkOptions.MAX_BUFFER_BYTES) - MIN_SHIFT + 1;

    /** Enough for a turn of a busy loop with a thousand flows. */
    private static final long KEPT_BYTES = 16 << 20;

    /** A piece of native memory and the view of it that channels want. */
    static final class Buffer {
        final MemorySegment segment;
        final int capacity;
        private final ByteBuffer view;
        private final Arena arena;

        private Buffer(Arena arena, int capacity) {
            this.arena = arena;
            this.segment = arena.allocate(capacity, 64);
            this.capacity = capacity;
            this.view = segment.asByteBuffer();
        }

        /** The range as a byte buffer. The one object is used again and again. */
        ByteBuffer view(int from, int to) {
            return view.limit(to).position(from);
        }
    }

    private final Supplier<Arena> arenas;
    private final long maxBytes;
    private final ArrayDeque<Buffer>[] free;
    private long keptBytes;
    private long usedBytes;

    /** Of one thread for good: closing an arena that is confined is cheap. */
    BufferPool(long maxBytes) {
        this(Arena::ofConfined, maxBytes);
    }

    /**
     * @param arenas where a buffer comes from
     * @param maxBytes what all buffers in use together may take
     */
    @SuppressWarnings({"unchecked", "rawtypes"})
    BufferPool(Supplier<Arena> arenas, long maxBytes) {
        this.arenas = arenas;
        this.maxBytes = maxBytes;
        this.free = new ArrayDeque[CLASSES];
        for (int i = 0; i < CLASSES; i++) {
            free[i] = new ArrayDeque<>();
        }
    }

    /** A buffer of at least {@code bytes}, holding anything; null if the limit does not allow it. */
    @Nullable
    Buffer acquire(int bytes) {
        int sizeClass = sizeClass(bytes);
        if (sizeClass >= CLASSES) {
            return null;
        }
        int capacity = MIN_BYTES << sizeClass;
        if (usedBytes + capacity > maxBytes) {
            return null;
        }
        Buffer buffer = free[sizeClass].pollLast();
        if (buffer == null) {
            buffer = new Buffer(arenas.get(), capacity);
        } else {
            keptBytes -= capacity;
        }
        usedBytes += capacity;
        return buffer;
    }

    private static int sizeClass(int bytes) {
        return bytes <= MIN_BYTES ? 0 : 32 - Integer.numberOfLeadingZeros(bytes - 1) - MIN_SHIFT;
    }

    /** Takes a buffer of this pool back. */
    void release(Buffer buffer) {
        usedBytes -= buffer.capacity;
        if (keptBytes + buffer.capacity <= KEPT_BYTES) {
            keptBytes += buffer.capacity;
            free[sizeClass(buffer.capacity)].addLast(buffer);
        } else {
            buffer.arena.close();
        }
    }

    /** Bytes of the buffers in use. */
    long usedBytes() {
        return usedBytes;
    }

    /** Frees the memory that is not in use. */
    @Override
    public void close() {
        for (ArrayDeque<Buffer> buffers : free) {
            for (Buffer buffer : buffers) {
                buffer.arena.close();
            }
            buffers.clear();
        }
        keptBytes = 0;
    }
}
