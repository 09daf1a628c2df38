package io.sietch.persistent;

import static io.sietch.persistent.Layouts.INT;
import static io.sietch.persistent.Layouts.LONG;

import java.lang.foreign.MemorySegment;

/**
 * The bytes of a checkpoint of a table's index: the value of an item without a key. It has any number of parts, and an
 * end; each tells where the record of the one before is. Little-endian. Why it is so: docs/format/table.md.
 *
 * <pre>
 *    0                   4                   8
 *    +-------------------+-------------------+
 *  0 | magic and version: of a part or an end|
 *    +---------------------------------------+
 *  8 | begin                                 |   all items before this position are in it, or gone
 *    +---------------------------------------+
 * 16 | position of the record before         |   0: none
 *    +-------------------+-------------------+
 * 24 | number            | count             |   parts before this; words of a part, segments of an end
 *    +-------------------+-------------------+
 *  part: words, from 32
 *    +---------------------------------------+
 *    | a slot, as in {@link IndexPart}       |   "lines" is 0; or with position 0, the home line of those
 *    +---------------------------------------+   that follow in place of the tag
 *  end
 *    +---------------------------------------+
 * 32 | secret, 16 bytes                      |
 *    +---------------------------------------+
 * 48 | entries in all parts                  |
 *    +---------------------------------------+
 * 56 | base                                  |   no entry's position is before it, nor 8 TiB behind it
 *    +---------------------------------------+
 * 64 | lines of a part of the index          |
 *    +---------------------------------------+
 * 72 | position that the sums are of         |   with all items before it applied, and no other
 *    +---------------------------------------+
 *  segments, from 80
 *    +---------------------------------------+
 *  0 | segment                               |   in which newest items of keys are
 *    +---------------------------------------+
 *  8 | bytes of their keys and values        |
 *    +---------------------------------------+
 * 16 | bytes of the items                    |
 *    +---------------------------------------+
 * 24 | when the first of them expires        |   only in version 2 of an end; milliseconds since 1970
 *    +---------------------------------------+
 * </pre>
 *
 * <p>An end is of version 1 if nothing expires, else of version 2.
 */
final class TableCheckpointFormat {
    /** "SIETCKP" and "SIETCKE", and the version, 1. */
    static final long PART = 0x01_50_4b_43_54_45_49_53L;

    static final long END = 0x01_45_4b_43_54_45_49_53L;

    /** Version 2 of an end. */
    static final long END_EXPIRING = 0x02_45_4b_43_54_45_49_53L;

    static final int MAGIC = 0;
    static final int BEGIN = 8;
    static final int PREVIOUS = 16;
    static final int NUMBER = 24;
    static final int COUNT = 28;
    static final int WORDS = 32;

    static final int SECRET = 32;
    static final int TOTAL = 48;
    static final int BASE = 56;
    static final int LINES = 64;
    static final int SUMS_AT = 72;
    static final int SEGMENTS = 80;

    static final int SEGMENT_NUMBER = 0;
    static final int SEGMENT_DATA = 8;
    static final int SEGMENT_ITEMS = 16;
    static final int SEGMENT_BYTES = 24;
    static final int SEGMENT_EXPIRY = 24;
    static final int SEGMENT_EXPIRING_BYTES = 32;

    static {
        assert COUNT + Integer.BYTES == WORDS;
        assert SECRET == WORDS && TOTAL == SECRET + 2 * Long.BYTES && BASE == TOTAL + Long.BYTES;
        assert LINES == BASE + Long.BYTES && SUMS_AT == LINES + Long.BYTES && SEGMENTS == SUMS_AT + Long.BYTES;
    }

    private TableCheckpointFormat() {}

    static int partBytes(int words) {
        return WORDS + words * Long.BYTES;
    }

    static int endBytes(int segments, boolean expiring) {
        return SEGMENTS + segments * segmentBytes(expiring);
    }

    static int segmentBytes(boolean expiring) {
        return expiring ? SEGMENT_EXPIRING_BYTES : SEGMENT_BYTES;
    }

    static boolean isEnd(long magic) {
        return magic == END || magic == END_EXPIRING;
    }

    static void writeHeader(
            MemorySegment segment, long at, long magic, long begin, long previous, int number, int count) {
        segment.set(LONG, at + MAGIC, magic);
        segment.set(LONG, at + BEGIN, begin);
        segment.set(LONG, at + PREVIOUS, previous);
        segment.set(INT, at + NUMBER, number);
        segment.set(INT, at + COUNT, count);
    }

    static void writeWord(MemorySegment segment, long at, int word, long value) {
        segment.set(LONG, at + WORDS + (long) word * Long.BYTES, value);
    }

    static void writeSecret(MemorySegment segment, long at, long secret0, long secret1) {
        segment.set(LONG, at + SECRET, secret0);
        segment.set(LONG, at + SECRET + Long.BYTES, secret1);
    }

    static void writeIndex(MemorySegment segment, long at, long total, long base, int lines, long sumsAt) {
        segment.set(LONG, at + TOTAL, total);
        segment.set(LONG, at + BASE, base);
        segment.set(LONG, at + LINES, lines);
        segment.set(LONG, at + SUMS_AT, sumsAt);
    }

    static void writeExpiry(MemorySegment segment, long at, int index, long earliest) {
        segment.set(LONG, at + SEGMENTS + (long) index * SEGMENT_EXPIRING_BYTES + SEGMENT_EXPIRY, earliest);
    }

    static void writeSegment(
            MemorySegment segment, long at, int index, boolean expiring, long number, long data, long items) {
        long to = at + SEGMENTS + (long) index * segmentBytes(expiring);
        segment.set(LONG, to + SEGMENT_NUMBER, number);
        segment.set(LONG, to + SEGMENT_DATA, data);
        segment.set(LONG, to + SEGMENT_ITEMS, items);
    }
}
