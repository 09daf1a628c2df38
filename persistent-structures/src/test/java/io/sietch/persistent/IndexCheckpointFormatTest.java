package io.sietch.persistent;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class IndexCheckpointFormatTest {
    private static final long SLOT = 0xabcde_0_1122334455L;

    private final MemorySegment memory = Arena.ofAuto().allocate(112, 8);

    @Test
    void goldenBytesOfAPart() {
        IndexCheckpointFormat.writeHeader(memory, 0, IndexCheckpointFormat.PART, 0x1234, 0x5678, 2, 5);
        IndexCheckpointFormat.writeWord(memory, 0, 0, IndexPart.homeWord(0x123));
        IndexCheckpointFormat.writeWord(memory, 0, 1, SLOT);
        IndexCheckpointFormat.writeWord(memory, 0, 2, IndexPart.slotAt(SLOT, 0x22_33_44_55_60L, true));
        IndexCheckpointFormat.writeWord(memory, 0, 3, 0x7777);
        IndexCheckpointFormat.writeWord(memory, 0, 4, -1);
        assertThat(hex(IndexCheckpointFormat.bytes(5)))
                .isEqualTo("53494554434b50013412000000000000" + "78560000000000000200000005000000"
                        + "00000000003012005544332211e0cdab" + "ac8a684604e1cdab7777000000000000"
                        + "ffffffffffffffff");
    }

    @Test
    void wordsTellWhatTheyAre() {
        assertThat(IndexPart.homeOfWord(IndexPart.homeWord(0x123))).isEqualTo(0x123);
        assertThat(IndexPart.homeOfWord(SLOT)).isEqualTo(-1);
        assertThat(IndexPart.hashOf(0x123, SLOT)).isEqualTo(0x123abcdeL);
        long detailed = IndexPart.slotAt(SLOT, 4096, true);
        assertThat(IndexPart.isDetailed(SLOT)).isFalse();
        assertThat(IndexPart.isDetailed(detailed)).isTrue();
        assertThat(IndexPart.position(detailed, 0)).isEqualTo(4096);
        assertThat(IndexPart.hashOf(0x123, detailed)).isEqualTo(0x123abcdeL);
    }

    @Test
    void goldenBytesOfSums() {
        IndexCheckpointFormat.writeHeader(memory, 0, IndexCheckpointFormat.SUMS, 0x1234, 0x5678, 3, 4);
        long[] segment = {5, 100, 160, 0x0123456789L};
        for (int i = 0; i < segment.length; i++) {
            IndexCheckpointFormat.writeWord(memory, 0, i, segment[i]);
        }
        assertThat(hex(IndexCheckpointFormat.bytes(4)))
                .isEqualTo("53494554434b53013412000000000000" + "78560000000000000300000004000000"
                        + "05000000000000006400000000000000" + "a0000000000000008967452301000000");
        assertThat(IndexCheckpointFormat.bytesAt(memory, 0)).isEqualTo(64);
    }

    @Test
    void goldenBytesOfAnEnd() {
        IndexCheckpointFormat.writeHeader(memory, 0, IndexCheckpointFormat.END, 0x1234, 0x5678, 4, 0);
        IndexCheckpointFormat.writeSecret(memory, 0, 7, 8);
        IndexCheckpointFormat.writeIndex(memory, 0, 9, 10, 16, 11);
        assertThat(hex(IndexCheckpointFormat.END_BYTES))
                .isEqualTo("53494554434b45033412000000000000" + "78560000000000000400000000000000"
                        + "07000000000000000800000000000000" + "09000000000000000a00000000000000"
                        + "10000000000000000b00000000000000");
        assertThat(IndexCheckpointFormat.bytesAt(memory, 0)).isEqualTo(80);
    }

    @Test
    void endsOfOlderVersionsHaveTheSegmentsBehindThem() {
        long[] versions = {1, 2};
        for (long version : versions) {
            long magic = IndexCheckpointFormat.END & -1L >>> 8 | version << 56;
            IndexCheckpointFormat.writeHeader(memory, 0, magic, 0x1234, 0x5678, 3, 2);
            assertThat(IndexCheckpointFormat.isEnd(memory, 0)).isTrue();
            assertThat(IndexCheckpointFormat.bytesAt(memory, 0)).isEqualTo(80 + 2 * (version == 1 ? 24 : 32));
        }
        IndexCheckpointFormat.writeHeader(
                memory, 0, IndexCheckpointFormat.END & -1L >>> 8 | 4L << 56, 0x1234, 0x5678, 3, 2);
        assertThat(IndexCheckpointFormat.isEnd(memory, 0)).isFalse();
        assertThat(IndexCheckpointFormat.bytesAt(memory, 0)).isEqualTo(-1);
    }

    private String hex(int length) {
        return HexFormat.of().formatHex(memory.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE));
    }
}
