package io.sietch.persistent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class PersistentTableTest {
    private static final int SEGMENT = 64 << 10;

    @TempDir
    Path directory;

    private final LogOptions smallSegments = LogOptions.DEFAULTS.withSegmentBytes(SEGMENT);

    private Sietch open() throws IOException {
        return Sietch.open(directory, SietchOptions.DEFAULTS.withLogBytes(16 * SEGMENT, 16 * SEGMENT));
    }

    private PersistentTable<String, Long> counts(Sietch sietch) throws IOException {
        return sietch.table("counts", Codec.utf8(), Codec.longs(), TableOptions.DEFAULTS, smallSegments);
    }

    /** Threads that each run a task, with the first failure of one. */
    private static void inParallel(int threads, Task task) throws Exception {
        AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
        List<Thread> all = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            int number = i;
            all.add(Thread.ofPlatform().start(() -> {
                try {
                    task.run(number);
                } catch (Throwable e) {
                    failure.compareAndSet(null, e);
                }
            }));
        }
        for (Thread thread : all) {
            thread.join();
        }
        assertThat(failure.get()).isNull();
    }

    private interface Task {
        void run(int number) throws Exception;
    }

    @Test
    void whatWasChangedIsThereAfterAnotherOpening() throws Exception {
        try (Sietch sietch = open()) {
            PersistentTable<String, Long> table = counts(sietch);
            table.put("a", 1L);
            assertThat(table.get("a")).isEqualTo(1L);
            assertThat(table.get("b")).isNull();
            CompletableFuture<?> later = table.putAsync("b", 2L);
            table.sync().get();
            assertThat(later).isCompleted();
            assertThat(table.removeAsync("c").get()).isFalse();
            assertThat(table.remove("a")).isTrue();
            assertThat(table.remove("a")).isFalse();
            assertThat(table.containsKey("a")).isFalse();
            assertThat(table.size()).isEqualTo(1);
            assertThat(counts(sietch)).isSameAs(table);
        }
        try (Sietch sietch = open()) {
            PersistentTable<String, Long> table = counts(sietch);
            assertThat(table.get("b")).isEqualTo(2L);
            assertThat(table.iterator()).toIterable().containsExactly(Map.entry("b", 2L));
            table.clear();
            assertThat(table.size()).isZero();
        }
    }

    @Test
    void aConditionHoldsOrNothingIsChanged() throws IOException {
        try (Sietch sietch = open()) {
            PersistentTable<String, Long> table = counts(sietch);
            assertThat(table.replace("a", 1L)).isNull();
            assertThat(table.putIfAbsent("a", 1L)).isNull();
            assertThat(table.putIfAbsent("a", 2L)).isEqualTo(1L);
            assertThat(table.replace("a", 5L, 3L)).isFalse();
            assertThat(table.replace("a", 1L, 3L)).isTrue();
            assertThat(table.remove("a", 1L)).isFalse();
            assertThat(table.replace("a", 4L)).isEqualTo(3L);
            assertThat(table.getAndPut("a", 5L)).isEqualTo(4L);
            assertThat(table.getAndPut("b", 6L)).isNull();
            assertThat(table.compute("a", (key, value) -> value == null ? 0 : value + 1))
                    .isEqualTo(6L);
            assertThat(table.compute("c", (key, value) -> value == null ? 0 : value + 1))
                    .isZero();
            assertThat(table.compute("c", (key, value) -> null)).isNull();
            assertThat(table.compute("c", (key, value) -> null)).isNull();
            assertThat(table.remove("a", 6L)).isTrue();
            assertThat(table.getAndRemove("b")).isEqualTo(6L);
            assertThat(table.getAndRemove("b")).isNull();
            assertThat(table.size()).isZero();
        }
    }

    @Test
    void updatesByManyThreadsAreAllCounted() throws Exception {
        try (Sietch sietch = open()) {
            PersistentTable<String, Long> table = counts(sietch);
            inParallel(4, number -> {
                for (int i = 0; i < 100; i++) {
                    table.compute("shared" + i % 3, (key, value) -> value == null ? 1 : value + 1);
                }
            });
            assertThat(table.asMap().values().stream()
                            .mapToLong(Long::longValue)
                            .sum())
                    .isEqualTo(400L);
        }
    }

    @Test
    void aBatchIsMadeInItsOrder() throws Exception {
        try (Sietch sietch = open()) {
            PersistentTable<String, Long> table = counts(sietch);
            table.put("gone", 0L);
            TableBatch<String, Long> batch =
                    table.batch().put("a", 1L).put("b", 2L).remove("gone").put("a", 3L);
            batch.commit();
            batch.put("c", 4L).commitAsync().get();
            batch.commit();
            assertThat(new HashMap<>(table.asMap())).isEqualTo(Map.of("a", 3L, "b", 2L, "c", 4L));
            for (int i = 0; i < 1600; i++) {
                batch.put("key" + i, 1L);
            }
            assertThatThrownBy(() -> {
                        for (int i = 0; i < 10_000; i++) {
                            batch.put("more" + i, 1L);
                        }
                    })
                    .hasMessageContaining("a batch of");
            batch.commit();
            assertThat(table.get("key1599")).isEqualTo(1L);
        }
    }

    @Test
    void valuesOfAllSizesAreReadWhereTheyLie() throws Exception {
        try (Sietch sietch = open()) {
            PersistentTable<Long, byte[]> table =
                    sietch.table("blobs", Codec.longs(), Codec.bytes(), TableOptions.DEFAULTS, smallSegments);
            int longest = table.maxItemBytes() - 16;
            int[] lengths = {0, 1, 7, 8, 9, 4000, longest};
            for (int length : lengths) {
                table.put((long) length, LogRig.payload(1, length));
            }
            for (int length : lengths) {
                assertThat(table.get((long) length)).isEqualTo(LogRig.payload(1, length));
                boolean there = table.read((long) length, (memory, offset, bytes) -> {
                    assertThat(memory.isReadOnly()).isTrue();
                    assertThat(memory.asSlice(offset, bytes).toArray(ValueLayout.JAVA_BYTE))
                            .isEqualTo(LogRig.payload(1, length));
                });
                assertThat(there).isTrue();
            }
            assertThatThrownBy(() -> table.put(0L, new byte[longest + 1]))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("up to " + table.maxItemBytes());
        }
    }

    @Test
    void misuseIsToldFromFailure() throws Exception {
        Sietch sietch = open();
        PersistentTable<String, Long> table = counts(sietch);
        sietch.log("log");
        assertThatThrownBy(() -> sietch.log("counts")).hasMessageContaining("open as a PersistentTable");
        assertThatThrownBy(() -> sietch.table("log", Codec.utf8(), Codec.utf8()))
                .hasMessageContaining("open as a PersistentLog");
        assertThatThrownBy(() -> sietch.table("counts", Codec.utf8(), Codec.utf8()))
                .hasMessageContaining("other codecs");
        CompletableFuture<@Nullable Throwable> onItsThread = new CompletableFuture<>();
        table.putAsync("a", 1L, (position, failure) -> onItsThread.complete(catchThrowable(() -> table.put("b", 2L))));
        assertThat(onItsThread.get()).isInstanceOf(IllegalStateException.class).hasMessageContaining("cannot wait");
        sietch.close();
        assertThatThrownBy(() -> table.get("a")).hasMessageContaining("closed");
        assertThatThrownBy(() -> table.put("a", 1L)).isInstanceOf(LogFailedException.class);
        try (Sietch again = open()) {
            again.log("log").appendAndWait(new byte[] {1, 2, 3});
            again.log("log").close();
            assertThatThrownBy(() -> again.table("log", Codec.utf8(), Codec.utf8()))
                    .isInstanceOf(LogFormatException.class);
            assertThat(counts(again).get("a")).isEqualTo(1L);
        }
    }

    @Test
    void aFullTableSaysSoAndTakesMoreAfterARemoval() throws Exception {
        try (Sietch sietch = open()) {
            PersistentTable<Long, byte[]> table =
                    sietch.table("full", Codec.longs(), Codec.bytes(), TableOptions.DEFAULTS, smallSegments);
            assertThatThrownBy(() -> {
                        for (long i = 0; i < 1000; i++) {
                            table.put(i, new byte[9000]);
                        }
                    })
                    .isInstanceOf(LogFullException.class);
            long size = table.size();
            for (long i = 0; i < size / 2; i++) {
                table.remove(i);
            }
            for (long i = 0; i < size / 2; i++) {
                table.put(i, new byte[5000]);
            }
            assertThat(table.size()).isEqualTo(size);
        }
    }

    @Test
    void aTableThatMayGrowsByItself() throws Exception {
        SietchOptions options = SietchOptions.DEFAULTS.withLogBytes(8 * SEGMENT, 64 * SEGMENT);
        try (Sietch sietch = Sietch.open(directory, options)) {
            PersistentTable<Long, byte[]> table =
                    sietch.table("grows", Codec.longs(), Codec.bytes(), TableOptions.DEFAULTS, smallSegments);
            CompletableFuture<?> last = table.sync();
            for (long i = 0; i < 2000; i++) {
                last = table.putAsync(i, new byte[1000]);
            }
            last.get();
            assertThat(table.size()).isEqualTo(2000);
            assertThat(sietch.area("grows").orElseThrow().size()).isGreaterThan(30L * SEGMENT);
        }
    }

    /** A value that tells its number, and whose length and other bytes follow from that. */
    private static byte[] stamped(long number) {
        byte[] value = new byte[Long.BYTES + (int) (Checksum.mix(number) & 2047)];
        Arrays.fill(value, (byte) number);
        ByteBuffer.wrap(value).putLong(number);
        return value;
    }

    @Test
    void readersSeeWholeValuesThatDoNotGoBackWhileSpaceIsCleaned() throws Exception {
        try (Sietch sietch = open()) {
            PersistentTable<Long, byte[]> table = sietch.table(
                    "read", Codec.longs(), Codec.bytes(), TableOptions.DEFAULTS.withIndexLines(16), smallSegments);
            int keys = 64;
            for (long key = 0; key < keys; key++) {
                table.putAsync(key, stamped(key));
            }
            table.sync().get();
            AtomicBoolean done = new AtomicBoolean();
            inParallel(3, number -> {
                if (number > 0) {
                    readWhile(table, keys, done);
                    return;
                }
                try {
                    for (int round = 1; round < 60; round++) {
                        for (long key = 0; key < keys; key++) {
                            table.putAsync(key, stamped(key + (long) keys * round));
                        }
                        table.putAsync(1000L + round, new byte[10]);
                        table.removeAsync(1000L + round - 5);
                        table.sync().get();
                    }
                } finally {
                    done.set(true);
                }
            });
            assertThat(table.metrics().freedSegments()).as("cleaned").isGreaterThan(20);
        }
    }

    private static void readWhile(PersistentTable<Long, byte[]> table, int keys, AtomicBoolean done) {
        long[] seen = new long[keys];
        while (!done.get()) {
            for (int key = 0; key < keys; key++) {
                byte[] value = table.get((long) key);
                assertThat(value).isNotNull();
                long number = ByteBuffer.wrap(value).getLong();
                assertThat(value).isEqualTo(stamped(number));
                assertThat(number % keys).isEqualTo(key);
                assertThat(number).isGreaterThanOrEqualTo(seen[key]);
                seen[key] = number;
            }
            int shown = 0;
            for (Map.Entry<Long, byte[]> entry : table) {
                shown += entry.getKey() < keys ? 1 : 0;
            }
            assertThat(shown).as("stable keys shown").isEqualTo(keys);
        }
    }

    @Test
    void isAMap() throws Exception {
        try (Sietch sietch = open()) {
            ConcurrentMap<String, Long> map = counts(sietch).asMap();
            assertThat(map.put("a", 1L)).isNull();
            assertThat(map.merge("a", 5L, Long::sum)).isEqualTo(6L);
            assertThat(map.computeIfAbsent("b", key -> 2L)).isEqualTo(2L);
            assertThat(map.computeIfPresent("b", (key, value) -> null)).isNull();
            assertThat(map).isEqualTo(Map.of("a", 6L)).hasSize(1);
            map.entrySet().iterator().next().setValue(7L);
            assertThat(map.get("a")).isEqualTo(7L);
            assertThat(map.values()).containsExactly(7L);
            assertThat(map.keySet().removeIf(key -> key.equals("a"))).isTrue();
            assertThat(map).isEmpty();
            assertThatThrownBy(() -> map.get(null)).isInstanceOf(NullPointerException.class);
        }
    }

    @Test
    void aTableAndALogAreVerifiedWhileOthersWrite() throws Exception {
        try (Sietch sietch = open()) {
            PersistentTable<String, Long> table = counts(sietch);
            AtomicBoolean stop = new AtomicBoolean();
            Thread writer = Thread.ofPlatform().start(() -> {
                for (long i = 0; !stop.get(); i++) {
                    table.putAsync("key" + i % 100, i);
                    if (i % 100 == 0) {
                        table.sync().join();
                    }
                }
            });
            Verification found = new Verification(0, 0, 0, List.of());
            while (found.keys() < 100) {
                found = table.verify();
                assertThat(found.damages()).isEmpty();
            }
            stop.set(true);
            writer.join();
            PersistentLog log = sietch.log("log", smallSegments);
            log.append(new byte[5]).join();
            assertThat(log.verify()).isEqualTo(new Verification(1, 5, 0, List.of()));
            table.close();
            assertThatThrownBy(table::verify).isInstanceOf(IllegalStateException.class);
        }
    }
}
