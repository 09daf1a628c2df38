package io.sietch.persistent;

import static io.sietch.persistent.Layouts.INT;
import static io.sietch.persistent.Layouts.LONG;

import java.lang.foreign.MemorySegment;

/**
 * The payloads of a queue's log records. Each begins with a magic that names kind and version. Little-endian, 8-byte
 * aligned. Why it is so: docs/format/queue.md.
 *
 * <pre>
 *  item, and item moved to the tail
 *    0                   4                   8
 *    +-------------------+-------------------+
 *  0 | magic             | 0                 |
 *    +-------------------+-------------------+
 *  8 | id                                    |   counts up in the order of offering, from 1
 *    +---------------------------------------+
 * 16 | the value's bytes ...
 *    +---------------------------------------
 *  acknowledgements
 *    +-------------------+-------------------+
 *  0 | magic             | ranges            |
 *    +-------------------+-------------------+
 *  8 | next id                               |   every earlier item's id is below it
 *    +---------------------------------------+
 * 16 | lease horizon                         |   no item from here on was ever leased
 *    +---------------------------------------+
 * 24 | first id          | last id           |   8 bytes each, both inclusive, for each range
 *    +---------------------------------------
 * </pre>
 */
final class QueueRecordFormat {
    /** "SQI1" */
    static final int ITEM_MAGIC = 0x31495153;

    /** "SQM1" */
    static final int MOVED_MAGIC = 0x314d5153;

    /** "SQA1" */
    static final int ACKS_MAGIC = 0x31415153;

    static final int MAGIC = 0;
    static final int ITEM_RESERVED = 4;
    static final int ITEM_ID = 8;
    static final int ITEM_VALUE = 16;

    static final int ACKS_RANGES = 4;
    static final int ACKS_NEXT_ID = 8;
    static final int ACKS_HORIZON = 16;
    static final int ACKS_FIRST_RANGE = 24;
    static final int RANGE_FIRST = 0;
    static final int RANGE_LAST = 8;
    static final int RANGE_LENGTH = 16;

    static final long FIRST_ID = 1;

    static {
        assert ITEM_ID == ITEM_RESERVED + Integer.BYTES && ITEM_VALUE == ITEM_ID + Long.BYTES;
        assert ACKS_FIRST_RANGE == ACKS_HORIZON + Long.BYTES && ACKS_HORIZON == ACKS_NEXT_ID + Long.BYTES;
        assert RANGE_LENGTH == RANGE_LAST + Long.BYTES;
    }

    private QueueRecordFormat() {}

    static int itemLength(int valueLength) {
        return ITEM_VALUE + valueLength;
    }

    static int acksLength(int ranges) {
        return ACKS_FIRST_RANGE + ranges * RANGE_LENGTH;
    }

    /** Writes all of an item but its value. */
    static void writeItem(MemorySegment segment, long at, int magic, long id) {
        segment.set(INT, at + MAGIC, magic);
        segment.set(INT, at + ITEM_RESERVED, 0);
        segment.set(LONG, at + ITEM_ID, id);
    }

    /** Writes all of an acknowledgement record but its ranges. */
    static void writeAcks(MemorySegment segment, long at, int ranges, long nextId, long horizon) {
        segment.set(INT, at + MAGIC, ACKS_MAGIC);
        segment.set(INT, at + ACKS_RANGES, ranges);
        segment.set(LONG, at + ACKS_NEXT_ID, nextId);
        segment.set(LONG, at + ACKS_HORIZON, horizon);
    }

    static void writeRange(MemorySegment segment, long at, int index, long first, long last) {
        long range = at + ACKS_FIRST_RANGE + (long) index * RANGE_LENGTH;
        segment.set(LONG, range + RANGE_FIRST, first);
        segment.set(LONG, range + RANGE_LAST, last);
    }

    static long first(MemorySegment segment, long at, int index) {
        return segment.get(LONG, at + ACKS_FIRST_RANGE + (long) index * RANGE_LENGTH + RANGE_FIRST);
    }

    static long last(MemorySegment segment, long at, int index) {
        return segment.get(LONG, at + ACKS_FIRST_RANGE + (long) index * RANGE_LENGTH + RANGE_LAST);
    }

    static int ranges(MemorySegment segment, long at) {
        return segment.get(INT, at + ACKS_RANGES);
    }

    static long nextId(MemorySegment segment, long at) {
        return segment.get(LONG, at + ACKS_NEXT_ID);
    }

    static long id(MemorySegment segment, long at) {
        return segment.get(LONG, at + ITEM_ID);
    }

    /**
     * The magic of the record in a queue's log whose payload lies here.
     *
     * @throws LogFormatException if it is no record of a queue, or of an unknown version
     */
    static int kind(MemorySegment segment, long at, int length, long position) throws LogFormatException {
        int magic = length < ITEM_VALUE ? 0 : segment.get(INT, at + MAGIC);
        boolean known = switch (magic) {
            case ITEM_MAGIC, MOVED_MAGIC -> true;
            case ACKS_MAGIC -> length >= ACKS_FIRST_RANGE && length == acksLength(segment.get(INT, at + ACKS_RANGES));
            default -> false;
        };
        if (!known) {
            throw new LogFormatException("the record at position " + position + " (" + length + " bytes, magic 0x"
                    + Integer.toHexString(magic) + ") is no record of a queue of version 1: the area holds something"
                    + " else, or was written by another version of Sietch");
        }
        return magic;
    }
}
