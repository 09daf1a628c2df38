package io.sietch.persistent;

import static io.sietch.persistent.Layouts.INT;
import static io.sietch.persistent.Layouts.LONG;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * One copy of the superblock: the start of a block whose rest is zero. Little-endian. Magic, version and CRC keep their
 * places in every version.
 *
 * <pre>
 *    0                   4                   8
 *    +-------------------+-------------------+
 *  0 | magic                                 |
 *    +-------------------+-------------------+
 *  8 | version           | copy, 0 to 3      |
 *    +-------------------+-------------------+
 * 16 | area id                               |
 *    +---------------------------------------+
 * 24 | sequence                              |
 *    +---------------------------------------+
 * 32 | salt                                  |
 *    +---------------------------------------+
 * 40 | epoch                                 |
 *    +---------------------------------------+
 * 48 | head                                  |
 *    +---------------------------------------+
 * 56 | proven                                |
 *    +-------------------+-------------------+
 * 64 | segment bytes     | block bytes       |
 *    +-------------------+-------------------+
 * 72 | slots             | flags (1: closed) |
 *    +-------------------+-------------------+
 * 80 | mark                                  |   0: none
 *    +---------------------------------------+
 * 88 | commit bytes      | 0                 |   version 2; a log whose commits start on blocks is of version 1: 0
 *    +-------------------+-------------------+
 * 96 | 0 ...                                 |
 *    +-------------------+-------------------+
 *120 | 0                 | CRC               |   CRC32C of bytes 0 to 123, so bound to the copy
 *    +-------------------+-------------------+
 * </pre>
 */
final class LogSuperblockFormat {
    /** "SIETCHLG" */
    static final long SUPERBLOCK_MAGIC = 0x474c484354454953L;

    /** Where each commit starts on a block. */
    static final int VERSION_BLOCKS = 1;

    /** Where commits start on smaller units: who looks for them on blocks would miss acknowledged ones. */
    static final int VERSION = 2;

    static final int MAGIC = 0;
    static final int VERSION_OFFSET = 8;
    static final int COPY = 12;
    static final int AREA_ID = 16;
    static final int SEQUENCE = 24;
    static final int SALT = 32;
    static final int EPOCH = 40;
    static final int HEAD = 48;
    static final int PROVEN = 56;
    static final int SEGMENT_BYTES = 64;
    static final int BLOCK_BYTES = 68;
    static final int SLOTS = 72;
    static final int FLAGS = 76;
    static final int MARK = 80;
    static final int COMMIT_BYTES = 88;
    static final int RESERVED = 92;
    static final int CRC = 124;
    static final int LENGTH = 128;

    static final int FLAG_CLOSED = 1;

    static {
        assert CRC + Integer.BYTES == LENGTH;
        assert LogSuperblock.COPIES == 4 : "the copy's number is documented as 0 to 3";
    }

    private LogSuperblockFormat() {}

    /** Writes a copy and the zeros up to the end of its block. */
    static void write(
            MemorySegment segment, ByteBuffer bytes, int at, int copy, LogSuperblock values, Checksum checksum) {
        for (int i = 0; i < values.blockBytes(); i += Long.BYTES) {
            segment.set(LONG, at + i, 0);
        }
        segment.set(LONG, at + MAGIC, SUPERBLOCK_MAGIC);
        boolean blocks = values.commitBytes() == values.blockBytes();
        segment.set(INT, at + VERSION_OFFSET, blocks ? VERSION_BLOCKS : VERSION);
        segment.set(INT, at + COPY, copy);
        segment.set(LONG, at + AREA_ID, values.areaId());
        segment.set(LONG, at + SEQUENCE, values.sequence());
        segment.set(LONG, at + SALT, values.salt());
        segment.set(LONG, at + EPOCH, values.epoch());
        segment.set(LONG, at + HEAD, values.head());
        segment.set(LONG, at + PROVEN, values.proven());
        segment.set(INT, at + SEGMENT_BYTES, values.segmentBytes());
        segment.set(INT, at + BLOCK_BYTES, values.blockBytes());
        segment.set(INT, at + SLOTS, values.slots());
        segment.set(INT, at + FLAGS, values.closed() ? FLAG_CLOSED : 0);
        segment.set(LONG, at + MARK, values.mark());
        segment.set(INT, at + COMMIT_BYTES, blocks ? 0 : values.commitBytes());
        segment.set(INT, at + CRC, checksum.of(bytes, at, CRC));
    }

    /** The version of a copy whose checksum holds, or 0 if this is no copy of a log's superblock. */
    static int versionOf(MemorySegment segment, ByteBuffer bytes, int at, int copy, Checksum checksum) {
        boolean sound = segment.get(LONG, at + MAGIC) == SUPERBLOCK_MAGIC
                && segment.get(INT, at + CRC) == checksum.of(bytes, at, CRC);
        if (!sound) {
            return 0;
        }
        int version = segment.get(INT, at + VERSION_OFFSET);
        return isKnown(version) && segment.get(INT, at + COPY) != copy ? 0 : version;
    }

    static boolean isKnown(int version) {
        return version == VERSION_BLOCKS || version == VERSION;
    }

    /** Reads a copy, or null if it is damaged or of another version. */
    static @Nullable LogSuperblock read(MemorySegment segment, ByteBuffer bytes, int at, int copy, Checksum checksum) {
        int version = versionOf(segment, bytes, at, copy, checksum);
        if (!isKnown(version)) {
            return null;
        }
        int commitBytes = segment.get(INT, at + (version == VERSION ? COMMIT_BYTES : BLOCK_BYTES));
        return new LogSuperblock(
                segment.get(LONG, at + AREA_ID),
                segment.get(LONG, at + SEQUENCE),
                segment.get(LONG, at + SALT),
                segment.get(LONG, at + EPOCH),
                segment.get(LONG, at + HEAD),
                segment.get(LONG, at + PROVEN),
                segment.get(LONG, at + MARK),
                segment.get(INT, at + SEGMENT_BYTES),
                segment.get(INT, at + BLOCK_BYTES),
                commitBytes,
                segment.get(INT, at + SLOTS),
                (segment.get(INT, at + FLAGS) & FLAG_CLOSED) != 0);
    }
}
