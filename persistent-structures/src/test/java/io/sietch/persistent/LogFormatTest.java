package io.sietch.persistent;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/** The bytes on the medium, as they must stay. Whoever changes them raises the version and tells docs/format/log.md. */
class LogFormatTest {
    private static final LogGeometry GEOMETRY = new LogGeometry(7, 0x5a17, 4096, 1 << 16, 4096);

    private final MemorySegment memory = Arena.ofAuto().allocate(8192, 8);
    private final ByteBuffer bytes = memory.asByteBuffer();
    private final Checksum checksum = new Checksum();

    private String hex(int from, int length) {
        return HexFormat.of().formatHex(memory.asSlice(from, length).toArray(ValueLayout.JAVA_BYTE));
    }

    @Test
    void aCommitHeaderIsLaidOutAsDocumented() {
        LogFormat.writeHeader(memory, bytes, 0, GEOMETRY, 3, 0x15000, 0x14abc, 0x14000, 40, 2, 0xcafe, checksum);
        assertThat(hex(0, 64))
                .isEqualTo("534c43312798f0cb0700000000000000"
                        + "03000000000000000050010000000000"
                        + "bc4a0100000000000040010000000000"
                        + "2800000002000000feca000000000000");
        assertThat(LogFormat.isHeader(memory, bytes, 0, GEOMETRY, 0x15000, checksum))
                .isTrue();
        assertThat(LogFormat.isHeader(memory, bytes, 0, GEOMETRY, 0x16000, checksum))
                .isFalse();
    }

    @Test
    void aRecordIsBoundToLogEpochPositionAndLength() {
        int seal = LogFormat.recordSeal(GEOMETRY.identity(), 3, 0x15040, 5);
        assertThat(seal).isEqualTo(453_612_741);
        assertThat(seal)
                .isNotEqualTo(LogFormat.recordSeal(GEOMETRY.identity(), 4, 0x15040, 5))
                .isNotEqualTo(LogFormat.recordSeal(GEOMETRY.identity(), 3, 0x15048, 5))
                .isNotEqualTo(LogFormat.recordSeal(GEOMETRY.identity(), 3, 0x15040, 6))
                .isNotEqualTo(LogFormat.recordSeal(GEOMETRY.identity() + 1, 3, 0x15040, 5));
        assertThat(LogFormat.recordBytes(0)).isEqualTo(8);
        assertThat(LogFormat.recordBytes(1)).isEqualTo(16);
        assertThat(LogFormat.recordBytes(8)).isEqualTo(16);
        assertThat(LogCore.start(0x15050, 5)).isEqualTo(0x15040);
    }

    @Test
    void aSegmentHeaderIsLaidOutAsDocumented() {
        memory.fill((byte) 0xff);
        LogSegmentFormat.write(memory, bytes, 0, GEOMETRY, 5, 3, 0x4fff8, checksum);
        assertThat(hex(0, 64))
                .isEqualTo("53494554434853470100000092e0e5a7"
                        + "07000000000000000500000000000000"
                        + "0300000000000000f8ff040000000000"
                        + "00000100000000000000000000000000");
        assertThat(hex(64, 4096 - 64)).matches("0+");
        assertThat(hex(4096, 8)).isEqualTo("ffffffffffffffff");
        assertThat(LogSegmentFormat.isHeader(memory, bytes, 0, GEOMETRY, checksum))
                .isTrue();
    }

    private static LogSuperblock superblock(int commitBytes) {
        return new LogSuperblock(7, 12, 0x5a17, 3, 0x15040, 0x15050, 0x15060, 1 << 16, 4096, commitBytes, 16, true);
    }

    @Test
    void aSuperblockCopyIsLaidOutAsDocumented() {
        memory.fill((byte) 0xff);
        LogSuperblock values = superblock(4096);
        LogSuperblockFormat.write(memory, bytes, 0, 2, values, checksum);
        assertThat(hex(0, 128))
                .isEqualTo("5349455443484c470100000002000000"
                        + "07000000000000000c00000000000000"
                        + "175a0000000000000300000000000000"
                        + "40500100000000005050010000000000"
                        + "00000100001000001000000001000000"
                        + "60500100000000000000000000000000"
                        + "00000000000000000000000000000000"
                        + "00000000000000000000000004ecaedf");
        assertThat(hex(128, 4096 - 128)).matches("0+");
        assertThat(LogSuperblockFormat.read(memory, bytes, 0, 2, checksum)).isEqualTo(values);
        assertThat(LogSuperblockFormat.read(memory, bytes, 0, 1, checksum))
                .as("bound to its copy")
                .isNull();
    }

    @Test
    void aSuperblockOfALogOnMemoryIsOfTheNextVersion() {
        memory.fill((byte) 0xff);
        LogSuperblock values = superblock(64);
        LogSuperblockFormat.write(memory, bytes, 0, 2, values, checksum);
        assertThat(hex(0, 128))
                .isEqualTo("5349455443484c470200000002000000"
                        + "07000000000000000c00000000000000"
                        + "175a0000000000000300000000000000"
                        + "40500100000000005050010000000000"
                        + "00000100001000001000000001000000"
                        + "60500100000000004000000000000000"
                        + "00000000000000000000000000000000"
                        + "00000000000000000000000092f8ee2f");
        assertThat(LogSuperblockFormat.read(memory, bytes, 0, 2, checksum)).isEqualTo(values);
    }

    @Test
    void anyFlippedBitOfAHeaderIsNoticed() {
        LogFormat.writeHeader(memory, bytes, 0, GEOMETRY, 3, 0x15000, 0x14abc, 0x14000, 40, 2, 0xcafe, checksum);
        for (int bit = 0; bit < 64 * 8; bit++) {
            flip(bit);
            assertThat(LogFormat.isHeader(memory, bytes, 0, GEOMETRY, 0x15000, checksum))
                    .as("bit %d", bit)
                    .isFalse();
            flip(bit);
        }
        LogSuperblock values = superblock(4096);
        LogSuperblockFormat.write(memory, bytes, 0, 2, values, checksum);
        for (int bit = 0; bit < 128 * 8; bit++) {
            flip(bit);
            assertThat(LogSuperblockFormat.read(memory, bytes, 0, 2, checksum))
                    .as("bit %d", bit)
                    .isNull();
            flip(bit);
        }
    }

    private void flip(int bit) {
        byte old = memory.get(ValueLayout.JAVA_BYTE, bit / 8);
        memory.set(ValueLayout.JAVA_BYTE, bit / 8, (byte) (old ^ 1 << bit % 8));
    }
}
