package io.sietch.persistent;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/** CRC32C over ranges of a direct buffer, without allocation. One thread. */
final class Checksum {
    private final CRC32C crc = new CRC32C();

    /** The CRC32C of {@code length} bytes at {@code offset}. Moves position and limit of the buffer. */
    int of(ByteBuffer bytes, int offset, int length) {
        crc.reset();
        crc.update(bytes.limit(offset + length).position(offset));
        return (int) crc.getValue();
    }

    /** Begins a sum over several ranges. */
    void begin() {
        crc.reset();
    }

    /** Adds a range to the sum. Moves position and limit of the buffer. */
    void add(ByteBuffer bytes, int offset, int length) {
        crc.update(bytes.limit(offset + length).position(offset));
    }

    /** The sum of the ranges added since {@link #begin}. */
    int sum() {
        return (int) crc.getValue();
    }

    /** Scatters 64 bits over 64 bits; the finalizer of MurmurHash3. */
    static long mix(long value) {
        long z = value;
        z = (z ^ (z >>> 33)) * 0xff51afd7ed558ccdL;
        z = (z ^ (z >>> 33)) * 0xc4ceb9fe1a85ec53L;
        return z ^ (z >>> 33);
    }
}
