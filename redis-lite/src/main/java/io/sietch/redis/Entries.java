package io.sietch.redis;

import io.sietch.persistent.LogCore;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The entries of the keyspace, each in one block of a {@link Slab}. One thread.
 *
 * <pre>
 *  0        8                 16                      24          (48)
 *  +--------+-------------+---+-----+------+----------+-----------+-----+-------+
 *  | link   | position    |flg|class|keyLen|valueLen  |(extension)| key | value |
 *  | 64     | 56          | 8 | 8   | 28   | 28 bits  | 24 bytes  |     |       |
 *  +--------+-------------+---+-----+------+----------+-----------+-----+-------+
 *
 *  extension: 0 expireAt i64, -1 none | 8 base i64 | 16 slot i32 in the expiry heap, -1 none
 *             20 baseBytes i32
 * </pre>
 *
 * <p>The <i>position</i> is that of the last journal record which changed the entry. The <i>base</i> is that of the
 * last one which holds the entry in full, and takes <i>baseBytes</i>; the records from there on are needed to rebuild
 * it. An entry without an extension does not expire, and its base is its position.
 */
final class Entries {
    /** No time to live. */
    static final long NEVER = -1;

    /** The longest key, and the longest value. */
    static final int MAX_LENGTH = (1 << 28) - 1;

    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
    private static final int LINK = 0;
    private static final int META = 8;
    private static final int SIZES = 16;
    private static final int HEADER = 24;
    private static final int EXPIRE_AT = 24;
    private static final int BASE = 32;
    private static final int SLOT = 40;
    private static final int BASE_BYTES = 44;
    private static final int EXTENSION = 24;
    private static final int EXTENDED = 1; // flag
    private static final int TIGHT = 64; // blocks up to here are kept however little of them is used

    private final Slab slab = new Slab();
    private final LivingRecords bases = new LivingRecords();
    private final long largeBytes;
    private long liveBytes;
    private long owedBytes;

    /**
     * No entries.
     *
     * @param maxRecordBytes of the journal: a record of more than an eighth counts twice, for the room lost before it
     */
    Entries(int maxRecordBytes) {
        this.largeBytes = maxRecordBytes / 8;
    }

    Slab slab() {
        return slab;
    }

    /** Forgets all entries. */
    void clear() {
        slab.clear();
        bases.clear();
        liveBytes = 0;
        owedBytes = 0;
    }

    /** Bytes of memory taken for entries. */
    long memoryBytes() {
        return slab.reservedBytes() + bases.memoryBytes();
    }

    /** What recording all entries takes in the journal. */
    long liveBytes() {
        return liveBytes;
    }

    /** By how much the entries take more, recorded now, than the records at their bases. */
    long owedBytes() {
        return owedBytes;
    }

    /** What an entry adds to {@link #liveBytes()}. */
    long liveBytes(int keyLength, int valueLength) {
        long bytes = recordBytes(keyLength, valueLength);
        return bytes > largeBytes ? 2 * bytes : bytes;
    }

    private static long recordBytes(int keyLength, int valueLength) {
        return LogCore.recordBytes((int) EffectFormat.setLength(keyLength, valueLength));
    }

    MemorySegment memory(long entry) {
        return slab.memory(entry);
    }

    /**
     * Makes an entry that belongs to no bucket yet; its value is undefined.
     *
     * @throws OutOfMemoryError if there is no memory; nothing has changed then
     */
    long create(MemorySegment key, long keyOffset, int keyLength, int valueLength, boolean extended) {
        long bytes = bytes(keyLength, valueLength, extended);
        int sizeClass = Slab.classOf(bytes);
        long entry = slab.allocate(bytes, sizeClass);
        MemorySegment memory = slab.memory(entry);
        long at = Slab.offset(entry);
        memory.set(LONG, at + META, extended ? EXTENDED : 0);
        memory.set(LONG, at + SIZES, (long) sizeClass << 56 | (long) keyLength << 28 | valueLength);
        if (extended) {
            memory.set(LONG, at + EXPIRE_AT, NEVER);
            memory.set(LONG, at + BASE, 0);
            memory.set(ValueLayout.JAVA_INT, at + SLOT, -1);
            memory.set(ValueLayout.JAVA_INT, at + BASE_BYTES, (int) recordBytes(keyLength, valueLength));
        }
        liveBytes += liveBytes(keyLength, valueLength);
        MemorySegment.copy(key, keyOffset, memory, at + HEADER + (extended ? EXTENSION : 0), keyLength);
        return entry;
    }

    private static long bytes(int keyLength, int valueLength, boolean extended) {
        return HEADER + (extended ? EXTENSION : 0) + (long) keyLength + valueLength;
    }

    /** Makes sure that the next entry with a key and a value of those lengths can be had; returns whether it can. */
    boolean reserve(int keyLength, int valueLength) {
        return slab.reserve(bytes(keyLength, valueLength, true));
    }

    void free(long entry) {
        long sizes = sizes(entry);
        int keyLength = keyLengthIn(sizes);
        int valueLength = (int) sizes & MAX_LENGTH;
        liveBytes -= liveBytes(keyLength, valueLength);
        bases.remove(base(entry));
        if (isExtended(entry)) {
            owedBytes -= recordBytes(keyLength, valueLength) - baseBytes(entry);
        }
        slab.free(entry, (int) (sizes >>> 56));
    }

    private static int keyLengthIn(long sizes) {
        return (int) (sizes >>> 28) & MAX_LENGTH;
    }

    private int baseBytes(long entry) {
        return slab.memory(entry).get(ValueLayout.JAVA_INT, Slab.offset(entry) + BASE_BYTES);
    }

    /** Whether a value of that length can stay where the entry is, without wasting half of the block. */
    boolean fits(long entry, int valueLength, boolean extended) {
        MemorySegment memory = slab.memory(entry);
        long at = Slab.offset(entry);
        if (extended != ((memory.get(LONG, at + META) & EXTENDED) != 0)) {
            return false;
        }
        long sizes = memory.get(LONG, at + SIZES);
        long bytes = bytes((int) (sizes >>> 28) & MAX_LENGTH, valueLength, extended);
        long capacity = slab.capacity(entry, (int) (sizes >>> 56));
        return bytes <= capacity && (capacity <= TIGHT || bytes >= capacity / 2);
    }

    /** Bytes of the entry's block. */
    long capacity(long entry) {
        return slab.capacity(entry, sizeClass(entry));
    }

    private long sizes(long entry) {
        return slab.memory(entry).get(LONG, Slab.offset(entry) + SIZES);
    }

    private int sizeClass(long entry) {
        return (int) (sizes(entry) >>> 56);
    }

    int keyLength(long entry) {
        return (int) (sizes(entry) >>> 28) & MAX_LENGTH;
    }

    int valueLength(long entry) {
        return (int) sizes(entry) & MAX_LENGTH;
    }

    void setValueLength(long entry, int length) {
        long sizes = sizes(entry);
        slab.memory(entry).set(LONG, Slab.offset(entry) + SIZES, sizes & -1L << 28 | length);
        int before = (int) sizes & MAX_LENGTH;
        if (before != length) {
            int keyLength = keyLengthIn(sizes);
            liveBytes += liveBytes(keyLength, length) - liveBytes(keyLength, before);
            if (isExtended(entry)) {
                owedBytes += recordBytes(keyLength, length) - recordBytes(keyLength, before);
            }
        }
    }

    long keyOffset(long entry) {
        return keyOffset(slab.memory(entry), Slab.offset(entry));
    }

    long valueOffset(long entry) {
        MemorySegment memory = slab.memory(entry);
        long at = Slab.offset(entry);
        int keyLength = (int) (memory.get(LONG, at + SIZES) >>> 28) & MAX_LENGTH;
        return keyOffset(memory, at) + keyLength;
    }

    private static long keyOffset(MemorySegment memory, long at) {
        return at + HEADER + ((memory.get(LONG, at + META) & EXTENDED) != 0 ? EXTENSION : 0);
    }

    boolean isKey(long entry, MemorySegment key, long offset, int length) {
        MemorySegment memory = slab.memory(entry);
        long block = Slab.offset(entry);
        if (((int) (memory.get(LONG, block + SIZES) >>> 28) & MAX_LENGTH) != length) {
            return false;
        }
        long at = keyOffset(memory, block);
        int i = 0;
        for (; i + 8 <= length; i += 8) {
            if (memory.get(ValueLayout.JAVA_LONG_UNALIGNED, at + i)
                    != key.get(ValueLayout.JAVA_LONG_UNALIGNED, offset + i)) {
                return false;
            }
        }
        for (; i < length; i++) {
            if (memory.get(ValueLayout.JAVA_BYTE, at + i) != key.get(ValueLayout.JAVA_BYTE, offset + i)) {
                return false;
            }
        }
        return true;
    }

    /** Reads the beginning of an entry, where its key is, and something of what follows: every line of the caches. */
    long touch(long entry) {
        MemorySegment memory = slab.memory(entry);
        long at = Slab.offset(entry);
        long end = memory.byteSize() - 8;
        return memory.get(LONG, at + LINK)
                ^ memory.get(ValueLayout.JAVA_LONG_UNALIGNED, Math.min(at + 48, end))
                ^ memory.get(ValueLayout.JAVA_LONG_UNALIGNED, Math.min(at + 96, end));
    }

    /** Reads what changes when an entry that does not expire gets another position. */
    long touchBase(long entry) {
        return bases.contains(position(entry)) ? 1 : 0;
    }

    long link(long entry) {
        return slab.memory(entry).get(LONG, Slab.offset(entry) + LINK);
    }

    void setLink(long entry, long link) {
        slab.memory(entry).set(LONG, Slab.offset(entry) + LINK, link);
    }

    private long meta(long entry) {
        return slab.memory(entry).get(LONG, Slab.offset(entry) + META);
    }

    boolean isExtended(long entry) {
        return (meta(entry) & EXTENDED) != 0;
    }

    long position(long entry) {
        return meta(entry) >>> 8;
    }

    void setPosition(long entry, long position) {
        long meta = meta(entry);
        slab.memory(entry).set(LONG, Slab.offset(entry) + META, position << 8 | meta & 0xff);
        if ((meta & EXTENDED) == 0) {
            moveBase(meta >>> 8, position);
        }
    }

    private void moveBase(long from, long to) {
        bases.remove(from);
        bases.add(to);
    }

    /**
     * Whether an entry has its base at that position. Several entries may, if the record there is a batch: when one of
     * them leaves, this says no for all.
     */
    boolean isBase(long position) {
        return bases.contains(position);
    }

    long base(long entry) {
        return isExtended(entry) ? slab.memory(entry).get(LONG, Slab.offset(entry) + BASE) : position(entry);
    }

    /** Of an extended entry only: the record at its base holds it as it is. */
    void setBase(long entry, long base) {
        setBase(entry, base, recordBytes(keyLength(entry), valueLength(entry)));
    }

    /** Of an extended entry only: its base is that of another, which may be itself before. */
    void setBase(long entry, long base, long bytes) {
        owedBytes += baseBytes(entry) - bytes;
        moveBase(base(entry), base);
        slab.memory(entry).set(LONG, Slab.offset(entry) + BASE, base);
        slab.memory(entry).set(ValueLayout.JAVA_INT, Slab.offset(entry) + BASE_BYTES, (int) bytes);
    }

    /** How many bytes the record at the base takes. */
    long bytesAtBase(long entry) {
        return isExtended(entry) ? baseBytes(entry) : recordBytes(keyLength(entry), valueLength(entry));
    }

    long expireAt(long entry) {
        return isExtended(entry) ? slab.memory(entry).get(LONG, Slab.offset(entry) + EXPIRE_AT) : NEVER;
    }

    /** Of an extended entry only. */
    void setExpireAt(long entry, long millis) {
        slab.memory(entry).set(LONG, Slab.offset(entry) + EXPIRE_AT, millis);
    }

    int slot(long entry) {
        return isExtended(entry) ? slab.memory(entry).get(ValueLayout.JAVA_INT, Slab.offset(entry) + SLOT) : -1;
    }

    /** Of an extended entry only. */
    void setSlot(long entry, int slot) {
        slab.memory(entry).set(ValueLayout.JAVA_INT, Slab.offset(entry) + SLOT, slot);
    }
}
