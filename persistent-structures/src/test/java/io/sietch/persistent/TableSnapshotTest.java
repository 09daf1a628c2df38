package io.sietch.persistent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sietch.vsic.RamMedia;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
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

/** A snapshot against a copy of a map: whatever grows, is cleaned, cleared or closed meanwhile, it stays as it was. */
class TableSnapshotTest {
    private static final int SEGMENTS = 24;
    private static final int KEYS = 300;

    private record Taken(FrozenTable snapshot, Map<String, String> map) {
        void check(TableRig rig, String key) {
            assertThat(rig.at(snapshot, key)).isEqualTo(map.get(key));
        }

        void checkAll(TableRig rig) {
            assertThat(snapshot.size()).isEqualTo(map.size());
            assertThat(rig.all(snapshot::read)).isEqualTo(new TreeMap<>(map));
        }
    }

    private static final class Run {
        final TableRig rig = new TableRig(new RamMedia(SEGMENTS * LogRig.SEGMENT));
        final Map<String, String> model = new HashMap<>();
        final Deque<Taken> taken = new ArrayDeque<>();
        final TableCore table;
        int number;

        Run(long seed) throws IOException {
            Random random = new Random(seed);
            rig.options = rig.options.withSeeds(random::nextLong).withCheckpointBytes(64 << 10);
            table = rig.open();
        }

        void act(int choice) {
            String key = "key" + choice / 16 % KEYS;
            switch (choice % 16) {
                case 0, 1, 2 -> {
                    for (int i = 0; i < 40; i++) {
                        put("key" + (choice / 16 + i * 7) % KEYS, number++ + "x".repeat(choice / 64 % 90));
                    }
                }
                case 3, 4, 5 -> {
                    for (int i = 0; i < 30; i++) {
                        put("key" + (choice + i) % 9, number++ + "z".repeat(3000));
                        rig.poll(table);
                    }
                }
                case 6, 7 -> {
                    rig.remove(table, key);
                    model.remove(key);
                }
                case 8 -> {
                    if (choice / 16 % 4 == 0) {
                        assertThat(table.clear()).isPositive();
                        model.clear();
                    }
                }
                case 9, 10, 11 -> take();
                case 12 -> close(choice / 16 % 3 == 0);
                case 13 -> taken.forEach(each -> each.checkAll(rig));
                default -> taken.forEach(each -> each.check(rig, key));
            }
            table.commit();
            rig.poll(table);
        }

        private void put(String key, String value) {
            while (rig.put(table, key, value) < 0) {
                // There is always room for all that is alive, if only snapshots let go.
                assertThat(taken).isNotEmpty();
                taken.getFirst().checkAll(rig);
                close(true);
            }
            model.put(key, value);
        }

        private void take() {
            rig.commit(table);
            if (taken.size() < 3) {
                FrozenTable snapshot = table.freeze();
                assertThat(snapshot.position()).isEqualTo(table.applied());
                taken.add(new Taken(snapshot, Map.copyOf(model)));
            }
        }

        /** The oldest or the newest, while others stay. */
        private void close(boolean oldest) {
            Taken closing = oldest ? taken.pollFirst() : taken.pollLast();
            if (closing != null) {
                closing.checkAll(rig);
                closing.snapshot.close();
                rig.commit(table);
            }
        }

        void end() throws IOException {
            taken.forEach(each -> each.checkAll(rig));
            while (!taken.isEmpty()) {
                close(false);
            }
            rig.commit(table);
            assertThat(table.log().holds().bytes()).isZero();
            assertThat(rig.all(table)).isEqualTo(new TreeMap<>(model));
            assertThat(Verification.of(table.verifier(), bytes -> {}).damages()).isEmpty();
            table.close();
        }
    }

    @Property(tries = 150, shrinking = ShrinkingMode.BOUNDED)
    void staysAsItWas(
            @ForAll long seed, @ForAll @Size(min = 10, max = 80) List<@IntRange(max = 1 << 20) Integer> choices)
            throws IOException {
        Run run = new Run(seed);
        for (int choice : choices) {
            run.act(choice);
        }
        run.end();
    }

    @Test
    void howeverLongItIsOpenItTakesNoMoreThanTheLogWas() throws IOException {
        Run run = new Run(1);
        for (int i = 0; i < KEYS; i++) {
            run.put("key" + i, "before" + i + "x".repeat(500));
        }
        run.take();
        long logThen = run.table.logBytes();
        for (int i = 0; i < 25_000; i++) {
            String key = "key" + i % KEYS;
            run.put(key, i + "y".repeat(500));
            if (i % 8 == 0) {
                run.rig.commit(run.table);
            }
        }
        assertThat(run.table.log().metrics().freedSegments())
                .as("the log went round")
                .isGreaterThan(5 * SEGMENTS);
        assertThat(run.taken).as("none had to be closed to make room").hasSize(1);
        assertThat(run.table.log().holds().bytes()).isPositive().isLessThanOrEqualTo(logThen + LogRig.SEGMENT);
        run.end();
    }

    @Test
    void whereItTakesTheRoomChangesAreRefusedAndRemovalsAreNot() throws IOException {
        Run run = new Run(1);
        for (int i = 0; i < 80; i++) {
            run.put("key" + i, i + "x".repeat(8000));
        }
        run.take();
        int i = 0;
        while (run.rig.put(run.table, "key" + i % 80, "y".repeat(8000)) > 0) {
            run.model.put("key" + i % 80, "y".repeat(8000));
            run.rig.commit(run.table);
            i++;
            assertThat(i).isLessThan(1000);
        }
        assertThat(new TableRequests(run.table).whyFull()).contains("snapshots");
        assertThat(run.rig.remove(run.table, "key0")).isPositive();
        run.model.remove("key0");
        run.taken.getFirst().checkAll(run.rig);
        run.close(true);
        run.put("key1", "after");
        run.end();
    }

    @Test
    void ofAnEmptyTableIsEmpty() throws IOException {
        Run run = new Run(1);
        run.take();
        run.put("key", "value");
        run.rig.commit(run.table);
        assertThat(run.rig.at(run.taken.getFirst().snapshot, "key")).isNull();
        run.end();
    }

    @Test
    void whoReadsItWhileItIsClosedReadsOn() throws IOException {
        Run run = new Run(1);
        run.put("key0", "before" + "x".repeat(1000));
        run.take();
        FrozenTable snapshot = run.taken.getFirst().snapshot;
        try (TableReader reader = snapshot.read()) {
            assertThat(reader.find(TableRig.bytes("key0"), 0, 4)).isTrue();
            run.close(true);
            for (int i = 0; i < 200; i++) {
                run.put("key" + i % 9, "after" + "y".repeat(1000));
                run.rig.commit(run.table);
            }
            assertThat(TableRig.value(reader.item())).startsWith("before");
            assertThat(run.table.openSnapshots()).isEqualTo(1);
        }
        run.rig.commit(run.table);
        assertThat(run.table.openSnapshots()).isZero();
        run.end();
    }

    @Test
    void afterClosingItShowsNothing() throws IOException {
        Run run = new Run(1);
        run.take();
        FrozenTable snapshot = run.taken.getFirst().snapshot;
        run.close(true);
        snapshot.close();
        assertThatThrownBy(snapshot::read).isInstanceOf(IllegalStateException.class);
        run.end();
    }
}
