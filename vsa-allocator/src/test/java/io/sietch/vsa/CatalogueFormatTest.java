package io.sietch.vsa;

import static org.assertj.core.api.Assertions.assertThat;

import io.sietch.vsic.RateLimit;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.HexFormat;
import java.util.List;
import java.util.TreeMap;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CatalogueFormatTest {
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private static Catalogue sample() {
        TreeMap<String, Area> areas = new TreeMap<>();
        areas.put(
                "log",
                new Area(
                        3,
                        "log",
                        "alice",
                        2,
                        new RateLimit(0x1000, 0x20, 0x300),
                        List.of(new Run(0x12, 4), new Run(0x100, 2))));
        TreeMap<String, Long> quotas = new TreeMap<>();
        quotas.put("alice", 0x100000L);
        return new Catalogue(65536, 0x200, 0x110, 5, areas, quotas);
    }

    private static MemorySegment encoded(Catalogue catalogue, long sequence, int copy) {
        int length = (int) CatalogueFormat.length(catalogue);
        MemorySegment bytes = MemorySegment.ofArray(new byte[Math.max(512, length)]);
        CatalogueFormat.encode(catalogue, sequence, copy, bytes);
        return bytes;
    }

    private static void repairChecksum(MemorySegment bytes) {
        int length = CatalogueFormat.claimedLength(bytes);
        CRC32C crc = new CRC32C();
        crc.update(bytes.asSlice(0, CatalogueFormat.CRC_OFFSET).asByteBuffer());
        crc.update(bytes.asSlice(CatalogueFormat.CRC_OFFSET + 4, length - CatalogueFormat.CRC_OFFSET - 4)
                .asByteBuffer());
        bytes.set(INT, CatalogueFormat.CRC_OFFSET, (int) crc.getValue());
    }

    @Test
    void the_bytes_are_what_they_were_when_version_1_was_fixed() {
        String golden = """
            53494554 43485641 01000000 72560562 07000000 00000000 02000000 60000000
            00000100 01000000 01000000 d5aa76b3 00020000 00000000 10010000 00000000
            05000000 00000000 00000000 00000000
            03000000 00000000 00100000 00000000 20000000 00000000 00030000 00000000
            02000000 02000000 03000500 00000000 12000000 04000000 00010000 02000000
            6c6f6761 6c696365
            00001000 00000000 05000000 00000000 616c6963 65000000
            """;
        MemorySegment bytes = encoded(sample(), 7, 2);
        int length = (int) CatalogueFormat.length(sample());
        String found = HexFormat.of().formatHex(bytes.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE));
        assertThat(found).isEqualTo(golden.replaceAll("\\s", ""));
    }

    @Test
    void what_was_written_is_read() {
        assertThat(CatalogueFormat.decode(encoded(sample(), 7, 2), 2)).isEqualTo(new CatalogueCopy.Valid(7, sample()));
        Catalogue empty = Catalogue.empty(4096, 300);
        assertThat(CatalogueFormat.decode(encoded(empty, 1, 0), 0)).isEqualTo(new CatalogueCopy.Valid(1, empty));
    }

    @Test
    void every_single_flipped_bit_is_noticed() {
        MemorySegment bytes = encoded(sample(), 7, 2);
        long bits = CatalogueFormat.length(sample()) * 8;
        for (long bit = 0; bit < bits; bit++) {
            byte before = bytes.get(ValueLayout.JAVA_BYTE, bit / 8);
            bytes.set(ValueLayout.JAVA_BYTE, bit / 8, (byte) (before ^ 1 << bit % 8));
            assertThat(CatalogueFormat.decode(bytes, 2))
                    .as("bit %d", bit)
                    .isInstanceOfAny(CatalogueCopy.Damaged.class, CatalogueCopy.Unmarked.class);
            bytes.set(ValueLayout.JAVA_BYTE, bit / 8, before);
        }
    }

    @Test
    void a_copy_in_the_place_of_another_is_damaged() {
        assertThat(CatalogueFormat.decode(encoded(sample(), 7, 2), 1))
                .isEqualTo(new CatalogueCopy.Damaged("it is copy 2 gone astray"));
    }

    @Test
    void an_unknown_version_is_told_from_a_damaged_one() {
        MemorySegment bytes = encoded(sample(), 7, 2);
        bytes.set(INT, CatalogueFormat.VERSION_OFFSET, 9);
        assertThat(CatalogueFormat.decode(bytes, 2)).isInstanceOf(CatalogueCopy.Damaged.class);
        CRC32C crc = new CRC32C();
        crc.update(bytes.asSlice(0, CatalogueFormat.PROLOGUE_CRC_OFFSET).asByteBuffer());
        bytes.set(INT, CatalogueFormat.PROLOGUE_CRC_OFFSET, (int) crc.getValue());
        assertThat(CatalogueFormat.decode(bytes, 2)).isEqualTo(new CatalogueCopy.UnknownVersion(9));
    }

    @ParameterizedTest(name = "{2}")
    @CsvSource({
        "28, -1, negative body length",
        "28, 2147483647, body length beyond the copy",
        "28, 88, body length cuts a record",
        "28, 104, body length beyond the records",
        "32, 60000, unit is no power of two",
        "32, 256, unit is too small",
        "36, 2, more areas than there are",
        "36, 2147483647, very many areas",
        "36, 0, fewer areas than there are",
        "40, 2, more quotas than there are",
        "48, 16, size below the reserved units",
        "52, 1, size beyond 31 bits",
        "56, 1, high-water mark within the reserved units",
        "56, 513, high-water mark beyond the end",
        "56, 257, high-water mark below an extent",
        "64, 3, next id already taken",
        "80, 0, area id zero",
        "92, 512, rate limit beyond the maximum",
        "112, 0, granule zero",
        "112, 3, extent is no multiple of the granule",
        "112, -2, negative granule",
        "116, 0, no extents",
        "116, -1, negative number of extents",
        "116, 2147483647, very many extents",
        "128, 2, extent in the reserved units",
        "128, -1, extent at a negative unit",
        "132, 0, extent of no units",
        "132, -4, extent of negative length",
        "132, 2147483646, extent that overflows",
        "136, 20, extents overlap",
        "136, 510, extent beyond the end",
        "144, -1, name is not UTF-8",
    })
    void a_wrong_catalogue_with_a_good_checksum_is_not_followed(int offset, int value, String what) {
        MemorySegment bytes = MemorySegment.ofArray(new byte[CatalogueFormat.COPY_BYTES]);
        CatalogueFormat.encode(sample(), 7, 2, bytes);
        bytes.set(INT, offset, value);
        if (CatalogueFormat.claimedLength(bytes) > 0) {
            repairChecksum(bytes);
        }
        assertThat(CatalogueFormat.decode(bytes, 2)).as(what).isInstanceOf(CatalogueCopy.Damaged.class);
    }

    @Test
    void two_areas_of_one_name_are_not_followed() {
        TreeMap<String, Area> areas = new TreeMap<>();
        areas.put("a", new Area(1, "a", "o", 1, RateLimit.NONE, List.of(new Run(256, 1))));
        areas.put("b", new Area(2, "b", "o", 1, RateLimit.NONE, List.of(new Run(257, 1))));
        Catalogue two = new Catalogue(4096, 300, 258, 3, areas, new TreeMap<>());
        MemorySegment bytes = encoded(two, 1, 0);
        long nameOfSecond = CatalogueFormat.HEADER_BYTES
                + CatalogueFormat.areaLength(areas.get("a"))
                + CatalogueFormat.AREA_FIXED_BYTES
                + CatalogueFormat.EXTENT_BYTES;
        assertThat(bytes.get(ValueLayout.JAVA_BYTE, nameOfSecond)).isEqualTo((byte) 'b');
        bytes.set(ValueLayout.JAVA_BYTE, nameOfSecond, (byte) 'a');
        repairChecksum(bytes);
        assertThat(CatalogueFormat.decode(bytes, 0))
                .isEqualTo(new CatalogueCopy.Damaged("malformed record: two areas named a"));
    }

    @Test
    void a_sequence_may_use_all_63_bits() {
        MemorySegment bytes = encoded(sample(), Long.MAX_VALUE, 0);
        assertThat(bytes.get(LONG, CatalogueFormat.SEQUENCE_OFFSET)).isEqualTo(Long.MAX_VALUE);
        assertThat(CatalogueFormat.decode(bytes, 0)).isEqualTo(new CatalogueCopy.Valid(Long.MAX_VALUE, sample()));
    }
}
