package io.sietch.persistent;

import static io.sietch.persistent.Layouts.LONG;

import java.lang.foreign.MemorySegment;

/**
 * The bytes that callers of a {@link PersistentTable} hand to its thread: in memory alone.
 *
 * <pre>
 *    0                                       8
 *    +---------------------------------------+
 *  0 | condition                             |   a position, {@link #ABSENT}, {@link #ALWAYS} or {@link #IF_THERE}
 *    +---------------------------------------+
 *  8 | a record, see {@link TableRecordFormat}
 *    +---------------------------------------
 * </pre>
 */
final class TableRequestFormat {
    static final int CONDITION = 0;
    static final int RECORD = 8;

    /** The key of the first item is not there. */
    static final long ABSENT = 0;

    /** Without a condition. */
    static final long ALWAYS = -1;

    /** The key of the first item is there. */
    static final long IF_THERE = -2;

    private TableRequestFormat() {}

    static long condition(MemorySegment request, long offset) {
        return request.get(LONG, offset + CONDITION);
    }

    static void writeCondition(MemorySegment request, long condition) {
        request.set(LONG, CONDITION, condition);
    }
}
