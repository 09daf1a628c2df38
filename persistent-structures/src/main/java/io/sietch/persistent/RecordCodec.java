package io.sietch.persistent;

import static io.sietch.persistent.Layouts.INT;
import static io.sietch.persistent.Layouts.LONG;
import static io.sietch.persistent.Layouts.SHORT;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.lang.foreign.MemorySegment;
import java.lang.reflect.Constructor;
import java.lang.reflect.InaccessibleObjectException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Records as bytes: their components in order, packed, little-endian.
 *
 * <pre>
 *  boolean, byte                  1 byte
 *  short, char                    2 bytes
 *  int, float                     4 bytes
 *  long, double                   8 bytes
 *  String, byte[], enum, record   length (4 bytes; -1 is null), then as many bytes:
 *                                 UTF-8, the bytes, the UTF-8 of the name, the components of the record
 * </pre>
 *
 * <p>Where the bytes end before a component, that and all later ones are null or zero.
 */
final class RecordCodec<R extends Record> implements Codec<R> {
    private static final int NULL = -1;

    private final Class<R> type;
    private final Part[] parts;
    private final Constructor<R> constructor;

    /** How components of one type are written and read. */
    private interface Part {
        void write(@Nullable Object value, Sink sink);

        @Nullable
        Object read(Source source);
    }

    RecordCodec(Class<R> type) {
        this.type = type;
        RecordComponent[] components = type.getRecordComponents();
        this.parts = new Part[components.length];
        Class<?>[] types = new Class<?>[components.length];
        try {
            for (int i = 0; i < components.length; i++) {
                types[i] = components[i].getType();
                Method accessor = components[i].getAccessor();
                accessor.setAccessible(true);
                parts[i] = new Component(accessor, part(components[i]));
            }
            this.constructor = type.getDeclaredConstructor(types);
            constructor.setAccessible(true);
        } catch (InaccessibleObjectException e) {
            throw new IllegalArgumentException(type.getName() + " cannot be looked into: let its module say \"opens "
                    + type.getPackageName() + " to io.sietch.persistent\"");
        } catch (NoSuchMethodException e) {
            throw new AssertionError("a record without its constructor: " + type, e);
        }
    }

    @Override
    public int encode(R value, MemorySegment target, long offset) {
        Sink sink = new Sink(target, offset);
        write(value, sink);
        return sink.lengthOrLack(offset);
    }

    private void write(Record value, Sink sink) {
        for (Part part : parts) {
            part.write(value, sink);
        }
    }

    @Override
    public R decode(MemorySegment source, long offset, int length) {
        return read(new Source(source, offset, offset + length));
    }

    private R read(Source source) {
        @Nullable Object[] values = new @Nullable Object[parts.length];
        for (int i = 0; i < parts.length; i++) {
            values[i] = parts[i].read(source);
        }
        if (source.at != source.end) {
            throw new IllegalArgumentException(
                    (source.end - source.at) + " bytes are left over behind a " + type.getSimpleName());
        }
        try {
            return constructor.newInstance(values);
        } catch (InvocationTargetException e) {
            throw new IllegalArgumentException("no " + type.getSimpleName() + ": " + e.getCause(), e.getCause());
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("no " + type.getSimpleName() + " can be made", e);
        }
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof RecordCodec<?> codec && codec.type == type;
    }

    @Override
    public int hashCode() {
        return type.hashCode();
    }

    @Override
    public String toString() {
        return "Codec.records(" + type.getSimpleName() + ")";
    }

    // ---- components ---------------------------------------------------------------------------------------------

    private static Part part(RecordComponent component) {
        Class<?> type = component.getType();
        if (type.isPrimitive()) {
            return PrimitivePart.of(type);
        }
        if (type == String.class) {
            return new BytesPart(value -> ((String) value).getBytes(UTF_8), bytes -> new String(bytes, UTF_8));
        }
        if (type == byte[].class) {
            return new BytesPart(value -> (byte[]) value, bytes -> bytes);
        }
        if (type.isEnum()) {
            Object[] constants = type.getEnumConstants();
            return new BytesPart(
                    value -> ((Enum<?>) value).name().getBytes(UTF_8), bytes -> constant(constants, bytes, component));
        }
        if (type.isRecord()) {
            return new NestedPart(new RecordCodec<>(type.asSubclass(Record.class)));
        }
        throw new IllegalArgumentException("component " + component.getName() + " of "
                + component.getDeclaringRecord().getSimpleName() + " is a " + type.getSimpleName()
                + ": records may hold primitives, strings, byte arrays, enums and records");
    }

    private static Object constant(Object[] constants, byte[] bytes, RecordComponent component) {
        String name = new String(bytes, UTF_8);
        for (Object constant : constants) {
            if (((Enum<?>) constant).name().equals(name)) {
                return constant;
            }
        }
        throw new IllegalArgumentException(
                component.getType().getSimpleName() + " has no constant named \"" + name + "\"");
    }

    /** A component of a record: the value is the record. */
    private record Component(Method accessor, Part part) implements Part {
        @Override
        public void write(@Nullable Object value, Sink sink) {
            try {
                part.write(accessor.invoke(value), sink);
            } catch (ReflectiveOperationException e) {
                throw new IllegalArgumentException(accessor + " failed", e);
            }
        }

        @Override
        public @Nullable Object read(Source source) {
            return part.read(source);
        }
    }

    private enum PrimitivePart implements Part {
        BOOLEAN(boolean.class, 1) {
            @Override
            long bits(Object value) {
                return (Boolean) value ? 1 : 0;
            }

            @Override
            Object value(long bits) {
                return bits != 0;
            }
        },
        BYTE(byte.class, 1) {
            @Override
            Object value(long bits) {
                return (byte) bits;
            }
        },
        SHORT_INTEGER(short.class, 2) {
            @Override
            Object value(long bits) {
                return (short) bits;
            }
        },
        CHARACTER(char.class, 2) {
            @Override
            long bits(Object value) {
                return (Character) value;
            }

            @Override
            Object value(long bits) {
                return (char) bits;
            }
        },
        INTEGER(int.class, 4) {
            @Override
            Object value(long bits) {
                return (int) bits;
            }
        },
        LONG_INTEGER(long.class, 8) {
            @Override
            Object value(long bits) {
                return bits;
            }
        },
        FLOAT(float.class, 4) {
            @Override
            long bits(Object value) {
                return Float.floatToRawIntBits((Float) value);
            }

            @Override
            Object value(long bits) {
                return Float.intBitsToFloat((int) bits);
            }
        },
        DOUBLE(double.class, 8) {
            @Override
            long bits(Object value) {
                return Double.doubleToRawLongBits((Double) value);
            }

            @Override
            Object value(long bits) {
                return Double.longBitsToDouble(bits);
            }
        };

        private final Class<?> type;
        private final int bytes;

        PrimitivePart(Class<?> type, int bytes) {
            this.type = type;
            this.bytes = bytes;
        }

        static PrimitivePart of(Class<?> type) {
            for (PrimitivePart part : values()) {
                if (part.type == type) {
                    return part;
                }
            }
            throw new AssertionError("a component cannot be " + type);
        }

        long bits(Object value) {
            return ((Number) value).longValue();
        }

        abstract Object value(long bits);

        @Override
        public void write(@Nullable Object value, Sink sink) {
            assert value != null;
            sink.put(bits(value), bytes);
        }

        @Override
        public Object read(Source source) {
            return value(source.isAtEnd() ? 0 : source.get(bytes));
        }
    }

    private record BytesPart(Function<Object, byte[]> toBytes, Function<byte[], Object> fromBytes) implements Part {
        @Override
        public void write(@Nullable Object value, Sink sink) {
            if (value == null) {
                sink.put(NULL, Integer.BYTES);
            } else {
                byte[] bytes = toBytes.apply(value);
                sink.put(bytes.length, Integer.BYTES);
                sink.put(bytes);
            }
        }

        @Override
        public @Nullable Object read(Source source) {
            int length = source.length();
            return length == NULL ? null : fromBytes.apply(source.bytes(length));
        }
    }

    private record NestedPart(RecordCodec<?> codec) implements Part {
        @Override
        public void write(@Nullable Object value, Sink sink) {
            if (value == null) {
                sink.put(NULL, Integer.BYTES);
            } else {
                long lengthAt = sink.at;
                sink.put(0, Integer.BYTES);
                codec.write((Record) value, sink);
                sink.patchLength(lengthAt);
            }
        }

        @Override
        public @Nullable Object read(Source source) {
            int length = source.length();
            if (length == NULL) {
                return null;
            }
            Source nested = new Source(source.memory, source.at, source.at + length);
            source.at += length;
            return codec.read(nested);
        }
    }

    /** Where bytes go. Beyond the end of the memory they are counted only. */
    private static final class Sink {
        private final MemorySegment memory;
        private long at;

        Sink(MemorySegment memory, long at) {
            this.memory = memory;
            this.at = at;
        }

        void put(long bits, int bytes) {
            if (bytes <= memory.byteSize() - at) {
                switch (bytes) {
                    case Byte.BYTES -> memory.set(JAVA_BYTE, at, (byte) bits);
                    case Short.BYTES -> memory.set(SHORT, at, (short) bits);
                    case Integer.BYTES -> memory.set(INT, at, (int) bits);
                    default -> memory.set(LONG, at, bits);
                }
            }
            at += bytes;
        }

        void put(byte[] bytes) {
            if (bytes.length <= memory.byteSize() - at) {
                MemorySegment.copy(bytes, 0, memory, JAVA_BYTE, at, bytes.length);
            }
            at += bytes.length;
        }

        void patchLength(long lengthAt) {
            if (at <= memory.byteSize()) {
                memory.set(INT, lengthAt, (int) (at - lengthAt - Integer.BYTES));
            }
        }

        int lengthOrLack(long offset) {
            int length = Math.toIntExact(at - offset);
            return at <= memory.byteSize() ? length : -length;
        }
    }

    /** Where bytes come from, and where they end. */
    private static final class Source {
        private final MemorySegment memory;
        private final long end;
        private long at;

        Source(MemorySegment memory, long at, long end) {
            this.memory = memory;
            this.at = at;
            this.end = end;
        }

        boolean isAtEnd() {
            return at == end;
        }

        private long take(int bytes) {
            if (bytes > end - at) {
                throw new IllegalArgumentException(bytes + " bytes are wanted, and " + (end - at) + " are left");
            }
            long from = at;
            at += bytes;
            return from;
        }

        long get(int bytes) {
            long from = take(bytes);
            return switch (bytes) {
                case Byte.BYTES -> memory.get(JAVA_BYTE, from);
                case Short.BYTES -> memory.get(SHORT, from);
                case Integer.BYTES -> memory.get(INT, from);
                default -> memory.get(LONG, from);
            };
        }

        /** The length of what follows, checked to be there; {@link #NULL} at the end. */
        int length() {
            int length = isAtEnd() ? NULL : (int) get(Integer.BYTES);
            if (length < NULL || length > end - at) {
                throw new IllegalArgumentException(
                        "a length of " + length + " is wrong where " + (end - at) + " bytes are left");
            }
            return length;
        }

        byte[] bytes(int length) {
            long from = take(length);
            return memory.asSlice(from, length).toArray(JAVA_BYTE);
        }
    }
}
