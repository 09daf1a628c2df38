package io.sietch.persistent;

import static org.assertj.core.api.Assertions.assertThat;

import io.sietch.vsic.RamMedia;
import java.io.IOException;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whoever waits for room gets it, or is refused: nobody waits for ever. */
class TableRoomTest {
    private static final int TURNS = 20_000;

    /** A reader that keeps trimmed segments from being used again stays so long when others wait for room. */
    private static final int TURNS_OF_A_READER = 300;

    private TableRig rig = new TableRig(new RamMedia(16 * LogRig.SEGMENT));
    private @Nullable TableReader reader;

    private void leave() {
        if (reader != null) {
            reader.close();
            reader = null;
        }
    }

    /** Puts, polling while the table is busy. */
    private long put(TableCore table, String key, int length) {
        for (int turn = 0; turn < TURNS; turn++) {
            long end = table.put(TableRig.bytes(key), 0, key.length(), TableRig.bytes("x".repeat(length)), 0, length);
            if (end != LogCore.BUSY) {
                return end;
            }
            if (turn == TURNS_OF_A_READER) {
                leave();
            }
            table.commit();
            rig.poll(table);
        }
        throw new AssertionError("no room and no refusal, with " + table.logBytes() + " bytes in the log, "
                + table.figures().itemBytes() + " of them alive, and "
                + table.log().spareSegments()
                + " spare segments");
    }

    /** Overwrites some keys until there is no room for more at once. */
    private void putUntilBusy(TableCore table, int keys) {
        for (int i = 0; i < 10_000; i++) {
            String key = "key" + i % keys;
            long end = table.put(TableRig.bytes(key), 0, key.length(), TableRig.bytes("x".repeat(1000)), 0, 1000);
            table.commit();
            rig.poll(table);
            if (end == LogCore.BUSY) {
                rig.settle(table);
                end = table.put(TableRig.bytes(key), 0, key.length(), TableRig.bytes("x".repeat(1000)), 0, 1000);
                if (end == LogCore.BUSY) {
                    return;
                }
            }
        }
        throw new AssertionError("there was always room");
    }

    @ParameterizedTest
    @ValueSource(ints = {16, 100, 200, 400})
    void thereIsRoomAgainWhenAReaderLeavesWhoSawSeveralSegmentsTrimmed(int keys) throws IOException {
        TableCore table = rig.open();
        rig.put(table, "key", "value");
        rig.commit(table);
        try (TableReader reader = table.read()) {
            assertThat(reader.find(TableRig.bytes("key"), 0, 3)).isTrue();
            putUntilBusy(table, keys);
        }
        assertThat(put(table, "more", 1000)).isPositive();
    }

    @ParameterizedTest
    @ValueSource(ints = {16, 100, 200, 400})
    void thereIsRoomAgainWhenACursorIsClosedThatSawSeveralSegmentsTrimmed(int keys) throws IOException {
        TableCore table = rig.open();
        rig.put(table, "key", "value");
        rig.commit(table);
        try (TableVerifier verifier = table.verifier()) {
            putUntilBusy(table, keys);
            assertThat(verifier.step()).isTrue();
        }
        assertThat(put(table, "more", 1000)).isPositive();
    }

    @Test
    void aTableFullOfItemsThatFillSegmentsPoorlyRefuses() throws IOException {
        TableCore table = rig.open();
        long end = 1;
        for (int i = 0; end > 0; i++) {
            assertThat(i).isLessThan(16);
            end = put(table, "key" + i, 40_000);
        }
        assertThat(end).isEqualTo(LogCore.NO_SPACE);
    }

    @Property(tries = 60)
    void whoeverWaitsForRoomGetsItOrIsRefused(@ForAll long seed) throws IOException {
        Random random = new Random(seed);
        int segments = TableCore.MIN_SEGMENTS + random.nextInt(12);
        rig = new TableRig(new RamMedia((long) segments * LogRig.SEGMENT));
        TableCore table = rig.open();
        int keys = 1 + random.nextInt(200);
        int longest = 1 << random.nextInt(16);
        for (int i = 0; i < 600; i++) {
            String key = "key" + random.nextInt(keys);
            if (random.nextInt(8) == 0) {
                leave();
                rig.remove(table, key);
            } else {
                put(table, key, Math.min(random.nextInt(longest), table.maxItemBytes() - 32));
            }
            if (random.nextInt(20) == 0) {
                table.commit();
                leave();
                reader = table.read();
            }
            for (int turns = random.nextInt(3); turns > 0; turns--) {
                rig.poll(table);
            }
        }
        leave();
        table.close();
    }
}
