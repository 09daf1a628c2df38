package io.sietch.persistent;

import static io.sietch.persistent.Layouts.LONG;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * SipHash-1-3 with a secret: whoever does not know it cannot choose keys that meet in one place of a table.
 * Allocation-free; any number of threads.
 */
public final class KeyHash {
    private final long key0;
    private final long key1;

    /** Both halves of the secret should be random. */
    public KeyHash(long key0, long key1) {
        this.key0 = key0;
        this.key1 = key1;
    }

    long secret0() {
        return key0;
    }

    long secret1() {
        return key1;
    }

    /** The hash of the bytes. */
    public long of(MemorySegment bytes, long offset, int length) {
        long v0 = key0 ^ 0x736f6d6570736575L;
        long v1 = key1 ^ 0x646f72616e646f6dL;
        long v2 = key0 ^ 0x6c7967656e657261L;
        long v3 = key1 ^ 0x7465646279746573L;
        long end = offset + (length & ~7);
        long at = offset;
        while (true) {
            boolean last = at == end;
            long word = last ? tail(bytes, offset, length) : bytes.get(LONG, at);
            v3 ^= word;
            v0 += v1;
            v2 += v3;
            v1 = Long.rotateLeft(v1, 13) ^ v0;
            v3 = Long.rotateLeft(v3, 16) ^ v2;
            v0 = Long.rotateLeft(v0, 32);
            v2 += v1;
            v0 += v3;
            v1 = Long.rotateLeft(v1, 17) ^ v2;
            v3 = Long.rotateLeft(v3, 21) ^ v0;
            v2 = Long.rotateLeft(v2, 32);
            v0 ^= word;
            if (last) {
                break;
            }
            at += 8;
        }
        v2 ^= 0xff;
        for (int round = 0; round < 3; round++) {
            v0 += v1;
            v2 += v3;
            v1 = Long.rotateLeft(v1, 13) ^ v0;
            v3 = Long.rotateLeft(v3, 16) ^ v2;
            v0 = Long.rotateLeft(v0, 32);
            v2 += v1;
            v0 += v3;
            v1 = Long.rotateLeft(v1, 17) ^ v2;
            v3 = Long.rotateLeft(v3, 21) ^ v0;
            v2 = Long.rotateLeft(v2, 32);
        }
        return v0 ^ v1 ^ v2 ^ v3;
    }

    /** The last word: up to seven bytes, and the length in the highest. */
    private static long tail(MemorySegment bytes, long offset, int length) {
        int rest = length & 7;
        long word = (long) length << 56;
        if (rest == 0) {
            return word;
        }
        if (length >= 8) {
            return word | bytes.get(LONG, offset + length - 8) >>> (8 - rest) * 8;
        }
        for (int i = 0; i < rest; i++) {
            word |= (bytes.get(ValueLayout.JAVA_BYTE, offset + i) & 0xffL) << i * 8;
        }
        return word;
    }
}
