package io.sietch.persistent;

import static io.sietch.persistent.Layouts.INT;
import static io.sietch.persistent.Layouts.LONG;

import java.lang.foreign.MemorySegment;

/**
 * The bytes of a checkpoint of an index, in records of the index's log, each behind a head of its owner's: any number
 * of parts, then of sums, and an end; each tells where the record of the one before is. Little-endian. Why it is so:
 * docs/format/table.md.
 *
 * <pre>
 *    0                   4                   8
 *    +-------------------+-------------------+
 *  0 | magic and version: part, sums or end  |
 *    +---------------------------------------+
 *  8 | begin                                 |   all records before this position are in it, or gone
 *    +---------------------------------------+
 * 16 | position of the record before         |   0: none
 *    +-------------------+-------------------+
 * 24 | number            | count             |   records before this; words of this, 0 for an end
 *    +-------------------+-------------------+
 *  part: words, from 32
 *    +---------------------------------------+
 *    | a slot, as in {@link IndexPart}       |   "lines" is 0; or with position 0, the home line of those
 *    +---------------------------------------+   that follow in place of the tag
 *    | a position, and what the owner adds   |   only behind a slot whose "lines" is 1
 *    +---------------------------------------+
 *  sums: segments, from 32
 *    +---------------------------------------+
 *  0 | segment                               |   in which newest items of keys are
 *    +---------------------------------------+
 *  8 | two sums over those                   |   a table's: bytes of keys and values, bytes of items
 *    +---------------------------------------+
 * 24 | when the first of them expires        |   milliseconds since 1970; 2^63 - 1: none does, or it is not told
 *    +---------------------------------------+
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
 * </pre>
 *
 * <p>Ends of versions 1 and 2 have the segments behind them, "count" is how many, and there are no records of sums; in
 * version 1 a segment does not tell what expires.
 */
final class IndexCheckpointFormat {
    /** "SIETCKP", "SIETCKS" and "SIETCKE", and the version: of an end 3. */
    static final long PART = 0x01_50_4b_43_54_45_49_53L;

    static final long SUMS = 0x01_53_4b_43_54_45_49_53L;
    static final long END = 0x03_45_4b_43_54_45_49_53L;

    private static final long END_1 = 0x01_45_4b_43_54_45_49_53L;
    private static final long END_2 = 0x02_45_4b_43_54_45_49_53L;

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
    static final int END_BYTES = 80;

    /** What is told of a segment: its number, two sums, and when something expires. */
    static final int SEGMENT_WORDS = 4;

    private static final int SEGMENT_WORDS_1 = 3;

    /** What follows a slot that says so. */
    static final int DETAIL_WORDS = 2;

    static {
        assert COUNT + Integer.BYTES == WORDS;
        assert SECRET == WORDS && TOTAL == SECRET + 2 * Long.BYTES && BASE == TOTAL + Long.BYTES;
        assert LINES == BASE + Long.BYTES && SUMS_AT == LINES + Long.BYTES && END_BYTES == SUMS_AT + Long.BYTES;
    }

    private IndexCheckpointFormat() {}

    /** The length of a part, or of sums. */
    static int bytes(int words) {
        return WORDS + words * Long.BYTES;
    }

    /** The length of the record that lies there; -1 if it is none of a checkpoint. */
    static long bytesAt(MemorySegment segment, long at) {
        long magic = segment.get(LONG, at + MAGIC);
        long count = segment.get(INT, at + COUNT);
        if (count < 0) {
            return -1;
        }
        return magic == PART || magic == SUMS ? WORDS + count * Long.BYTES : endBytes(magic, count);
    }

    private static long endBytes(long magic, long count) {
        if (magic != END && magic != END_1 && magic != END_2) {
            return -1;
        }
        return END_BYTES + (magic == END ? 0 : count * segmentWordsOf(magic) * Long.BYTES);
    }

    static boolean isEnd(MemorySegment segment, long at) {
        return endBytes(segment.get(LONG, at + MAGIC), 0) >= 0;
    }

    /** How many words an end, of an older version, has for each segment. */
    static int segmentWordsOf(long magic) {
        return magic == END_1 ? SEGMENT_WORDS_1 : SEGMENT_WORDS;
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
}
