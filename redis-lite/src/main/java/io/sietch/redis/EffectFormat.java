package io.sietch.redis;

import io.sietch.persistent.IndexCheckpoint;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * What a journal record says: the effect of a request on the data, never the request. Little-endian. Why, and how
 * replay reads it: {@code docs/format/keyspace.md}.
 *
 * <pre>
 *  head of each   0 kind u8 | 1 zero u8 x3 | 4 keyLength i32
 *
 *  SET            8 expireAt i64 (ms since 1970, -1 never) | 16 key | value to the end
 *  DEL            8 key
 *  EXPIRE         8 expireAt i64 (-1: no longer)           | 16 key
 *  SPLICE         8 at i32 | 12 zero i32                   | 16 key | bytes to the end
 *  FLUSH          (keyLength is 0)
 *  BATCH          (keyLength is the number of effects)
 *                 then for each, on a multiple of 8: 0 length i32 | 4 zero i32 | 8 effect, zeros up to a multiple of 8
 *  CHECKPOINT     (keyLength is how many bytes follow)     | 8 a part of a copy of the index
 * </pre>
 */
final class EffectFormat {
    static final byte SET = 1;
    static final byte DEL = 2;
    static final byte EXPIRE = 3;
    static final byte SPLICE = 4;
    // 5 is not used any more
    static final byte FLUSH = 6;
    static final byte BATCH = 7;
    static final byte CHECKPOINT = 8;

    static final int KIND = 0;
    static final int KEY_LENGTH = 4;
    static final int COUNT = 4;
    static final int HEAD = 8;
    static final int EXPIRE_AT = 8;
    static final int AT = 8;
    static final int LONG_HEAD = 16;
    static final int MEMBER_HEAD = 8;

    /** How far behind its record's begin the first effect of a batch is; the next is {@link #memberLength} further. */
    static final int FIRST_MEMBER = HEAD + MEMBER_HEAD;

    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    static {
        assert HEAD == KEY_LENGTH + Integer.BYTES
                        && HEAD == IndexCheckpoint.HEAD_BYTES
                        && LONG_HEAD == EXPIRE_AT + Long.BYTES
                : "layout";
    }

    private EffectFormat() {}

    // ---- lengths, as long: compared with the largest record before anything overflows -----

    static long setLength(int keyLength, long valueLength) {
        return LONG_HEAD + keyLength + valueLength;
    }

    static long delLength(int keyLength) {
        return HEAD + (long) keyLength;
    }

    static long expireLength(int keyLength) {
        return LONG_HEAD + (long) keyLength;
    }

    static long spliceLength(int keyLength, int length) {
        return LONG_HEAD + (long) keyLength + length;
    }

    /** How much an effect of that length takes inside a batch: as much as in a record of its own. */
    static long memberLength(long length) {
        return MEMBER_HEAD + (length + 7 & ~7L);
    }

    // ---- writing ------------------------------------------------------------------------------------------

    private static void head(MemorySegment to, long at, byte kind, int number) {
        to.set(LONG, at, kind | (long) number << 32);
    }

    static void set(
            MemorySegment to,
            long at,
            MemorySegment key,
            long keyOffset,
            int keyLength,
            long expireAt,
            MemorySegment value,
            long valueOffset,
            int valueLength) {
        head(to, at, SET, keyLength);
        to.set(LONG, at + EXPIRE_AT, expireAt);
        MemorySegment.copy(key, keyOffset, to, at + LONG_HEAD, keyLength);
        MemorySegment.copy(value, valueOffset, to, at + LONG_HEAD + keyLength, valueLength);
    }

    static void del(MemorySegment to, long at, MemorySegment key, long keyOffset, int keyLength) {
        head(to, at, DEL, keyLength);
        MemorySegment.copy(key, keyOffset, to, at + HEAD, keyLength);
    }

    static void expire(MemorySegment to, long at, MemorySegment key, long keyOffset, int keyLength, long expireAt) {
        head(to, at, EXPIRE, keyLength);
        to.set(LONG, at + EXPIRE_AT, expireAt);
        MemorySegment.copy(key, keyOffset, to, at + LONG_HEAD, keyLength);
    }

    static void splice(
            MemorySegment to,
            long at,
            MemorySegment key,
            long keyOffset,
            int keyLength,
            int valueAt,
            MemorySegment source,
            long sourceOffset,
            int length) {
        head(to, at, SPLICE, keyLength);
        to.set(LONG, at + AT, valueAt);
        MemorySegment.copy(key, keyOffset, to, at + LONG_HEAD, keyLength);
        MemorySegment.copy(source, sourceOffset, to, at + LONG_HEAD + keyLength, length);
    }

    static void flush(MemorySegment to, long at) {
        head(to, at, FLUSH, 0);
    }

    static void batch(MemorySegment to, long at, int count) {
        head(to, at, BATCH, count);
    }

    /** What stands before so many bytes of a checkpoint. */
    static void checkpoint(MemorySegment to, long at, int bytes) {
        head(to, at, CHECKPOINT, bytes);
    }

    /** Begins an effect of a batch; it goes to {@code at + MEMBER_HEAD}, the next one to {@code at + memberLength}. */
    static void member(MemorySegment to, long at, long length) {
        long padded = memberLength(length);
        if (padded > MEMBER_HEAD + length) {
            to.set(LONG, at + padded - 8, 0);
        }
        to.set(LONG, at, length);
    }

    // ---- reading ------------------------------------------------------------------------------------------

    static byte kind(MemorySegment from, long at) {
        return from.get(ValueLayout.JAVA_BYTE, at + KIND);
    }

    /** Length of the key, or number of effects of a batch. */
    static int number(MemorySegment from, long at) {
        return from.get(INT, at + KEY_LENGTH);
    }

    /** Where a splice begins. */
    static int spliceAt(MemorySegment from, long at) {
        return from.get(INT, at + AT);
    }

    static long expireAt(MemorySegment from, long at) {
        return from.get(LONG, at + EXPIRE_AT);
    }

    static int length(MemorySegment from, long memberAt) {
        return from.get(INT, memberAt);
    }
}
