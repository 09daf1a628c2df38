package io.sietch.persistent;

import static io.sietch.persistent.Layouts.INT;
import static io.sietch.persistent.Layouts.LONG;
import static io.sietch.persistent.Layouts.alignUp;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/**
 * The bytes of a commit: a header, then records back to back, then zeros up to the end of the last block. A commit
 * starts on a fresh block. Little-endian. Why it is so: docs/format/log.md.
 *
 * <pre>
 *  commit header
 *    0                   4                   8
 *    +-------------------+-------------------+
 *  0 | magic             | header CRC        |   CRC32C of bytes 8 to 63, xor identity
 *    +-------------------+-------------------+
 *  8 | area id                               |
 *    +---------------------------------------+
 * 16 | epoch                                 |
 *    +---------------------------------------+
 * 24 | position of this header               |
 *    +---------------------------------------+
 * 32 | end of the commit before              |   the link of the chain
 *    +---------------------------------------+
 * 40 | durable watermark                     |   everything before it was durable when this was written
 *    +-------------------+-------------------+
 * 48 | body length       | records           |
 *    +-------------------+-------------------+
 * 56 | body CRC          | 0                 |   CRC32C of the body
 *    +-------------------+-------------------+
 *  record, 8-byte aligned
 *    +-------------------+-------------------+
 *  0 | payload length    | record CRC        |   CRC32C of the payload, xor identity, epoch, position, length
 *    +-------------------+-------------------+
 *  8 | payload ... zeros up to a multiple of 8
 *    +---------------------------------------
 * </pre>
 */
final class LogFormat {
    /** "SLC1" */
    static final int COMMIT_MAGIC = 0x31434c53;

    static final int MAGIC = 0;
    static final int HEADER_CRC = 4;
    static final int AREA_ID = 8;
    static final int EPOCH = 16;
    static final int POSITION = 24;
    static final int PREVIOUS_END = 32;
    static final int DURABLE = 40;
    static final int BODY_LENGTH = 48;
    static final int RECORD_COUNT = 52;
    static final int BODY_CRC = 56;
    static final int RESERVED = 60;
    static final int HEADER_LENGTH = 64;

    static final int RECORD_LENGTH = 0;
    static final int RECORD_CRC = 4;
    static final int RECORD_PAYLOAD = 8;
    static final int RECORD_ALIGNMENT = 8;

    /** The longest payload that any log takes: 64 MiB. Larger values belong into several records. */
    static final int RECORD_MAX = 64 << 20;

    static {
        assert HEADER_CRC == AREA_ID - Integer.BYTES : "the header CRC covers all that follows it";
        assert RESERVED + Integer.BYTES == HEADER_LENGTH;
        assert HEADER_LENGTH % RECORD_ALIGNMENT == 0;
        assert RECORD_PAYLOAD == RECORD_ALIGNMENT;
    }

    private LogFormat() {}

    /** The bytes that a record with this payload length takes in a commit. */
    static int recordBytes(int payloadLength) {
        return RECORD_PAYLOAD + alignUp(payloadLength, RECORD_ALIGNMENT);
    }

    /** What a record CRC is combined with, so that it holds for this log, life and place alone. */
    static int recordSeal(long identity, long epoch, long position, int length) {
        return (int) Checksum.mix(identity ^ (Checksum.mix(position ^ Long.rotateLeft(epoch, 40)) + length));
    }

    /** What a header CRC is combined with. The header itself holds area, epoch and position. */
    static int headerSeal(long identity) {
        return (int) Checksum.mix(identity + COMMIT_MAGIC);
    }

    static void writeRecordHeader(MemorySegment segment, long at, int length, int crc) {
        segment.set(INT, at + RECORD_LENGTH, length);
        segment.set(INT, at + RECORD_CRC, crc);
    }

    /** Writes the header at {@code at} of a memory that {@code bytes} is the same of. */
    static void writeHeader(
            MemorySegment segment,
            ByteBuffer bytes,
            int at,
            LogGeometry geometry,
            long epoch,
            long position,
            long previousEnd,
            long durable,
            int bodyLength,
            int records,
            int bodyCrc,
            Checksum checksum) {
        segment.set(INT, at + MAGIC, COMMIT_MAGIC);
        segment.set(LONG, at + AREA_ID, geometry.areaId());
        segment.set(LONG, at + EPOCH, epoch);
        segment.set(LONG, at + POSITION, position);
        segment.set(LONG, at + PREVIOUS_END, previousEnd);
        segment.set(LONG, at + DURABLE, durable);
        segment.set(INT, at + BODY_LENGTH, bodyLength);
        segment.set(INT, at + RECORD_COUNT, records);
        segment.set(INT, at + BODY_CRC, bodyCrc);
        segment.set(INT, at + RESERVED, 0);
        segment.set(INT, at + HEADER_CRC, headerCrc(bytes, at, geometry, checksum));
    }

    private static int headerCrc(ByteBuffer bytes, int at, LogGeometry geometry, Checksum checksum) {
        return checksum.of(bytes, at + AREA_ID, HEADER_LENGTH - AREA_ID) ^ headerSeal(geometry.identity());
    }

    /**
     * Whether a sound commit header of this log for this very position lies at {@code at}. Says nothing of the body.
     */
    static boolean isHeader(
            MemorySegment segment, ByteBuffer bytes, int at, LogGeometry geometry, long position, Checksum checksum) {
        return segment.get(INT, at + MAGIC) == COMMIT_MAGIC
                && segment.get(LONG, at + AREA_ID) == geometry.areaId()
                && segment.get(LONG, at + POSITION) == position
                && segment.get(INT, at + HEADER_CRC) == headerCrc(bytes, at, geometry, checksum)
                && geometry.fitsInSegment(position, segment.get(INT, at + BODY_LENGTH));
    }
}
