package io.sietch.persistent;

import static org.assertj.core.api.Assertions.assertThat;

import io.sietch.vsic.RamMedia;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HexFormat;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class TableCheckpointTest {
    private final TableRig rig = new TableRig(new RamMedia(24 * LogRig.SEGMENT));
    private final TreeMap<String, String> model = new TreeMap<>();

    TableCheckpointTest() {
        Random secrets = new Random(0);
        rig.options = rig.options.withCheckpointBytes(16 << 10).withSeeds(secrets::nextLong);
    }

    private void change(TableCore table, Random random, int changes) {
        for (int i = 0; i < changes; i++) {
            String key = "key" + random.nextInt(400);
            if (random.nextInt(5) == 0) {
                rig.remove(table, key);
                model.remove(key);
            } else {
                String value = "v" + random.nextInt() + "x".repeat(random.nextInt(60));
                rig.put(table, key, value);
                model.put(key, value);
            }
            if (random.nextInt(2000) == 0) {
                table.clear();
                model.clear();
            }
            if (i % 7 == 0) {
                table.commit();
            }
            rig.poll(table);
        }
        rig.commit(table);
    }

    private void check(TableCore table) {
        assertThat(rig.all(table)).isEqualTo(model);
        try (TableVerifier verifier = table.verifier()) {
            while (verifier.step()) {
                assertThat(verifier.readBytes()).isNotNegative();
            }
            assertThat(verifier.result().damages()).isEmpty();
        }
    }

    @Test
    void openingWithoutACloseGoesOnFromTheLastCheckpointAndFindsTheSame() throws IOException {
        Random random = new Random(1);
        TableCore table = rig.open();
        int restored = 0;
        for (int i = 0; i < 12; i++) {
            change(table, random, 1200);
            assertThat(table.log().marked()).isPositive();
            long head = table.log().head();
            table = rig.open();
            restored += table.opening().replayedFrom() > head ? 1 : 0;
            assertThat(table.log().appended() - table.opening().replayedFrom()).isLessThan(160 << 10);
            check(table);
        }
        assertThat(restored).isGreaterThan(9);
        assertThat(table.log().head()).as("segments were cleaned").isGreaterThan(LogRig.SEGMENT * 4L);
    }

    @Test
    void anOrderlyCloseLeavesNothingToReplayButTheCheckpoint() throws IOException {
        rig.options = rig.options.withCheckpointBytes(64 << 10);
        TableCore table = rig.open();
        change(table, new Random(2), 300);
        long end = table.log().appended();
        assertThat(table.log().marked()).isZero();
        table.close();
        table = rig.open();
        assertThat(table.opening().replayedFrom()).isEqualTo(end);
        assertThat(table.opening().loadedKeys()).isEqualTo(model.size());
        assertThat(table.opening().whyFromHead()).isEmpty();
        check(table);
    }

    @Test
    void manyKeysAreTakenOver() throws IOException {
        TableCore table = rig.open();
        for (int i = 0; i < 20_000; i++) {
            rig.put(table, "key" + i, "");
            model.put("key" + i, "");
        }
        table.close();
        table = rig.open();
        assertThat(table.opening().loadedKeys()).isGreaterThan(15_000);
        check(table);
    }

    @Test
    void aMarkThatShowsNoCheckpointIsNotUsed() throws IOException {
        TableCore table = rig.open();
        change(table, new Random(3), 1200);
        rig.options = rig.options.withCheckpointBytes(Long.MAX_VALUE);
        table = rig.open();
        long[] marks = {
            8, table.log().durable(), table.log().marked() + 8, table.log().durable() - 8
        };
        for (long mark : marks) {
            table.log().mark(mark);
            rig.settle(table);
            table = rig.open();
            assertThat(table.opening().replayedFrom())
                    .as("mark " + mark)
                    .isEqualTo(table.log().head());
            assertThat(table.opening().whyFromHead()).containsAnyOf("no whole checkpoint", "damaged", "cleaned away");
            assertThat(table.opening().loadedKeys()).isZero();
            check(table);
        }
    }

    @Test
    void aCheckpointThatWasCleanedAwayIsNotUsed() throws IOException {
        TableCore table = rig.open();
        change(table, new Random(4), 1200);
        long mark = table.log().marked();
        rig.options = rig.options.withCheckpointBytes(Long.MAX_VALUE);
        table = rig.open();
        change(table, new Random(5), 12_000);
        assertThat(table.log().head()).isGreaterThan(mark);
        table = rig.open();
        assertThat(table.opening().toString())
                .contains("0 keys from a checkpoint")
                .contains("cleaned away");
        check(table);
    }

    @Test
    void goldenBytes() {
        MemorySegment memory = Arena.ofAuto().allocate(112, 8);
        TableCheckpointFormat.writeHeader(memory, 0, TableCheckpointFormat.PART, 0x1234, 0x5678, 2, 2);
        TableCheckpointFormat.writeWord(memory, 0, 0, IndexPart.homeWord(0x123));
        TableCheckpointFormat.writeWord(memory, 0, 1, 0xabcde_0_1122334455L);
        assertThat(hex(memory, TableCheckpointFormat.partBytes(2)))
                .isEqualTo("53494554434b50013412000000000000" + "78560000000000000200000002000000"
                        + "00000000003012005544332211e0cdab");
        assertThat(IndexPart.homeOfWord(IndexPart.homeWord(0x123))).isEqualTo(0x123);
        assertThat(IndexPart.homeOfWord(0xabcde_0_1122334455L)).isEqualTo(-1);
        assertThat(IndexPart.hashOf(0x123, 0xabcde_0_1122334455L)).isEqualTo(0x123abcdeL);
        TableCheckpointFormat.writeHeader(memory, 0, TableCheckpointFormat.END, 0x1234, 0x5678, 3, 1);
        TableCheckpointFormat.writeSecret(memory, 0, 7, 8);
        TableCheckpointFormat.writeIndex(memory, 0, 9, 10, 16, 11);
        TableCheckpointFormat.writeSegment(memory, 0, 0, false, 5, 100, 160);
        assertThat(hex(memory, TableCheckpointFormat.endBytes(1, false)))
                .isEqualTo("53494554434b45013412000000000000" + "78560000000000000300000001000000"
                        + "07000000000000000800000000000000" + "09000000000000000a00000000000000"
                        + "10000000000000000b00000000000000" + "05000000000000006400000000000000"
                        + "a000000000000000");
        TableCheckpointFormat.writeHeader(memory, 0, TableCheckpointFormat.END_EXPIRING, 0x1234, 0x5678, 3, 1);
        TableCheckpointFormat.writeSegment(memory, 0, 0, true, 5, 100, 160);
        TableCheckpointFormat.writeExpiry(memory, 0, 0, 0x0123456789L);
        assertThat(hex(memory, TableCheckpointFormat.endBytes(1, true)))
                .isEqualTo("53494554434b45023412000000000000" + "78560000000000000300000001000000"
                        + "07000000000000000800000000000000" + "09000000000000000a00000000000000"
                        + "10000000000000000b00000000000000" + "05000000000000006400000000000000"
                        + "a0000000000000008967452301000000");
    }

    private static String hex(MemorySegment memory, int length) {
        return HexFormat.of().formatHex(memory.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE));
    }
}
