package io.sietch.persistent;

import static org.assertj.core.api.Assertions.assertThat;

import io.sietch.vsic.RamMedia;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class TableGlanceTest {
    private static final Codec<String> TEXT = Codec.utf8();

    private final TableRig rig = new TableRig(new RamMedia(16 * LogRig.SEGMENT));

    /** Strings, with something done before the bytes are read. */
    private static class Disturbed implements Codec<String> {
        private final Runnable disturbance;

        Disturbed(Runnable disturbance) {
            this.disturbance = disturbance;
        }

        @Override
        public int encode(String value, MemorySegment target, long offset) {
            return TEXT.encode(value, target, offset);
        }

        @Override
        public String decode(MemorySegment source, long offset, int length) {
            disturbance.run();
            return TEXT.decode(source, offset, length);
        }
    }

    private static final class DisturbedTotal extends Disturbed implements TotalCodec<String> {
        final List<String> decoded = new ArrayList<>();

        DisturbedTotal(Runnable disturbance) {
            super(disturbance);
        }

        @Override
        public String decode(MemorySegment source, long offset, int length) {
            decoded.add(super.decode(source, offset, length));
            return decoded.getLast();
        }
    }

    private static @Nullable Object look(TableGlance glance, String key) {
        return glance.look(TEXT, key, TEXT);
    }

    /** Overwrites the log several times. */
    private void churn(TableCore table) {
        for (int i = 0; i < 8_000; i++) {
            rig.put(table, "other" + i % 50, "x".repeat(200));
        }
        rig.commit(table);
    }

    private TableCore openWith(String key, String value) throws IOException {
        TableCore table = rig.open();
        rig.put(table, key, value);
        rig.commit(table);
        return table;
    }

    @Test
    void whatIsDurableIsSeen() throws IOException {
        TableCore table = openWith("key", "value");
        TableGlance glance = new TableGlance(table);
        assertThat(look(glance, "key")).isEqualTo("value");
        assertThat(look(glance, "kez")).isNull();
        assertThat(look(glance, "k")).isNull();
        rig.put(table, "key", "pending");
        rig.put(table, "", "of the empty key");
        assertThat(look(glance, "key")).isEqualTo("value");
        rig.commit(table);
        assertThat(look(glance, "key")).isEqualTo("pending");
        assertThat(look(glance, "")).isEqualTo("of the empty key");
        rig.remove(table, "key");
        rig.commit(table);
        assertThat(look(glance, "key")).isNull();
    }

    @Test
    void keysOfAllLengthsAreToldApart() throws IOException {
        TableCore table = rig.open();
        for (int length = 0; length < 100; length++) {
            rig.put(table, "k".repeat(length), "value" + length);
        }
        rig.commit(table);
        TableGlance glance = new TableGlance(table);
        for (int length = 1; length < 100; length++) {
            String key = "k".repeat(length);
            assertThat(look(glance, key)).isEqualTo("value" + length);
            for (int other = 0; other < length; other++) {
                String changed = key.substring(0, other) + "x" + key.substring(other + 1);
                assertThat(look(glance, changed)).as(changed).isNull();
            }
        }
    }

    @Test
    void aTimeToLiveIsKept() throws IOException {
        long[] now = {1000};
        rig.options = rig.options.withClock(() -> Instant.ofEpochMilli(now[0]));
        TableCore table = rig.open();
        rig.put(table, "key", "value", 2000);
        rig.commit(table);
        TableGlance glance = new TableGlance(table);
        assertThat(look(glance, "key")).isEqualTo("value");
        now[0] = 1999;
        assertThat(look(glance, "key")).isEqualTo("value");
        now[0] = 2000;
        assertThat(look(glance, "key")).isNull();
    }

    @Test
    void whatWasReadOfMemoryThatWasUsedAgainDoesNotCount() throws IOException {
        TableCore table = openWith("key", "the first value");
        DisturbedTotal values = new DisturbedTotal(() -> churn(table));
        assertThat(new TableGlance(table).look(TEXT, "key", values)).isSameAs(TableGlance.UNSURE);
        assertThat(values.decoded).hasSize(1).doesNotContain("the first value");
        assertThat(rig.durable(table, "key")).isEqualTo("the first value");
    }

    @Test
    void aCodecThatMayNotSeeAnyBytesGetsACopyOfTheRightOnes() throws IOException {
        TableCore table = openWith("key", "the first value");
        Codec<String> values = new Disturbed(() -> churn(table));
        assertThat(new TableGlance(table).look(TEXT, "key", values)).isEqualTo("the first value");
    }

    @Test
    void anIndexThatUsesMemoryAgainIsNoticed() {
        ReadEpochs epochs = new ReadEpochs();
        TableIndex index = new TableIndex(4, epochs, Arena.ofAuto());
        long begun = epochs.begin();
        long part = index.memoryBytes();
        long hash = 0;
        while (index.memoryBytes() == part) {
            index.insert(Checksum.mix(++hash), 8 * hash);
        }
        assertThat(epochs.isStill(begun)).as("after memory was only given up").isTrue();
        long first = index.memoryBytes();
        while (index.memoryBytes() == first) {
            index.insert(Checksum.mix(++hash), 8 * hash);
        }
        assertThat(epochs.isStill(begun)).as("after it was used again").isFalse();
        assertThat(epochs.isStill(epochs.begin())).isTrue();
    }

    @Test
    void longValuesAreForThoseWithASeat() throws IOException {
        TableCore table = rig.open();
        rig.put(table, "longest", "x".repeat(GlanceBuffer.VALUE_MAX));
        rig.put(table, "longer", "x".repeat(GlanceBuffer.VALUE_MAX + 1));
        rig.commit(table);
        TableGlance glance = new TableGlance(table);
        assertThat(look(glance, "longest")).isEqualTo("x".repeat(GlanceBuffer.VALUE_MAX));
        assertThat(look(glance, "longer")).isSameAs(TableGlance.UNSURE);
    }

    @Test
    void nobodyLooksTwiceAtATimeOrAfterTheEnd() throws IOException {
        TableCore table = openWith("key", "value");
        TableGlance glance = new TableGlance(table);
        List<@Nullable Object> seen = new ArrayList<>();
        Codec<String> nested = new Disturbed(() -> seen.add(look(glance, "key")));
        assertThat(glance.look(TEXT, "key", nested)).isEqualTo("value");
        assertThat(seen).containsExactly(TableGlance.UNSURE);
        CompletableFuture<@Nullable Object> virtual = new CompletableFuture<>();
        Thread.startVirtualThread(() -> virtual.complete(look(glance, "key")));
        assertThat(virtual.join()).isSameAs(TableGlance.UNSURE);
        assertThat(look(glance, "key")).isEqualTo("value");
        glance.end();
        assertThat(look(glance, "key")).isSameAs(TableGlance.UNSURE);
    }
}
