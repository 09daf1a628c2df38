package io.sietch.persistent;

import static io.sietch.persistent.Layouts.LONG;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.lang.foreign.MemorySegment;

/** The codecs of {@link Codec} that need no words. */
final class PlainCodecs {
    static final Codec<byte[]> BYTES = new TotalCodec<>() {
        @Override
        public int encode(byte[] value, MemorySegment target, long offset) {
            if (value.length > target.byteSize() - offset) {
                return -value.length;
            }
            MemorySegment.copy(value, 0, target, JAVA_BYTE, offset, value.length);
            return value.length;
        }

        @Override
        public byte[] decode(MemorySegment source, long offset, int length) {
            byte[] value = new byte[length];
            MemorySegment.copy(source, JAVA_BYTE, offset, value, 0, length);
            return value;
        }

        @Override
        public String toString() {
            return "Codec.bytes()";
        }
    };

    static final Codec<String> UTF8 = new TotalCodec<>() {
        @Override
        public int encode(String value, MemorySegment target, long offset) {
            return BYTES.encode(value.getBytes(UTF_8), target, offset);
        }

        @Override
        public String decode(MemorySegment source, long offset, int length) {
            return new String(BYTES.decode(source, offset, length), UTF_8);
        }

        @Override
        public String toString() {
            return "Codec.utf8()";
        }
    };

    static final Codec<Long> LONGS = new TotalCodec<>() {
        @Override
        public int encode(Long value, MemorySegment target, long offset) {
            if (Long.BYTES > target.byteSize() - offset) {
                return -Long.BYTES;
            }
            target.set(LONG, offset, value);
            return Long.BYTES;
        }

        @Override
        public Long decode(MemorySegment source, long offset, int length) {
            if (length != Long.BYTES) {
                throw new IllegalArgumentException(length + " bytes are no long, which has " + Long.BYTES);
            }
            return source.get(LONG, offset);
        }

        @Override
        public String toString() {
            return "Codec.longs()";
        }
    };

    private PlainCodecs() {}
}
