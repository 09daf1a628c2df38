package io.sietch.persistent;

import static io.sietch.persistent.Layouts.INT;
import static io.sietch.persistent.Layouts.LONG;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/**
 * The first block of a slot that holds a segment. Written together with the segment's first commit. Little-endian; the
 * rest of the block is zero.
 *
 * <pre>
 *    0                   4                   8
 *    +-------------------+-------------------+
 *  0 | magic                                 |
 *    +-------------------+-------------------+
 *  8 | version           | CRC               |   CRC32C of bytes 0 to 11 and 16 to 63, xor identity
 *    +-------------------+-------------------+
 * 16 | area id                               |
 *    +---------------------------------------+
 * 24 | segment                               |
 *    +---------------------------------------+
 * 32 | epoch                                 |
 *    +---------------------------------------+
 * 40 | end of the commit before              |   in the segment before
 *    +-------------------+-------------------+
 * 48 | segment bytes     | 0                 |
 *    +-------------------+-------------------+
 * 56 | 0                                     |
 *    +---------------------------------------+
 * </pre>
 */
final class LogSegmentFormat {
    /** "SIETCHSG" */
    static final long SEGMENT_MAGIC = 0x4753484354454953L;

    static final int VERSION = 1;

    static final int MAGIC = 0;
    static final int VERSION_OFFSET = 8;
    static final int CRC = 12;
    static final int AREA_ID = 16;
    static final int SEGMENT = 24;
    static final int EPOCH = 32;
    static final int PREVIOUS_END = 40;
    static final int SEGMENT_BYTES = 48;
    static final int RESERVED = 52;
    static final int LENGTH = 64;

    static {
        assert CRC + Integer.BYTES == AREA_ID;
        assert RESERVED + 3 * Integer.BYTES == LENGTH;
    }

    private LogSegmentFormat() {}

    /** Writes the whole block at {@code at} of a memory that {@code bytes} is the same of. */
    static void write(
            MemorySegment segment,
            ByteBuffer bytes,
            int at,
            LogGeometry geometry,
            long segmentNumber,
            long epoch,
            long previousEnd,
            Checksum checksum) {
        for (int i = 0; i < geometry.blockBytes(); i += Long.BYTES) {
            segment.set(LONG, at + i, 0);
        }
        segment.set(LONG, at + MAGIC, SEGMENT_MAGIC);
        segment.set(INT, at + VERSION_OFFSET, VERSION);
        segment.set(LONG, at + AREA_ID, geometry.areaId());
        segment.set(LONG, at + SEGMENT, segmentNumber);
        segment.set(LONG, at + EPOCH, epoch);
        segment.set(LONG, at + PREVIOUS_END, previousEnd);
        segment.set(INT, at + SEGMENT_BYTES, geometry.segmentBytes());
        segment.set(INT, at + CRC, crc(bytes, at, geometry, checksum));
    }

    private static int crc(ByteBuffer bytes, int at, LogGeometry geometry, Checksum checksum) {
        checksum.begin();
        checksum.add(bytes, at, CRC);
        checksum.add(bytes, at + AREA_ID, LENGTH - AREA_ID);
        return checksum.sum() ^ (int) Checksum.mix(geometry.identity() + SEGMENT_MAGIC);
    }

    /** Whether a sound header of a segment of this log lies at {@code at}. */
    static boolean isHeader(MemorySegment segment, ByteBuffer bytes, int at, LogGeometry geometry, Checksum checksum) {
        return segment.get(LONG, at + MAGIC) == SEGMENT_MAGIC
                && segment.get(INT, at + VERSION_OFFSET) == VERSION
                && segment.get(LONG, at + AREA_ID) == geometry.areaId()
                && segment.get(INT, at + SEGMENT_BYTES) == geometry.segmentBytes()
                && segment.get(LONG, at + SEGMENT) >= 0
                && segment.get(INT, at + CRC) == crc(bytes, at, geometry, checksum);
    }
}
