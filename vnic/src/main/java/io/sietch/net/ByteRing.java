package io.sietch.net;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/**
 * Bytes in the order of a stream, in a ring. Offsets count from the oldest byte that is still there. Bytes may also be
 * put down beyond the end, and be appended later by {@link #extend}.
 *
 * <p>An empty ring begins again at its first byte. So a connection whose requests and answers are short lives in a few
 * lines of the caches, and does not walk through all of the ring, and all the others through theirs.
 */
final class ByteRing {
    private final MemorySegment memory;
    // The same memory; copies between it and the application's buffers make no objects.
    private final ByteBuffer view;
    private final int mask;
    private long from;
    private int size;

    /** @param memory of a power of two bytes */
    ByteRing(MemorySegment memory) {
        this.memory = memory;
        this.view = memory.asByteBuffer();
        this.mask = (int) memory.byteSize() - 1;
    }

    MemorySegment memory() {
        return memory;
    }

    int capacity() {
        return mask + 1;
    }

    int size() {
        return size;
    }

    int room() {
        return mask + 1 - size;
    }

    /** Begins again at the first byte if the ring is empty. Nothing may have been put down beyond the end. */
    void rewind() {
        if (size == 0) {
            from = 0;
        }
    }

    /** Puts bytes down at an offset, at or beyond the end, within the capacity. */
    void put(int offset, MemorySegment source, long sourceAt, int length) {
        int at = (int) (from + offset) & mask;
        int first = Math.min(length, mask + 1 - at);
        MemorySegment.copy(source, sourceAt, memory, at, first);
        if (first < length) {
            MemorySegment.copy(source, sourceAt + first, memory, 0, length - first);
        }
    }

    /** Takes bytes that were put down at the end into the ring. */
    void extend(int length) {
        size += length;
    }

    /** Appends as many of the remaining bytes as there is room for. Returns how many. */
    int append(ByteBuffer source) {
        rewind();
        int length = Math.min(source.remaining(), room());
        int at = (int) (from + size) & mask;
        int first = Math.min(length, mask + 1 - at);
        view.put(at, source, source.position(), first);
        view.put(0, source, source.position() + first, length - first);
        source.position(source.position() + length);
        size += length;
        return length;
    }

    /** Moves as many bytes as fit to the buffer. Returns how many. */
    int take(ByteBuffer target) {
        int length = Math.min(target.remaining(), size);
        int at = (int) from & mask;
        int first = Math.min(length, mask + 1 - at);
        target.put(target.position(), view, at, first);
        target.put(target.position() + first, view, 0, length - first);
        target.position(target.position() + length);
        drop(length);
        return length;
    }

    /** Copies bytes that are there. */
    void get(int offset, int length, MemorySegment target, long targetAt) {
        int at = (int) (from + offset) & mask;
        int first = Math.min(length, mask + 1 - at);
        MemorySegment.copy(memory, at, target, targetAt, first);
        if (first < length) {
            MemorySegment.copy(memory, 0, target, targetAt + first, length - first);
        }
    }

    /** Where in the memory the oldest byte lies. */
    int firstAt() {
        return (int) from & mask;
    }

    /** How many bytes lie there one after the other. */
    int firstRun() {
        return Math.min(size, mask + 1 - firstAt());
    }

    /** Where in the memory the next byte goes. */
    int roomAt() {
        rewind();
        return (int) (from + size) & mask;
    }

    /** How many bytes have room there one after the other. */
    int roomRun() {
        return Math.min(room(), mask + 1 - roomAt());
    }

    /** Gives up the oldest bytes. */
    void drop(int length) {
        from += length;
        size -= length;
    }
}
