package io.sietch.persistent;

import static org.assertj.core.api.Assertions.assertThat;

import io.sietch.vsic.RamMedia;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

/** Entries with a time to live, by a clock that the test sets. */
class TableExpiryTest {
    private static final long STAYS = Long.MAX_VALUE;

    private final TableRig rig = newRig();
    private long now = 1_000_000;

    private TableRig newRig() {
        TableRig made = new TableRig(new RamMedia(24 * LogRig.SEGMENT));
        made.options = made.options.withClock(() -> Instant.ofEpochMilli(now)).withCheckpointBytes(Long.MAX_VALUE);
        return made;
    }

    private void put(TableCore table, String key, String value, long expiry) {
        rig.put(table, key, value, expiry);
    }

    @Test
    void nobodyFindsWhatHasExpiredWhetherOrNotItIsRemoved() throws IOException {
        TableCore table = rig.open();
        put(table, "a", "short", now + 10);
        put(table, "b", "long", now + 1_000_000);
        put(table, "c", "stays", STAYS);
        assertThat(rig.newest(table, "a")).as("pending").isEqualTo("short");
        rig.commit(table);
        assertThat(rig.all(table)).containsOnlyKeys("a", "b", "c");
        try (TableReader reader = table.read()) {
            assertThat(reader.find(TableRig.bytes("b"), 0, 1)).isTrue();
            assertThat(reader.item().expiry()).isEqualTo(now + 1_000_000);
        }
        now += 9;
        assertThat(rig.durable(table, "a")).isEqualTo("short");
        now += 1;
        assertThat(rig.durable(table, "a")).isNull();
        assertThat(rig.newest(table, "a")).isNull();
        assertThat(rig.all(table)).containsOnlyKeys("b", "c");
        assertThat(table.size()).as("not removed yet").isEqualTo(3);
        assertThat(rig.remove(table, "a")).as("it was not there").isZero();
        rig.settle(table);
        assertThat(table.size()).isEqualTo(2);
        assertThat(Verification.of(table.verifier(), bytes -> {}).damages()).isEmpty();
        table.close();
    }

    @Test
    void whatExpiresWhilePendingIsNotFound() throws IOException {
        TableCore table = rig.open();
        put(table, "a", "1", now + 10);
        now += 10;
        assertThat(rig.newest(table, "a")).isNull();
        MemorySegment put = TableRig.record("a=2");
        assertThat(table.appendIf(0, put, 0, (int) put.byteSize()))
                .as("as if it were not there")
                .isPositive();
        rig.commit(table);
        assertThat(rig.durable(table, "a")).isEqualTo("2");
        table.close();
    }

    @Test
    void aChangeWithoutATimeToLiveLetsItStay() throws IOException {
        TableCore table = rig.open();
        put(table, "a", "1", now + 10);
        put(table, "a", "2", STAYS);
        put(table, "b", "1", STAYS);
        put(table, "b", "2", now + 10);
        rig.commit(table);
        now += 2_000;
        rig.settle(table);
        assertThat(rig.all(table)).isEqualTo(Map.of("a", "2"));
        assertThat(table.size()).isEqualTo(1);
        table.close();
    }

    @Test
    void itExpiresWhileTheTableIsClosedWithAndWithoutACheckpoint() throws IOException {
        for (long checkpoint : new long[] {Long.MAX_VALUE, 4096}) {
            rig.options = rig.options.withCheckpointBytes(checkpoint);
            TableCore table = rig.open();
            for (int i = 0; i < 200; i++) {
                put(table, "key" + i, "v".repeat(100), i % 2 == 0 ? now + 60_000 + i : STAYS);
            }
            table.close();
            now += 30_000;
            table = rig.open();
            assertThat(table.opening().loadedKeys() > 0).isEqualTo(checkpoint == 4096);
            assertThat(rig.all(table)).hasSize(200);
            rig.settle(table);
            now += 100_000;
            assertThat(rig.all(table)).hasSize(100);
            rig.settle(table);
            assertThat(table.size())
                    .as("removed after having been told by a checkpoint")
                    .isEqualTo(100);
            table.close();
            now -= 100_000;
            table = rig.open();
            assertThat(rig.all(table))
                    .as("and not there again when the clock is turned back")
                    .hasSize(100);
            assertThat(table.clear()).isPositive();
            table.close();
        }
    }

    @Test
    void cleaningLeavesBehindWhatHasExpired() throws IOException {
        TableCore table = rig.open();
        for (int i = 0; i < 100; i++) {
            put(table, "gone" + i, "v".repeat(5000), i % 5 == 0 ? now + 1 : now + 10);
        }
        rig.commit(table);
        long relocated = table.figures().relocatedBytes();
        now += 1;
        rig.settle(table);
        assertThat(table.size()).isEqualTo(80);
        now += 9; // too early for walking through the segments again
        rig.settle(table);
        assertThat(table.size()).isGreaterThan(70);
        for (int i = 0; i < 2000; i++) {
            rig.put(table, "key" + i % 3, "w".repeat(4000));
            table.commit();
            rig.poll(table);
        }
        assertThat(table.size()).isEqualTo(3);
        assertThat(table.figures().relocatedBytes() - relocated)
                .as("eighty long values are not among it")
                .isLessThan(200_000);
        table.close();
    }

    @Test
    void itIsRemovedSoonAndNotByWalkingForEach() throws IOException {
        TableCore table = rig.open();
        for (int i = 0; i < 500; i++) {
            put(table, "key" + i, "v", now + 1 + i * 1000L);
        }
        rig.commit(table);
        long began = now;
        int walks = 0;
        for (int i = 0; i < 1000; i++) {
            now += 1000;
            long before = table.size();
            rig.settle(table);
            walks += table.size() < before ? 1 : 0;
            long age = now - began;
            long mustBeGone = Math.min(500, (age - 1000) / 1500 - 1);
            assertThat(table.size()).isLessThanOrEqualTo(500 - mustBeGone);
        }
        assertThat(table.size()).isZero();
        assertThat(walks).isBetween(5, 30);
        assertThat(table.idleNanos()).isEqualTo(Long.MAX_VALUE);
        table.close();
    }

    @Test
    void inASnapshotNothingExpires() throws IOException {
        TableCore table = rig.open();
        put(table, "a", "1", now + 10);
        put(table, "b", "1", now + 5);
        rig.commit(table);
        now += 5;
        FrozenTable snapshot = table.freeze();
        now += 5_000;
        rig.settle(table);
        assertThat(table.size()).isZero();
        assertThat(rig.at(snapshot, "a")).isEqualTo("1");
        assertThat(rig.all(snapshot::read)).isEqualTo(Map.of("a", "1"));
        snapshot.close();
        table.close();
    }

    private record Entry(String value, long expiry) {}

    @Property(tries = 100, shrinking = ShrinkingMode.BOUNDED)
    void isAMapWithTimes(
            @ForAll long seed, @ForAll @Size(min = 10, max = 80) List<@IntRange(max = 1 << 20) Integer> choices)
            throws IOException {
        Random random = new Random(seed);
        TableRig rig = newRig();
        rig.options = rig.options.withCheckpointBytes(32 << 10).withSeeds(random::nextLong);
        TableCore table = rig.open();
        TreeMap<String, Entry> model = new TreeMap<>();
        for (int choice : choices) {
            switch (choice % 12) {
                case 0, 1, 2, 3, 4 -> {
                    for (int i = 0; i < 20; i++) {
                        String key = "key" + (choice / 12 + i * 3) % 120;
                        Entry entry = new Entry(
                                random.nextInt() + "x".repeat(choice % 1500),
                                random.nextInt(3) == 0 ? STAYS : now + random.nextInt(20_000));
                        rig.put(table, key, entry.value, entry.expiry);
                        model.put(key, entry);
                        rig.poll(table);
                    }
                }
                case 5 -> {
                    String key = "key" + choice / 12 % 120;
                    Entry before = model.remove(key);
                    assertThat(rig.remove(table, key) > 0).isEqualTo(before != null && before.expiry > now);
                }
                case 6, 7 -> now += choice / 12 % 8000;
                case 8 -> rig.settle(table);
                case 9 -> {
                    table.close();
                    table = rig.open();
                }
                default -> {
                    table.commit();
                    rig.poll(table);
                }
            }
        }
        rig.commit(table);
        TreeMap<String, String> expected = new TreeMap<>();
        model.forEach((key, entry) -> {
            if (entry.expiry > now) {
                expected.put(key, entry.value);
            }
        });
        assertThat(rig.all(table)).isEqualTo(expected);
        assertThat(Verification.of(table.verifier(), bytes -> {}).damages()).isEmpty();
        // What a walk came too early for goes with the next, when the segment is half as old again.
        for (int i = 0; i < 2; i++) {
            now += 1_000_000;
            rig.settle(table);
        }
        assertThat(table.size()).isEqualTo(rig.all(table).size());
        table.close();
    }
}
