package io.sietch.net;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** Numbers in network byte order at any offset. What is unsigned comes back in the next larger type. */
public final class NetBytes {
    private static final ValueLayout.OfShort BIG16 = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfInt BIG32 = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfLong BIG64 = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    private NetBytes() {}

    /** The byte at an offset, unsigned. */
    public static int u8(MemorySegment memory, long offset) {
        return memory.get(ValueLayout.JAVA_BYTE, offset) & 0xFF;
    }

    /** The 16 bits at an offset, unsigned. */
    public static int u16(MemorySegment memory, long offset) {
        return memory.get(BIG16, offset) & 0xFFFF;
    }

    /** The 32 bits at an offset. */
    public static int i32(MemorySegment memory, long offset) {
        return memory.get(BIG32, offset);
    }

    /** The 64 bits at an offset. */
    public static long i64(MemorySegment memory, long offset) {
        return memory.get(BIG64, offset);
    }

    /** Writes the low 8 bits. */
    public static void put8(MemorySegment memory, long offset, int value) {
        memory.set(ValueLayout.JAVA_BYTE, offset, (byte) value);
    }

    /** Writes the low 16 bits. */
    public static void put16(MemorySegment memory, long offset, int value) {
        memory.set(BIG16, offset, (short) value);
    }

    /** Writes 32 bits. */
    public static void put32(MemorySegment memory, long offset, int value) {
        memory.set(BIG32, offset, value);
    }

    /** Writes 64 bits. */
    public static void put64(MemorySegment memory, long offset, long value) {
        memory.set(BIG64, offset, value);
    }
}
