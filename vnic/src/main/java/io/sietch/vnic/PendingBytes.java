package io.sietch.vnic;

import io.sietch.vnic.BufferPool.Buffer;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Bytes in order that wait to be taken. Memory is held only while there are some. One thread. */
final class PendingBytes {
    private final BufferPool pool;
    private @Nullable Buffer buffer;
    private int from;
    private int to;

    PendingBytes(BufferPool pool) {
        this.pool = pool;
    }

    int size() {
        return to - from;
    }

    /** Where they are, from {@link #offset} on. */
    MemorySegment segment() {
        return buffer == null ? MemorySegment.NULL : buffer.segment;
    }

    int offset() {
        return from;
    }

    /** Appends a copy. Returns false, having done nothing, if there is no memory for it. */
    boolean append(MemorySegment source, long at, int length) {
        Buffer into = length == 0 ? buffer : room(length);
        if (into == null) {
            return length == 0;
        }
        MemorySegment.copy(source, at, into.segment, to, length);
        to += length;
        return true;
    }

    private @Nullable Buffer room(int length) {
        Buffer now = buffer;
        int size = to - from;
        if (now != null && now.capacity - to >= length) {
            return now;
        }
        // Moved to the front only if at least as many were taken since: so a byte is moved once on average.
        Buffer into = now != null && from >= size && now.capacity - size >= length
                ? now
                : pool.acquire(Math.max(size + length, 2 * size));
        if (into == null) {
            return null;
        }
        if (now != null) {
            MemorySegment.copy(now.segment, from, into.segment, 0, size);
            if (into != now) {
                pool.release(now);
            }
        }
        buffer = into;
        from = 0;
        to = size;
        return into;
    }

    /** Moves as many bytes as fit. Returns how many. */
    int take(ByteBuffer target) {
        int length = Math.min(target.remaining(), to - from);
        if (buffer != null && length > 0) {
            target.put(target.position(), buffer.view(from, from + length), from, length);
            target.position(target.position() + length);
            drop(length);
        }
        return length;
    }

    /** Gives up the first bytes. */
    void drop(int length) {
        from += length;
        if (from == to) {
            clear();
        }
    }

    void clear() {
        if (buffer != null) {
            pool.release(buffer);
            buffer = null;
        }
        from = 0;
        to = 0;
    }
}
