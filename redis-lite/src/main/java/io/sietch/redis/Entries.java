package io.sietch.redis;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.function.Supplier;

/**
 * What memory holds of the keys whose last record does not say all of them, or that expire; each in one block of a
 * {@link Slab}. One thread.
 *
 * <pre>
 *  0       8                          16         24     32     36          40     44  48
 *  +-------+-----+--------+----------+----------+------+------+-----------+------+---+-----+---------+
 *  | link  |class| keyLen | valueLen | expireAt | base | slot | baseBytes | here | 0 | key | (value) |
 *  | 64    | 8   | 28     | 28 bits  | i64      | i64  | i32  | i32       | i32  |   |     |         |
 *  +-------+-----+--------+----------+----------+------+------+-----------+------+---+-----+---------+
 * </pre>
 *
 * <p>The <i>base</i> is the position of the last record that holds the key in full, and counts for <i>baseBytes</i>;
 * records behind it may have changed the key. The value is <i>here</i> if one of them changed it, else at the base.
 * The <i>slot</i> is that in the {@link ExpiryHeap}, -1 for none.
 */
final class Entries {
    /** No time to live. */
    static final long NEVER = -1;

    /** The longest key, and the longest value. */
    static final int MAX_LENGTH = (1 << 28) - 1;

    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    private static final int LINK = 0;
    private static final int SIZES = 8;
    private static final int EXPIRE_AT = 16;
    private static final int BASE = 24;
    private static final int SLOT = 32;
    private static final int BASE_BYTES = 36;
    private static final int HERE = 40;
    private static final int HEADER = 48;
    private static final int TIGHT = 64; // blocks up to here are kept however little of them is used

    private final Slab slab;
    private long count;
    private long hereBytes;

    /** @param arenas as {@link Slab} has them */
    Entries(Supplier<Arena> arenas) {
        this.slab = new Slab(arenas);
    }

    Slab slab() {
        return slab;
    }

    /** Forgets all entries. */
    void clear() {
        slab.clear();
        count = 0;
        hereBytes = 0;
    }

    /** Bytes of memory taken for entries. */
    long memoryBytes() {
        return slab.reservedBytes();
    }

    /** How many entries there are. */
    long count() {
        return count;
    }

    /** Bytes of values that are here. */
    long hereBytes() {
        return hereBytes;
    }

    MemorySegment memory(long entry) {
        return slab.memory(entry);
    }

    /**
     * Makes an entry that belongs to no bucket yet, does not expire, and has the value at its base.
     *
     * @param room bytes for a value that is to be here; 0 if it is not
     * @throws OutOfMemoryError if there is no memory; nothing has changed then
     */
    long create(MemorySegment key, long keyOffset, int keyLength, int room) {
        long bytes = HEADER + (long) keyLength + room;
        int sizeClass = Slab.classOf(bytes);
        long entry = slab.allocate(bytes, sizeClass);
        MemorySegment memory = slab.memory(entry);
        long at = Slab.offset(entry);
        memory.set(LONG, at + SIZES, (long) sizeClass << 56 | (long) keyLength << 28);
        memory.set(LONG, at + EXPIRE_AT, NEVER);
        memory.set(LONG, at + BASE, 0);
        memory.set(INT, at + SLOT, -1);
        memory.set(INT, at + BASE_BYTES, 0);
        memory.set(LONG, at + HERE, 0);
        MemorySegment.copy(key, keyOffset, memory, at + HEADER, keyLength);
        count++;
        return entry;
    }

    /** Makes sure that the next entry with a key and a value of those lengths can be had; returns whether it can. */
    boolean reserve(int keyLength, int room) {
        return slab.reserve(HEADER + (long) keyLength + room);
    }

    void free(long entry) {
        count--;
        hereBytes -= valueBytesHere(entry);
        slab.free(entry, (int) (sizes(entry) >>> 56));
    }

    /** Whether a value of that length can be here without wasting half of the block. */
    boolean fits(long entry, int room) {
        long bytes = HEADER + (long) keyLength(entry) + room;
        long capacity = capacity(entry);
        return bytes <= capacity && (capacity <= TIGHT || bytes >= capacity / 2);
    }

    /** Bytes of the entry's block. */
    long capacity(long entry) {
        return slab.capacity(entry, (int) (sizes(entry) >>> 56));
    }

    private long sizes(long entry) {
        return slab.memory(entry).get(LONG, Slab.offset(entry) + SIZES);
    }

    int keyLength(long entry) {
        return (int) (sizes(entry) >>> 28) & MAX_LENGTH;
    }

    int valueLength(long entry) {
        return (int) sizes(entry) & MAX_LENGTH;
    }

    private int valueBytesHere(long entry) {
        return hasValue(entry) ? valueLength(entry) : 0;
    }

    /** How long the value is, and whether it is here. */
    void setValue(long entry, int length, boolean here) {
        hereBytes += (here ? length : 0) - valueBytesHere(entry);
        MemorySegment memory = slab.memory(entry);
        memory.set(LONG, Slab.offset(entry) + SIZES, sizes(entry) & -1L << 28 | length);
        memory.set(INT, Slab.offset(entry) + HERE, here ? 1 : 0);
    }

    boolean hasValue(long entry) {
        return slab.memory(entry).get(INT, Slab.offset(entry) + HERE) != 0;
    }

    long keyOffset(long entry) {
        return Slab.offset(entry) + HEADER;
    }

    /** Where the value is, if it is here. */
    long valueOffset(long entry) {
        return Slab.offset(entry) + HEADER + keyLength(entry);
    }

    boolean isKey(long entry, MemorySegment key, long offset, int length) {
        return keyLength(entry) == length
                && MemorySegment.mismatch(
                                slab.memory(entry),
                                keyOffset(entry),
                                keyOffset(entry) + length,
                                key,
                                offset,
                                offset + length)
                        < 0;
    }

    long link(long entry) {
        return slab.memory(entry).get(LONG, Slab.offset(entry) + LINK);
    }

    void setLink(long entry, long link) {
        slab.memory(entry).set(LONG, Slab.offset(entry) + LINK, link);
    }

    long base(long entry) {
        return slab.memory(entry).get(LONG, Slab.offset(entry) + BASE);
    }

    /** How many bytes the record at the base counts for. */
    long bytesAtBase(long entry) {
        return slab.memory(entry).get(INT, Slab.offset(entry) + BASE_BYTES);
    }

    void setBase(long entry, long base, long bytes) {
        slab.memory(entry).set(LONG, Slab.offset(entry) + BASE, base);
        slab.memory(entry).set(INT, Slab.offset(entry) + BASE_BYTES, (int) bytes);
    }

    long expireAt(long entry) {
        return slab.memory(entry).get(LONG, Slab.offset(entry) + EXPIRE_AT);
    }

    void setExpireAt(long entry, long millis) {
        slab.memory(entry).set(LONG, Slab.offset(entry) + EXPIRE_AT, millis);
    }

    int slot(long entry) {
        return slab.memory(entry).get(INT, Slab.offset(entry) + SLOT);
    }

    void setSlot(long entry, int slot) {
        slab.memory(entry).set(INT, Slab.offset(entry) + SLOT, slot);
    }
}
