package io.sietch.persistent;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * Native memory that a caller of a {@link PersistentTable} builds a request in, see {@link TableRequestFormat}: it
 * grows as needed. Used by one thread at a time.
 */
final class RequestBuffer {
    private static final int FIRST_BYTES = 1024;

    /** Larger ones are not kept. */
    private static final int KEPT_BYTES = 1 << 20;

    private MemorySegment memory = allocate(FIRST_BYTES);
    private int used;
    private int keyLength;

    /** Buffers that nobody is using, by a number made of the thread's. */
    static final class Pool {
        private final AtomicReferenceArray<@Nullable RequestBuffer> idle = new AtomicReferenceArray<>(64);

        private int place() {
            return (int) Checksum.mix(Thread.currentThread().threadId()) & idle.length() - 1;
        }

        RequestBuffer take() {
            RequestBuffer buffer = idle.getAndSet(place(), null);
            return (buffer == null ? new RequestBuffer() : buffer).begin();
        }

        void give(RequestBuffer buffer) {
            if (buffer.isKept()) {
                idle.set(place(), buffer);
            }
        }
    }

    private static MemorySegment allocate(long bytes) {
        return Arena.ofAuto().allocate(bytes, Long.BYTES);
    }

    /** Whether it is small enough to be kept while nobody uses it. */
    boolean isKept() {
        return memory.byteSize() <= KEPT_BYTES;
    }

    /** Begins a request without items. */
    RequestBuffer begin() {
        used = TableRequestFormat.RECORD;
        return this;
    }

    MemorySegment memory() {
        return memory;
    }

    /** The length of the request in bytes. */
    int length() {
        return used;
    }

    boolean hasItems() {
        return used > TableRequestFormat.RECORD;
    }

    /** Writes a key where the next item's is to be: for looking it up, or for {@link #add}. */
    <K> RequestBuffer key(Codec<K> codec, K key) {
        keyLength = encode(codec, key, keyOffset());
        return this;
    }

    long keyOffset() {
        return used + (long) TableRecordFormat.KEY;
    }

    int keyLength() {
        return keyLength;
    }

    /** Adds an item that puts a value under the key that was written. */
    <V> RequestBuffer addPut(Codec<V> codec, V value) {
        return add(TableRecordFormat.PUT, encode(codec, value, keyOffset() + keyLength));
    }

    /** As {@link #addPut(Codec, Object)}, until a time in milliseconds since 1970. */
    <V> RequestBuffer addPut(Codec<V> codec, V value, long expiry) {
        if (expiry == TableRecordFormat.NEVER) {
            return addPut(codec, value);
        }
        int at = used;
        int length = Math.addExact(encode(codec, value, keyOffset() + keyLength), TableRecordFormat.EXPIRY_BYTES);
        add(TableRecordFormat.PUT_UNTIL, length);
        TableRecordFormat.writeExpiry(memory, at, expiry);
        return this;
    }

    /** Adds an item that removes the key that was written. */
    RequestBuffer addRemove() {
        return add(TableRecordFormat.REMOVE, 0);
    }

    /** Adds an item that removes all keys. */
    RequestBuffer addClear() {
        keyLength = 0;
        return add(TableRecordFormat.CLEAR, 0);
    }

    private RequestBuffer add(int kind, int valueLength) {
        long end = used + TableRecordFormat.itemBytes(keyLength, valueLength);
        reserve(end);
        TableRecordFormat.writeHeader(memory, used, kind, keyLength, valueLength);
        used = Math.toIntExact(end);
        return this;
    }

    /** Takes back what was added behind this length. */
    void cutTo(int length) {
        used = length;
    }

    private <T> int encode(Codec<T> codec, T value, long offset) {
        reserve(offset);
        int length = codec.encode(value, memory, offset);
        while (length < 0) {
            reserve(offset - (long) length);
            length = codec.encode(value, memory, offset);
        }
        return length;
    }

    private void reserve(long bytes) {
        if (bytes > memory.byteSize()) {
            if (bytes > Integer.MAX_VALUE) {
                throw new IllegalArgumentException("a request of " + bytes + " bytes");
            }
            MemorySegment larger = allocate(Math.max(bytes, Math.min(2 * memory.byteSize(), Integer.MAX_VALUE)));
            MemorySegment.copy(memory, 0, larger, 0, memory.byteSize());
            memory = larger;
        }
    }
}
