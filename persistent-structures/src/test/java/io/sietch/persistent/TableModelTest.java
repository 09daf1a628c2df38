package io.sietch.persistent;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
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

/**
 * A table against a map, on a medium that loses power: the newest view is the map; the durable one, and what is found
 * after a crash, is the map as it was after some change that is not before the last acknowledged one.
 */
class TableModelTest {
    private static final int SEGMENTS = 8;
    private static final int KEYS = 40;

    /** The map after a change, and the position at which that is durable. */
    private record Version(long end, Map<String, String> map) {}

    private static final class Run {
        final Random random;
        final VolatileCacheMedia media;
        final TableRig rig;
        final List<Version> versions = new ArrayList<>(List.of(new Version(0, Map.of())));
        TableCore table;
        long acknowledged;
        int number;

        Run(long seed) throws IOException {
            random = new Random(seed);
            media = new VolatileCacheMedia(SEGMENTS * LogRig.SEGMENT, 4096);
            rig = new TableRig(media);
            rig.options = rig.options.withSeeds(random::nextLong);
            rig.log.options = rig.log.options.withSalts(random::nextLong);
            table = open();
        }

        private TableCore open() throws IOException {
            while (true) {
                try {
                    media.stepsToCrash = random.nextInt(3) == 0 ? random.nextInt(20) : Integer.MAX_VALUE;
                    TableCore opened = rig.open();
                    media.stepsToCrash = Integer.MAX_VALUE;
                    return opened;
                } catch (IOException e) {
                    if (!media.isDead()) {
                        throw e;
                    }
                }
                media.crash(random);
            }
        }

        Map<String, String> newest() {
            return versions.getLast().map;
        }

        private void changed(long end, Map<String, String> map) {
            assertThat(end).isPositive();
            versions.add(new Version(end, map));
        }

        void act(int choice) throws IOException {
            String key = "key" + choice / 32 % KEYS;
            switch (choice % 32) {
                case 0, 1, 2, 3, 4, 5 -> put(key, "value" + number++ + "x".repeat(choice / 64 % 200));
                case 6, 7, 8 -> put(key, number++ + "y".repeat(choice / 64 % 9000));
                case 9, 10, 11 -> remove(key);
                case 12, 13, 14 -> batch(choice / 32);
                case 15 -> clear(choice / 32);
                case 16, 17, 18 -> table.commit();
                case 19, 20, 21, 22 -> step(choice / 32);
                case 23, 24 -> rig.commit(table);
                case 25, 26, 27 -> overwrite(choice / 32);
                case 28 -> checkNow();
                default -> crash(choice / 32);
            }
            observe();
        }

        private void put(String key, String value) {
            Map<String, String> next = new HashMap<>(newest());
            next.put(key, value);
            changed(rig.put(table, key, value), next);
        }

        private void remove(String key) {
            Map<String, String> next = new HashMap<>(newest());
            boolean there = next.remove(key) != null;
            long end = rig.remove(table, key);
            assertThat(end > 0).isEqualTo(there);
            if (there) {
                changed(end, next);
            }
        }

        private void batch(int choice) {
            Map<String, String> next = new HashMap<>(newest());
            List<String> items = new ArrayList<>();
            for (int i = 0; i < 2 + choice % 5; i++) {
                String key = "key" + (choice + i * 7) % KEYS;
                if ((choice + i) % 4 == 0) {
                    next.remove(key);
                    items.add(key);
                } else {
                    next.put(key, "batch" + number);
                    items.add(key + "=batch" + number++);
                }
            }
            MemorySegment record = TableRig.record(items.toArray(String[]::new));
            long end = table.append(record, 0, (int) record.byteSize());
            while (end == LogCore.BUSY) {
                rig.commit(table);
                end = table.append(record, 0, (int) record.byteSize());
            }
            changed(end, next);
        }

        private void clear(int choice) {
            if (choice % 3 == 0) {
                long end = table.clear();
                while (end == LogCore.BUSY) {
                    rig.commit(table);
                    end = table.clear();
                }
                changed(end, Map.of());
            }
        }

        /** Fills segments, so that there is something to clean. */
        private void overwrite(int choice) {
            for (int i = 0; i < 30; i++) {
                put("key" + choice % 3, number++ + "z".repeat(3000));
                if (i % 4 == 0) {
                    table.commit();
                }
                rig.poll(table);
            }
        }

        private void step(int bits) {
            for (int i = 0; i < 6; i++) {
                if ((bits >> i & 1) == 0) {
                    table.poll();
                } else {
                    rig.log.controller.poll();
                }
            }
        }

        private void observe() {
            assertThat(table.log().isFailed()).isFalse();
            assertThat(table.applied()).isLessThanOrEqualTo(table.log().durable());
            acknowledged = Math.max(acknowledged, table.applied());
        }

        private void checkNow() {
            for (int i = 0; i < KEYS; i++) {
                String key = "key" + i;
                assertThat(rig.newest(table, key)).isEqualTo(newest().get(key));
            }
            assertThat(rig.all(table)).isEqualTo(new TreeMap<>(at(table.applied())));
        }

        private Map<String, String> at(long position) {
            Map<String, String> map = Map.of();
            for (Version version : versions) {
                map = version.end <= position ? version.map : map;
            }
            return map;
        }

        private void crash(int choice) throws IOException {
            if (choice % 4 != 0) {
                table.commit();
                media.stepsToCrash = choice % 9;
                rig.settle(table);
                acknowledged = Math.max(acknowledged, table.applied());
            }
            media.crash(random);
            table = open();
            check();
        }

        /** Forgets the versions that the crash took, after making sure that it was right to. */
        void check() {
            Map<String, String> found = rig.all(table);
            assertThat(table.size()).isEqualTo(found.size());
            int kept = -1;
            for (int i = 0; i < versions.size(); i++) {
                boolean required = i + 1 < versions.size() && versions.get(i + 1).end <= acknowledged;
                kept = !required && new TreeMap<>(versions.get(i).map).equals(found) ? i : kept;
            }
            assertThat(kept)
                    .as("version found after a crash, at least to %s of %s: %s", acknowledged, versions, found)
                    .isNotNegative();
            versions.subList(kept + 1, versions.size()).clear();
            acknowledged = table.applied();
            long bytes = found.entrySet().stream()
                    .mapToLong(e -> e.getKey().length() + e.getValue().length())
                    .sum();
            assertThat(table.figures().keyAndValueBytes()).isEqualTo(bytes);
        }
    }

    @Property(tries = 300, shrinking = ShrinkingMode.BOUNDED)
    void isAMapWhateverCrashes(
            @ForAll long seed, @ForAll @Size(min = 5, max = 60) List<@IntRange(max = 1 << 20) Integer> choices)
            throws IOException {
        Run run = new Run(seed);
        for (int choice : choices) {
            run.act(choice);
        }
        run.checkNow();
        run.crash(1);
        Map<String, String> once = run.rig.all(run.table);
        run.table.close();
        run.table = run.open();
        assertThat(run.rig.all(run.table)).isEqualTo(once);
    }
}
