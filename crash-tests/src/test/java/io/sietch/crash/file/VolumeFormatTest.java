package io.sietch.crash.file;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.util.HexFormat;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** The bytes of each part, and what is read back from them. */
class VolumeFormatTest {
    private final byte[] bytes = new byte[512];
    private final MemorySegment sector = MemorySegment.ofArray(bytes);

    private String hex(int length) {
        for (int i = length; i < bytes.length; i++) {
            assertThat(bytes[i]).as("byte %d", i).isZero();
        }
        return HexFormat.of().formatHex(bytes, 0, length);
    }

    @Test
    void aSuperblockSaysWhereFreeSpaceBegins() {
        VolumeFormat.writeSuperblock(sector, 0x1234);
        assertThat(hex(24)).isEqualTo("5349435246533031" + "01000000" + "3f000000" + "3412000000000000");
        assertThat(VolumeFormat.magic(sector)).isEqualTo(VolumeFormat.MAGIC);
        assertThat(VolumeFormat.version(sector)).isEqualTo(1);
        assertThat(VolumeFormat.highWater(sector)).isEqualTo(0x1234);
    }

    @Test
    void aLinkGivesASlotAName() {
        VolumeFormat.Link link = new VolumeFormat.Link(VolumeFormat.STATE_FILE, 7, 9, VolumeFormat.ROOT, 3, "dü");
        VolumeFormat.writeLink(sector, link);
        assertThat(hex(39))
                .isEqualTo("4c494e4b" + "01000000" + "0700000000000000" + "0900000000000000" + "ffffffff" + "03000000"
                        + "03000000" + "64c3bc");
        assertThat(VolumeFormat.readLink(sector)).isEqualTo(link);
        assertThat(VolumeFormat.readNode(sector)).isNull();
    }

    @Test
    void aNodeSaysHowLongAFileIsAndWhereItLies() {
        VolumeFormat.writeNode(sector, new VolumeFormat.Node(7, 5000, new int[] {200, 8, 300, 16}));
        assertThat(hex(40))
                .isEqualTo("4e4f4445" + "02000000" + "0700000000000000" + "8813000000000000" + "c8000000" + "08000000"
                        + "2c010000" + "10000000");
        VolumeFormat.Node read = Objects.requireNonNull(VolumeFormat.readNode(sector));
        assertThat(read.extents()).containsExactly(200, 8, 300, 16);
        assertThat(read.size()).isEqualTo(5000);
        assertThat(read.generation()).isEqualTo(7);
        assertThat(VolumeFormat.readLink(sector)).isNull();
    }

    @Test
    void linksAndNodesTakeSectorsOfTheirOwnBeforeTheData() {
        assertThat(VolumeFormat.linkSector(0)).isEqualTo(1);
        assertThat(VolumeFormat.nodeSector(0)).isEqualTo(2);
        assertThat(VolumeFormat.nodeSector(VolumeFormat.SLOTS - 1)).isEqualTo(VolumeFormat.dataStart() - 1);
        assertThat(VolumeFormat.EXTENTS_MAX).isEqualTo(61);
    }
}
