package io.sietch.bench.log;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;

/**
 * One record's bytes in the two shapes that contenders take: which of them is a contender's own business.
 *
 * @param bytes on the heap
 * @param segment the same bytes off the heap
 */
record Payload(byte[] bytes, MemorySegment segment) {
    /** Bytes that do not compress. */
    static Payload random(int length, long seed) {
        byte[] bytes = new byte[length];
        SplittableRandom random = new SplittableRandom(seed);
        random.nextBytes(bytes);
        MemorySegment segment = Arena.ofAuto().allocate(Math.max(length, 1), 8);
        MemorySegment.copy(bytes, 0, segment, ValueLayout.JAVA_BYTE, 0, length);
        return new Payload(bytes, segment);
    }

    int length() {
        return bytes.length;
    }
}
