package io.sietch.persistent;

import java.lang.foreign.MemorySegment;

/**
 * Turns values into bytes and back: how queues and tables hold values of any type.
 *
 * <p>Strings, longs, byte arrays and records have one here; {@link ChronicleCodec} has one for everything that writes
 * itself to Chronicle Bytes. This interface knows only the memory of the JDK, so that nobody who does not use Chronicle
 * needs it on the path, or hears the JDK's warnings about it.
 *
 * <p>Threads: called from any, several at once.
 *
 * @param <T> the values; none of them is null
 */
public interface Codec<T> {
    /**
     * Writes a value's bytes. At most what lies between {@code offset} and the end of {@code target} is changed.
     *
     * @param target memory of any kind
     * @return how many bytes were written; or, if there is no room, {@code -n}: call again with room for {@code n},
     *     which is more than there was
     */
    int encode(T value, MemorySegment target, long offset);

    /**
     * Makes a value of the bytes that {@link #encode} wrote. The memory is not to be kept: its bytes change afterwards.
     *
     * @param source memory of any kind
     * @throws IllegalArgumentException if they are not the bytes of such a value
     */
    T decode(MemorySegment source, long offset, int length);

    /** Strings as UTF-8. */
    static Codec<String> utf8() {
        return PlainCodecs.UTF8;
    }

    /** Longs as eight bytes, little-endian. */
    static Codec<Long> longs() {
        return PlainCodecs.LONGS;
    }

    /** Byte arrays as they are. */
    static Codec<byte[]> bytes() {
        return PlainCodecs.BYTES;
    }

    /**
     * Records, component by component in their order: primitives, strings, byte arrays, enums (by name) and records.
     * Components may be null. A record to whose end components were added reads what was written before as if they had
     * been null or zero; any other change makes another type of it.
     *
     * @throws IllegalArgumentException if a component is of another type, or the record is in a package that its module
     *     does not open to this one
     */
    static <R extends Record> Codec<R> records(Class<R> type) {
        return new RecordCodec<>(type);
    }
}
