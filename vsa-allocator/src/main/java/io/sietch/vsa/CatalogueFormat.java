package io.sietch.vsa;

import io.sietch.vsic.RateLimit;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of the catalogue. Why they are so, and how they are recovered: docs/format/catalogue.md. Little-endian.
 *
 * <p>The medium begins with {@value #COPIES} copies, {@value #COPY_BYTES} bytes apart. Each holds one header, then the
 * area records, then the quota records; what follows them in the copy has no meaning.
 *
 * <pre>
 * head 0        8         12             16            24      28           32           36        40          44   48
 *      +--------+---------+--------------+-------------+-------+------------+------------+---------+-----------+----+
 *      | magic  | version | prologue crc | sequence    | copy  | body bytes | unit bytes | areas   | quotas    | crc|
 *      +--------+---------+--------------+-------------+-------+------------+------------+---------+-----------+----+
 *      48                 56             64            72      80
 *      +------------------+--------------+-------------+-------+
 *      | units            | high water   | next id     | 0     |
 *      +------------------+--------------+-------------+-------+
 *
 * area 0        8         16             24            32      36           40           42        44          48
 *      +--------+---------+--------------+-------------+-------+------------+------------+---------+-----------+
 *      | id     | bytes/s | commands/s   | burst nanos |granule| extents    | name bytes | owner b.| 0         |
 *      +--------+---------+--------------+-------------+-------+------------+------------+---------+-----------+
 *      then for each extent [start 4][count 4], the name, the owner, zeros up to a multiple of 8
 *
 * quota0        8         10             16
 *      +--------+---------+--------------+
 *      | bytes  | owner b.| 0            |
 *      +--------+---------+--------------+
 *      then the owner, zeros up to a multiple of 8
 * </pre>
 *
 * <p>Granules, starts and counts are in units; names are UTF-8.
 *
 * <p>{@code prologue crc} is the CRC32C of magic and version: these 16 bytes mean the same in every version, so an
 * unknown version can be told from damage. {@code crc} is the CRC32C of header and body without its own four bytes; as
 * it covers the copy number and the sequence, a copy that went to another place, or blocks of two sequences, do not
 * pass.
 */
final class CatalogueFormat {
    /** Two pairs: see the commit order in {@link CatalogueStore}. */
    static final int COPIES = 4;

    /** Room for one copy: more than 3,000 areas with usual names and one extent each. */
    static final int COPY_BYTES = 256 * 1024;

    /** What the catalogue takes from the front of the medium. */
    static final int REGION_BYTES = COPIES * COPY_BYTES;

    static final int VERSION = 1;

    /** "SIETCHVA". */
    static final long MAGIC = 0x4156_4843_5445_4953L;

    static final int MIN_UNIT_BYTES = 512;

    /** A unit is at least a block, and a copy whole blocks. */
    static final int MAX_UNIT_BYTES = COPY_BYTES;

    static final int MAGIC_OFFSET = 0;
    static final int VERSION_OFFSET = 8;
    static final int PROLOGUE_CRC_OFFSET = 12;
    static final int SEQUENCE_OFFSET = 16;
    static final int COPY_OFFSET = 24;
    static final int BODY_BYTES_OFFSET = 28;
    static final int UNIT_BYTES_OFFSET = 32;
    static final int AREA_COUNT_OFFSET = 36;
    static final int QUOTA_COUNT_OFFSET = 40;
    static final int CRC_OFFSET = 44;
    static final int UNITS_OFFSET = 48;
    static final int HIGH_WATER_OFFSET = 56;
    static final int NEXT_ID_OFFSET = 64;
    static final int HEADER_BYTES = 80;

    static final int AREA_ID_OFFSET = 0;
    static final int AREA_BYTES_LIMIT_OFFSET = 8;
    static final int AREA_COMMANDS_LIMIT_OFFSET = 16;
    static final int AREA_BURST_OFFSET = 24;
    static final int AREA_GRANULE_OFFSET = 32;
    static final int AREA_EXTENT_COUNT_OFFSET = 36;
    static final int AREA_NAME_BYTES_OFFSET = 40;
    static final int AREA_OWNER_BYTES_OFFSET = 42;
    static final int AREA_FIXED_BYTES = 48;
    static final int EXTENT_BYTES = 8;

    static final int QUOTA_LIMIT_OFFSET = 0;
    static final int QUOTA_OWNER_BYTES_OFFSET = 8;
    static final int QUOTA_FIXED_BYTES = 16;

    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    static {
        check(PROLOGUE_CRC_OFFSET == VERSION_OFFSET + 4 && SEQUENCE_OFFSET == PROLOGUE_CRC_OFFSET + 4);
        check(CRC_OFFSET == QUOTA_COUNT_OFFSET + 4 && UNITS_OFFSET == CRC_OFFSET + 4);
        check(HEADER_BYTES == NEXT_ID_OFFSET + 16 && HEADER_BYTES <= MIN_UNIT_BYTES && HEADER_BYTES % 8 == 0);
        check(AREA_FIXED_BYTES % 8 == 0 && EXTENT_BYTES % 8 == 0 && QUOTA_FIXED_BYTES % 8 == 0);
        check(COPY_BYTES % MIN_UNIT_BYTES == 0 && Integer.bitCount(COPY_BYTES) == 1);
        check(Names.MAX_BYTES <= 0xFFFF);
    }

    private CatalogueFormat() {}

    private static void check(boolean holds) {
        if (!holds) {
            throw new AssertionError("layout of the catalogue");
        }
    }

    /** Where a copy begins on the medium. */
    static long copyOffset(int copy) {
        return (long) copy * COPY_BYTES;
    }

    /** Bytes of one copy of the catalogue; more than {@link #COPY_BYTES} do not fit. */
    static long length(Catalogue catalogue) {
        long length = HEADER_BYTES;
        for (Area area : catalogue.areas().values()) {
            length += areaLength(area);
        }
        for (String owner : catalogue.quotas().keySet()) {
            length += pad(QUOTA_FIXED_BYTES + Names.utf8("owner", owner).length);
        }
        return length;
    }

    static long areaLength(Area area) {
        return pad(AREA_FIXED_BYTES
                + (long) EXTENT_BYTES * area.runs().size()
                + Names.utf8("area", area.name()).length
                + Names.utf8("owner", area.owner()).length);
    }

    private static long pad(long length) {
        return (length + 7) & -8;
    }

    // ---- writing ------------------------------------------------------------------------------------------------

    /**
     * Writes one copy. Bytes of the target after it are left alone.
     *
     * @param target zeros, as long as {@link #length} at least
     */
    static void encode(Catalogue catalogue, long sequence, int copy, MemorySegment target) {
        int length = Math.toIntExact(length(catalogue));
        long at = HEADER_BYTES;
        for (Area area : catalogue.areas().values()) {
            at += encodeArea(area, target.asSlice(at));
        }
        for (var quota : catalogue.quotas().entrySet()) {
            byte[] owner = Names.utf8("owner", quota.getKey());
            target.set(LONG, at + QUOTA_LIMIT_OFFSET, quota.getValue());
            target.set(SHORT, at + QUOTA_OWNER_BYTES_OFFSET, (short) owner.length);
            MemorySegment.copy(owner, 0, target, ValueLayout.JAVA_BYTE, at + QUOTA_FIXED_BYTES, owner.length);
            at += pad(QUOTA_FIXED_BYTES + owner.length);
        }
        assert at == length : "wrote " + at + " bytes of " + length;
        target.set(LONG, MAGIC_OFFSET, MAGIC);
        target.set(INT, VERSION_OFFSET, VERSION);
        target.set(INT, PROLOGUE_CRC_OFFSET, prologueCrc(target));
        target.set(LONG, SEQUENCE_OFFSET, sequence);
        target.set(INT, COPY_OFFSET, copy);
        target.set(INT, BODY_BYTES_OFFSET, length - HEADER_BYTES);
        target.set(INT, UNIT_BYTES_OFFSET, catalogue.unitBytes());
        target.set(INT, AREA_COUNT_OFFSET, catalogue.areas().size());
        target.set(INT, QUOTA_COUNT_OFFSET, catalogue.quotas().size());
        target.set(LONG, UNITS_OFFSET, catalogue.units());
        target.set(LONG, HIGH_WATER_OFFSET, catalogue.highWater());
        target.set(LONG, NEXT_ID_OFFSET, catalogue.nextId());
        target.set(INT, CRC_OFFSET, crc(target, length));
    }

    /** Turns one encoded copy into another one of the same catalogue and sequence. */
    static void renumber(MemorySegment encoded, int copy) {
        encoded.set(INT, COPY_OFFSET, copy);
        encoded.set(INT, CRC_OFFSET, crc(encoded, HEADER_BYTES + encoded.get(INT, BODY_BYTES_OFFSET)));
    }

    private static long encodeArea(Area area, MemorySegment target) {
        byte[] name = Names.utf8("area", area.name());
        byte[] owner = Names.utf8("owner", area.owner());
        target.set(LONG, AREA_ID_OFFSET, area.id());
        target.set(LONG, AREA_BYTES_LIMIT_OFFSET, area.limit().bytesPerSecond());
        target.set(LONG, AREA_COMMANDS_LIMIT_OFFSET, area.limit().commandsPerSecond());
        target.set(LONG, AREA_BURST_OFFSET, area.limit().burstNanos());
        target.set(INT, AREA_GRANULE_OFFSET, area.granule());
        target.set(INT, AREA_EXTENT_COUNT_OFFSET, area.runs().size());
        target.set(SHORT, AREA_NAME_BYTES_OFFSET, (short) name.length);
        target.set(SHORT, AREA_OWNER_BYTES_OFFSET, (short) owner.length);
        long at = AREA_FIXED_BYTES;
        for (Run run : area.runs()) {
            target.set(INT, at, run.start());
            target.set(INT, at + 4, run.count());
            at += EXTENT_BYTES;
        }
        MemorySegment.copy(name, 0, target, ValueLayout.JAVA_BYTE, at, name.length);
        MemorySegment.copy(owner, 0, target, ValueLayout.JAVA_BYTE, at + name.length, owner.length);
        return areaLength(area);
    }

    private static int prologueCrc(MemorySegment bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes.asSlice(0, PROLOGUE_CRC_OFFSET).asByteBuffer());
        return (int) crc.getValue();
    }

    private static int crc(MemorySegment bytes, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes.asSlice(0, CRC_OFFSET).asByteBuffer());
        crc.update(bytes.asSlice(CRC_OFFSET + 4, length - CRC_OFFSET - 4).asByteBuffer());
        return (int) crc.getValue();
    }

    // ---- reading ------------------------------------------------------------------------------------------------

    /**
     * How many bytes of a copy have to be read to judge it, by its first block; 0 if that block says already that the
     * copy is no good.
     */
    static int claimedLength(MemorySegment firstBlock) {
        if (prologueProblem(firstBlock) != null) {
            return 0;
        }
        int body = firstBlock.get(INT, BODY_BYTES_OFFSET);
        return body < 0 || body > COPY_BYTES - HEADER_BYTES ? 0 : HEADER_BYTES + body;
    }

    private static @Nullable CatalogueCopy prologueProblem(MemorySegment bytes) {
        if (bytes.get(LONG, MAGIC_OFFSET) != MAGIC) {
            return new CatalogueCopy.Unmarked();
        }
        if (bytes.get(INT, PROLOGUE_CRC_OFFSET) != prologueCrc(bytes)) {
            return new CatalogueCopy.Damaged("checksum of its first 16 bytes does not match");
        }
        int version = bytes.get(INT, VERSION_OFFSET);
        return version == VERSION ? null : new CatalogueCopy.UnknownVersion(version);
    }

    /** Judges one copy. The segment holds {@link #claimedLength} bytes, or the first block if that is 0. */
    static CatalogueCopy decode(MemorySegment bytes, int copy) {
        CatalogueCopy problem = prologueProblem(bytes);
        if (problem != null) {
            return problem;
        }
        int length = claimedLength(bytes);
        if (length == 0 || length > bytes.byteSize()) {
            return new CatalogueCopy.Damaged("body of " + bytes.get(INT, BODY_BYTES_OFFSET) + " bytes");
        }
        if (bytes.get(INT, CRC_OFFSET) != crc(bytes, length)) {
            return new CatalogueCopy.Damaged("checksum does not match");
        }
        if (bytes.get(INT, COPY_OFFSET) != copy) {
            return new CatalogueCopy.Damaged("it is copy " + bytes.get(INT, COPY_OFFSET) + " gone astray");
        }
        try {
            Catalogue catalogue = decodeBody(bytes.asSlice(0, length));
            String inconsistency = catalogue.inconsistency();
            return inconsistency == null
                    ? new CatalogueCopy.Valid(bytes.get(LONG, SEQUENCE_OFFSET), catalogue)
                    : new CatalogueCopy.Damaged(inconsistency);
        } catch (CharacterCodingException
                | IndexOutOfBoundsException
                | IllegalArgumentException
                | ArithmeticException e) {
            // The checksum holds, so a program wrote this that was wrong; do not follow it.
            return new CatalogueCopy.Damaged("malformed record: " + e.getMessage());
        }
    }

    private static Catalogue decodeBody(MemorySegment bytes) throws CharacterCodingException {
        SortedMap<String, Area> areas = new TreeMap<>();
        SortedMap<String, Long> quotas = new TreeMap<>();
        long at = HEADER_BYTES;
        for (int i = bytes.get(INT, AREA_COUNT_OFFSET); i > 0; i--) {
            Area area = decodeArea(bytes.asSlice(at));
            if (areas.put(area.name(), area) != null) {
                throw new IllegalArgumentException("two areas named " + area.name());
            }
            at += areaLength(area);
        }
        for (int i = bytes.get(INT, QUOTA_COUNT_OFFSET); i > 0; i--) {
            int ownerBytes = Short.toUnsignedInt(bytes.get(SHORT, at + QUOTA_OWNER_BYTES_OFFSET));
            quotas.put(text(bytes, at + QUOTA_FIXED_BYTES, ownerBytes), bytes.get(LONG, at + QUOTA_LIMIT_OFFSET));
            at += pad(QUOTA_FIXED_BYTES + ownerBytes);
        }
        if (at != bytes.byteSize()) {
            throw new IllegalArgumentException("records end at " + at + " of " + bytes.byteSize() + " bytes");
        }
        return new Catalogue(
                bytes.get(INT, UNIT_BYTES_OFFSET),
                Math.toIntExact(bytes.get(LONG, UNITS_OFFSET)),
                Math.toIntExact(bytes.get(LONG, HIGH_WATER_OFFSET)),
                bytes.get(LONG, NEXT_ID_OFFSET),
                areas,
                quotas);
    }

    private static Area decodeArea(MemorySegment bytes) throws CharacterCodingException {
        int extents = bytes.get(INT, AREA_EXTENT_COUNT_OFFSET);
        List<Run> runs = new ArrayList<>();
        long at = AREA_FIXED_BYTES;
        for (int i = 0; i < extents; i++) {
            runs.add(new Run(bytes.get(INT, at), bytes.get(INT, at + 4)));
            at += EXTENT_BYTES;
        }
        int nameBytes = Short.toUnsignedInt(bytes.get(SHORT, AREA_NAME_BYTES_OFFSET));
        int ownerBytes = Short.toUnsignedInt(bytes.get(SHORT, AREA_OWNER_BYTES_OFFSET));
        RateLimit limit = new RateLimit(
                bytes.get(LONG, AREA_BYTES_LIMIT_OFFSET),
                bytes.get(LONG, AREA_COMMANDS_LIMIT_OFFSET),
                bytes.get(LONG, AREA_BURST_OFFSET));
        return new Area(
                bytes.get(LONG, AREA_ID_OFFSET),
                text(bytes, at, nameBytes),
                text(bytes, at + nameBytes, ownerBytes),
                bytes.get(INT, AREA_GRANULE_OFFSET),
                limit,
                runs);
    }

    private static String text(MemorySegment bytes, long offset, int length) throws CharacterCodingException {
        return StandardCharsets.UTF_8
                .newDecoder()
                .decode(bytes.asSlice(offset, length).asByteBuffer())
                .toString();
    }
}
