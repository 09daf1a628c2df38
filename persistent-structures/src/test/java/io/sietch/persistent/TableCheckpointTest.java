package io.sietch.persistent;

import static org.assertj.core.api.Assertions.assertThat;

import io.sietch.vsic.RamMedia;
import java.io.IOException;
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
        assertThat(restored).isGreaterThan(7);
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
        for (int i = 0; i < 5_000; i++) {
            // So long that the log needs no cleaning, which would take the checkpoint with it.
            String value = "-".repeat(90);
            rig.put(table, "key" + i, value);
            model.put("key" + i, value);
        }
        table.close();
        table = rig.open();
        assertThat(table.opening().loadedKeys()).isGreaterThan(1_500);
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

    /** What is told of so many segments takes more than the longest record. */
    @Test
    void thereMayBeAnyNumberOfSegments() throws IOException {
        int segments = 2100;
        try (RamMedia media = new RamMedia((long) segments * LogRig.SEGMENT)) {
            TableRig many = new TableRig(media);
            many.options = many.options.withCheckpointBytes(Long.MAX_VALUE);
            TableCore table = many.open();
            int values = segments - 60;
            for (int i = 0; i < values; i++) {
                many.put(table, "key" + i, "v".repeat(table.maxItemBytes() - 100));
                many.commit(table);
            }
            long bytes = table.figures().keyAndValueBytes();
            many.options = many.options.withCheckpointBytes(4096);
            table = many.open();
            many.settle(table);
            table = many.open();
            assertThat(table.opening().loadedKeys()).isEqualTo(values);
            assertThat(table.log().head()).isLessThan(segments * LogRig.SEGMENT / 64L);
            assertThat(table.figures().keyAndValueBytes()).isEqualTo(bytes);
            for (int i = 0; i < values; i++) {
                many.remove(table, "key" + i);
            }
            many.commit(table);
            assertThat(table.figures().itemBytes()).isZero();
        }
    }
}
