package io.sietch.persistent;

import java.lang.foreign.MemorySegment;
import java.nio.BufferUnderflowException;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.Supplier;
import net.openhft.chronicle.bytes.Bytes;
import net.openhft.chronicle.bytes.BytesIn;
import net.openhft.chronicle.bytes.BytesMarshallable;
import net.openhft.chronicle.bytes.BytesOut;
import net.openhft.chronicle.bytes.PointerBytesStore;

/**
 * Codecs for what writes itself to Chronicle Bytes. Values are read from the very memory that they lie in; they are
 * written to memory that grows, and copied: a Chronicle view of a range writes across its end without a word. Needs
 * {@code net.openhft:chronicle-bytes} on the path, which nothing else here does.
 */
@SuppressWarnings("exports") // optional on purpose: only users of this class need Chronicle Bytes
public final class ChronicleCodec {
    private static final int SCRATCH_BYTES = 256;

    private ChronicleCodec() {}

    /**
     * Values that write and read themselves.
     *
     * @param empty makes a value to read into
     */
    public static <T extends BytesMarshallable> Codec<T> of(Supplier<T> empty) {
        return of((value, out) -> value.writeMarshallable(out), in -> {
            T value = empty.get();
            value.readMarshallable(in);
            return value;
        });
    }

    /**
     * Values that somebody else writes and reads.
     *
     * @param writer writes a value
     * @param reader makes a value of all that can be read; the view is not to be kept
     */
    public static <T> Codec<T> of(BiConsumer<T, BytesOut<?>> writer, Function<BytesIn<?>, T> reader) {
        return new ViewCodec<>(writer, reader);
    }

    private record ViewCodec<T>(BiConsumer<T, BytesOut<?>> writer, Function<BytesIn<?>, T> reader) implements Codec<T> {
        @Override
        public int encode(T value, MemorySegment target, long offset) {
            Bytes<byte[]> scratch = Bytes.allocateElasticOnHeap(SCRATCH_BYTES);
            try {
                writer.accept(value, scratch);
                return Codec.bytes().encode(scratch.toByteArray(), target, offset);
            } finally {
                scratch.releaseLast();
            }
        }

        @Override
        public T decode(MemorySegment source, long offset, int length) {
            Bytes<?> view = view(source, offset, length);
            try {
                return reader.apply(view);
            } catch (BufferUnderflowException e) {
                throw new IllegalArgumentException(length + " bytes are too few for such a value", e);
            } finally {
                view.releaseLast();
            }
        }

        private static Bytes<?> view(MemorySegment source, long offset, int length) {
            if (!source.isNative()) {
                return Bytes.wrapForRead(Codec.bytes().decode(source, offset, length));
            }
            PointerBytesStore store = new PointerBytesStore();
            store.set(source.asSlice(offset, length).address(), length);
            return store.bytesForRead();
        }
    }
}
