package io.sietch.persistent;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * What a thread copies a value to while it has a {@link TableGlance glance} at a table. Each platform thread has one,
 * whatever the number of tables; so taking it costs no atomic operation, and it refers to no table.
 *
 * <p>Threads: its own.
 */
final class GlanceBuffer {
    /** Longer values are not worth a second copy. */
    static final int VALUE_MAX = 4096;

    private static final ThreadLocal<GlanceBuffer> OWN = ThreadLocal.withInitial(GlanceBuffer::new);

    private final RequestBuffer key = new RequestBuffer();
    private final MemorySegment value = Arena.ofAuto().allocate(VALUE_MAX, Long.BYTES);
    private boolean taken;
    private int length;

    /** That of the calling thread; null if it is in use, as where a codec reads a table, or the thread is virtual. */
    static @Nullable GlanceBuffer take() {
        if (Thread.currentThread().isVirtual()) {
            // There may be millions of them.
            return null;
        }
        GlanceBuffer own = OWN.get();
        if (own.taken) {
            return null;
        }
        own.taken = true;
        return own;
    }

    /** To be done with what {@link #take} gave. */
    void give() {
        taken = false;
        if (!key.isKept()) {
            OWN.remove();
        }
    }

    /** Writes the key to look for. */
    <K> RequestBuffer key(Codec<K> codec, K wanted) {
        return key.begin().key(codec, wanted);
    }

    /** Copies a value of at most {@link #VALUE_MAX} bytes. */
    void copy(MemorySegment source, long offset, int newLength) {
        MemorySegment.copy(source, offset, value, 0, newLength);
        length = newLength;
    }

    /** The value that was copied. */
    <V> V value(Codec<V> codec) {
        return codec.decode(value, 0, length);
    }
}
