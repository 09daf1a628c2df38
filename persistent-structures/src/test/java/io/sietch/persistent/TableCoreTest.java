package io.sietch.persistent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import io.sietch.vsic.RamMedia;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class TableCoreTest {
    private final RamMedia media = new RamMedia(16 * LogRig.SEGMENT);
    private final TableRig rig = new TableRig(media);

    @Test
    void whatWasPutIsFoundAndReadersFindWhatIsDurable() throws IOException {
        TableCore table = rig.open();
        rig.put(table, "a", "1");
        assertThat(rig.newest(table, "a")).isEqualTo("1");
        assertThat(rig.durable(table, "a")).as("before it is durable").isNull();
        assertThat(table.size()).isZero();
        rig.commit(table);
        assertThat(rig.durable(table, "a")).isEqualTo("1");
        rig.put(table, "a", "2");
        rig.put(table, "b", "");
        assertThat(rig.remove(table, "a")).isPositive();
        assertThat(rig.newest(table, "a")).isNull();
        assertThat(rig.newest(table, "b")).isEmpty();
        assertThat(rig.durable(table, "a")).isEqualTo("1");
        assertThat(rig.remove(table, "a")).as("a second time").isZero();
        rig.commit(table);
        assertThat(rig.durable(table, "a")).isNull();
        assertThat(table.size()).isEqualTo(1);
        assertThat(table.applied()).isEqualTo(table.log().durable());
    }

    @Test
    void openingAgainFindsTheSame() throws IOException {
        TableCore table = rig.open();
        TreeMap<String, String> model = new TreeMap<>();
        for (int i = 0; i < 3000; i++) {
            rig.put(table, "key" + i % 700, "value" + i);
            model.put("key" + i % 700, "value" + i);
            if (i % 5 == 0) {
                rig.remove(table, "key" + i / 5);
                model.remove("key" + i / 5);
            }
        }
        table.close();
        TableCore again = rig.open();
        assertThat(rig.all(again)).isEqualTo(model);
        assertThat(again.size()).isEqualTo(model.size());
        assertThat(again.figures().keyAndValueBytes())
                .isEqualTo(model.entrySet().stream()
                        .mapToLong(e -> e.getKey().length() + e.getValue().length())
                        .sum());
    }

    @Test
    void aClearHidesWhatWasBeforeItAtOnce() throws IOException {
        TableCore table = rig.open();
        rig.put(table, "old", "1");
        rig.commit(table);
        rig.put(table, "pending", "2");
        assertThat(table.clear()).isPositive();
        rig.put(table, "new", "3");
        assertThat(rig.newest(table, "old")).isNull();
        assertThat(rig.newest(table, "pending")).isNull();
        assertThat(rig.newest(table, "new")).isEqualTo("3");
        assertThat(rig.durable(table, "old")).isEqualTo("1");
        rig.commit(table);
        assertThat(rig.all(table)).containsOnlyKeys("new");
        table.close();
        assertThat(rig.all(rig.open())).containsOnlyKeys("new");
    }

    @Test
    void aBatchIsOneRecordAndAppliesInItsOrder() throws IOException {
        TableCore table = rig.open();
        rig.put(table, "gone", "1");
        long records = table.log().metrics().records();
        MemorySegment batch = TableRig.record("a=1", "gone", "a=2", "b=3");
        assertThat(table.append(batch, 0, (int) batch.byteSize())).isPositive();
        assertThat(table.log().metrics().records()).isEqualTo(records + 1);
        assertThat(rig.newest(table, "a")).isEqualTo("2");
        rig.commit(table);
        assertThat(rig.all(table)).isEqualTo(new TreeMap<>(java.util.Map.of("a", "2", "b", "3")));
    }

    @Test
    void aConditionIsHeldAgainstTheNewestItem() throws IOException {
        TableCore table = rig.open();
        MemorySegment one = TableRig.record("a=1");
        assertThat(table.appendIf(8, one, 0, (int) one.byteSize())).isEqualTo(TableCore.MISMATCH);
        assertThat(table.appendIf(0, one, 0, (int) one.byteSize())).isPositive();
        assertThat(table.appendIf(0, one, 0, (int) one.byteSize())).isEqualTo(TableCore.MISMATCH);
        assertThat(rig.newest(table, "a")).isEqualTo("1");
        long position = table.item().position();
        MemorySegment two = TableRig.record("a=2");
        assertThat(table.appendIf(position, two, 0, (int) two.byteSize())).isPositive();
        assertThat(table.appendIf(position, two, 0, (int) two.byteSize())).isEqualTo(TableCore.MISMATCH);
        rig.commit(table);
        assertThat(rig.durable(table, "a")).isEqualTo("2");
    }

    @Test
    void aLogOfSomethingElseIsRefusedAndLeftAlone() throws IOException {
        LogCore log = rig.log.open();
        rig.log.appendDurably(log, new byte[] {0, 0, 0, 0x40, 0, 0, 0, 0});
        log.close();
        assertThatThrownBy(rig::open).isInstanceOf(LogFormatException.class).hasMessageContaining("not a record");
        LogRig other = new LogRig(new RamMedia(16 * LogRig.SEGMENT));
        log = other.open();
        MemorySegment put = TableRig.record("a=1");
        log.append(put, 0, (int) put.byteSize());
        other.commit(log);
        LogCore withoutMark = log;
        assertThatThrownBy(() -> TableCore.open(withoutMark, rig.options)).hasMessageContaining("something else");
    }

    @Test
    void tooLongItemsAndTooSmallLogsAreRefusedWithNumbers() throws IOException {
        TableCore table = rig.open();
        String value = "x".repeat(table.maxItemBytes());
        assertThatThrownBy(() -> rig.put(table, "k", value))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(Integer.toString(table.maxItemBytes()));
        rig.put(table, "k", "x".repeat(table.maxItemBytes() - 16));
        assertThatThrownBy(() -> new TableRig(new RamMedia(3 * LogRig.SEGMENT)).open())
                .hasMessageContaining("at least 4");
    }

    @Test
    void overwritingGoesOnForEverInAFixedAreaAndKeepsWhatIsNotOverwritten() throws IOException {
        TableCore table = rig.open();
        TreeMap<String, String> model = new TreeMap<>();
        for (int i = 0; i < 100; i++) {
            rig.put(table, "stays" + i, "forever" + i);
            model.put("stays" + i, "forever" + i);
        }
        long most = 0;
        for (int i = 0; i < 40_000; i++) {
            String value = "value" + i + "x".repeat(i % 300);
            rig.put(table, "key" + i % 50, value);
            model.put("key" + i % 50, value);
            if (i % 10 == 0) {
                table.commit();
            }
            rig.poll(table);
            most = Math.max(most, table.logBytes());
        }
        rig.commit(table);
        assertThat(rig.all(table)).isEqualTo(model);
        assertThat(table.log().head()).as("segments were cleaned").isGreaterThan(30 * LogRig.SEGMENT);
        assertThat(most).as("bytes of log in use").isLessThan(6 * LogRig.SEGMENT);
        table.close();
        TableCore again = rig.open();
        assertThat(rig.all(again)).isEqualTo(model);
    }

    @Test
    void cleaningKeepsUpHoweverMuchIsPutInEachTurn() throws IOException {
        int segments = 96;
        TableRig large = new TableRig(new RamMedia((long) segments * LogRig.SEGMENT));
        // So that a single turn takes many times what a slice of cleaning is.
        large.log.options = large.log.options.withBatches(16, 64 << 10);
        TableCore table = large.open();
        int keys = 1_000;
        String value = "x".repeat(1_000);
        double most = 0;
        for (int i = 0; i < 15_000; i++) {
            large.put(table, "key" + Math.floorMod(Checksum.mix(i), keys), value);
            if (i % 400 == 0) {
                table.commit();
                large.poll(table);
            }
            double excess = table.logBytes() - large.options.spaceAmplification() * keys * (value.length() + 6);
            most = Math.max(most, excess / LogRig.SEGMENT);
        }
        large.commit(table);
        assertThat(most).as("segments beyond twice what is alive").isLessThan(12);
        assertThat(table.figures().spaceAmplification()).isBetween(1.0, 2.7);
        assertThat(table.figures().appendAmplification()).isBetween(1.2, 2.7);
        assertThat(table.figures().writeAmplification())
                .isGreaterThan(table.figures().appendAmplification());
        assertThat(large.all(table)).hasSize(keys);
    }

    @Test
    void aFullTableRefusesToPutAndStillRemoves() throws IOException {
        TableCore table = rig.open();
        int count = 0;
        while (rig.put(table, "key" + count, "x".repeat(1000)) > 0) {
            count++;
        }
        assertThat(count).as("keys of a thousand bytes in 16 segments").isGreaterThan(650);
        assertThat(rig.put(table, "more", "x".repeat(1000))).isEqualTo(LogCore.NO_SPACE);
        for (int i = 0; i < count / 2; i++) {
            assertThat(rig.remove(table, "key" + i)).isPositive();
        }
        rig.commit(table);
        assertThat(rig.put(table, "more", "again")).isPositive();
        rig.commit(table);
        assertThat(table.size()).isEqualTo(count - count / 2 + 1);
        assertThat(rig.all(table)).hasSize(count - count / 2 + 1).containsEntry("more", "again");
    }

    @Test
    void aReaderKeepsWhatItFoundWhileTheSegmentIsCleaned() throws IOException {
        TableCore table = rig.open();
        rig.put(table, "a", "first");
        rig.commit(table);
        try (TableReader reader = table.read()) {
            assertThat(reader.find(TableRig.bytes("a"), 0, 1)).isTrue();
            long freed = table.log().metrics().freedSegments();
            for (int i = 0; i < 700; i++) {
                table.put(TableRig.bytes("a"), 0, 1, TableRig.bytes("x".repeat(1000)), 0, 1000);
                rig.commit(table);
            }
            assertThat(table.log().metrics().freedSegments()).isEqualTo(freed);
            assertThat(TableRig.value(reader.item())).isEqualTo("first");
            assertThat(table.idleNanos()).as("looks again by itself").isLessThan(1_000_000);
        }
        rig.commit(table);
        assertThat(table.idleNanos()).isEqualTo(Long.MAX_VALUE);
        rig.put(table, "b", "2");
        rig.commit(table);
        assertThat(table.log().metrics().freedSegments()).isPositive();
        assertThat(rig.durable(table, "a")).hasSize(1000);
    }

    @Test
    void cleaningDoesNotBringBackWhatAClearThatIsNotDurableHasRemoved() throws IOException {
        TableCore table = rig.open();
        for (int i = 0; i < 150; i++) {
            String key = i % 10 == 0 ? "kept" + i : "overwritten";
            long end = LogCore.BUSY;
            while (end < 0) {
                end = table.put(TableRig.bytes(key), 0, key.length(), TableRig.bytes("x".repeat(999)), 0, 999);
                rig.log.commit(table.log()); // the log alone: nothing is applied or cleaned meanwhile
            }
        }
        long appended = table.log().appended();
        assertThat(table.clear()).isPositive();
        for (int i = 0; i < 10; i++) {
            table.advance();
        }
        assertThat(table.log().appended()).as("cleaning has begun").isGreaterThan(appended + 64);
        assertThat(rig.newest(table, "kept0")).isNull();
        rig.commit(table);
        assertThat(rig.all(table)).isEmpty();
        table.close();
        assertThat(rig.all(rig.open())).isEmpty();
    }

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private int turns(TableCore table, MemorySegment keys, MemorySegment value, int turns) {
        int wrong = 0;
        for (int i = 0; i < turns; i++) {
            long key = i * 31L % 500 * 8;
            table.put(keys, key, 8, value, 0, i % 100);
            if (i % 3 == 0) {
                table.remove(keys, key, 8);
            }
            table.commit();
            long end = table.log().appended();
            while (table.applied() < end) {
                table.poll();
                rig.log.controller.poll();
            }
            try (TableReader reader = table.read()) {
                wrong += reader.find(keys, key, 8) == (i % 3 != 0) ? 0 : 1;
            }
        }
        return wrong;
    }

    @Test
    void puttingRemovingFindingAndCleaningAllocateNothing() throws IOException {
        TableCore table = rig.open();
        MemorySegment keys = TableRig.bytes("12345678".repeat(500));
        for (int i = 0; i < 500; i++) {
            keys.set(Layouts.LONG, i * 8L, Checksum.mix(i));
        }
        MemorySegment value = TableRig.bytes("v".repeat(100));
        assertThat(turns(table, keys, value, 8_000)).isZero();
        long before = THREADS.getCurrentThreadAllocatedBytes();
        int wrong = turns(table, keys, value, 8_000);
        long bytes = THREADS.getCurrentThreadAllocatedBytes() - before;
        assertThat(wrong).isZero();
        assertThat(table.log().metrics().freedSegments()).as("cleaned").isGreaterThan(100);
        // Each segment that is cleaned, once in a dozen turns, costs one superblock.
        assertThat(bytes / 8_000).as("bytes for each turn").isLessThan(16);
    }
}
