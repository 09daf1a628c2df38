package io.sietch.persistent;

import static org.assertj.core.api.Assertions.assertThat;

import io.sietch.vsic.RamMedia;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** When a checkpoint is made, what the log's mark then shows, and that it fits small segments. */
class TableCheckpointTriggerTest {
    private static final long INTERVAL = 32 << 10;

    private final TableRig rig = new TableRig(new RamMedia(64 * LogRig.SEGMENT));

    /** How many bytes of items had been put when each END position was reached. */
    private final TreeMap<Long, Long> put = new TreeMap<>();

    private long bytes;
    private long seen;

    TableCheckpointTriggerTest() {
        // Nothing is cleaned: that appends, too, and parts of a checkpoint may go.
        rig.options = rig.options.withSpaceAmplification(1000);
    }

    private void put(TableCore table, String key, String value) {
        long end = rig.put(table, key, value);
        bytes += TableRecordFormat.itemBytes(key.length(), value.length());
        put.put(end, bytes);
    }

    /** Where the checkpoint began that is new at the mark; -1 if there is none. */
    private long newCheckpoint(TableCore table) throws IndexCheckpointReader.Unusable {
        long mark = table.log().marked();
        if (mark == seen) {
            return -1;
        }
        seen = mark;
        assertThat(mark).isLessThan(table.log().durable());
        IndexCheckpointReader last = new IndexCheckpointReader(table.log(), new Nothing());
        last.load(new TableIndex(16, new ReadEpochs(), Arena.ofAuto()));
        return last.begin();
    }

    /** Loading fails unless all records are there. */
    private static final class Nothing implements IndexCheckpointReader.Target {
        @Override
        public boolean isHead(MemorySegment record, long at, int bytes) {
            return TableRecordFormat.kind(record, at) == TableRecordFormat.CHECKPOINT;
        }

        @Override
        public void load(long hash, long position, long other, long detail) {}

        @Override
        public void count(long segment, long data, long items, long earliest) {}
    }

    private long putBefore(long position) {
        Map.Entry<Long, Long> last = put.floorEntry(position);
        return last == null ? 0 : last.getValue();
    }

    @Test
    void oneBeginsEachTimeSoMuchWasAppendedAndNotBefore() throws Exception {
        rig.options = rig.options.withCheckpointBytes(INTERVAL);
        TableCore table = rig.open();
        List<Long> begins = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            put(table, "key" + i % 10, "v".repeat(500));
            rig.commit(table);
            long begin = newCheckpoint(table);
            if (begin >= 0) {
                begins.add(putBefore(begin));
            }
        }
        // The first counts what is before the first record, too.
        assertThat(begins.getFirst()).isBetween(1L, INTERVAL);
        assertThat(begins).hasSizeBetween(4, 5);
        for (int i = 1; i < begins.size(); i++) {
            assertThat(begins.get(i) - begins.get(i - 1)).isBetween(INTERVAL - 512, INTERVAL + 512);
        }
        table.close();
    }

    @Test
    void theMoreKeysThereAreTheRarerOneIs() throws Exception {
        rig.options = rig.options.withCheckpointBytes(4096);
        TableCore table = rig.open();
        long last = 0;
        int made = 0;
        for (int i = 0; i < 3000; i++) {
            put(table, "key" + i % 600, "v");
            long keys = table.size();
            if (i % 4 == 0) {
                rig.commit(table);
            }
            long begin = newCheckpoint(table);
            if (begin > 0 && putBefore(begin) > 0) {
                long here = putBefore(begin);
                // Twenty bytes for each key that there was when it began, which is a little less than now.
                assertThat(here - last).isGreaterThanOrEqualTo(Math.max(4096, keys * 18));
                last = here;
                made++;
            }
        }
        assertThat(made).isBetween(2, 8);
        table.close();
    }

    @Test
    void anIdleTableMakesNone() throws Exception {
        rig.options = rig.options.withCheckpointBytes(4096);
        TableCore table = rig.open();
        for (int i = 0; i < 100; i++) {
            put(table, "key" + i, "v".repeat(1000));
        }
        rig.commit(table);
        long mark = table.log().marked();
        long appended = table.log().appended();
        assertThat(mark).isPositive();
        for (int i = 0; i < 200; i++) {
            rig.poll(table);
        }
        assertThat(table.log().marked()).isEqualTo(mark);
        assertThat(table.log().appended()).isEqualTo(appended);
        table.close();
    }

    @Test
    void theMarkShowsAWholeOneAtEveryMoment() throws Exception {
        rig.options = rig.options.withCheckpointBytes(4096);
        TableCore table = rig.open();
        int made = 0;
        for (int i = 0; i < 1500; i++) {
            put(table, "key" + i % 300, "v".repeat(i % 90));
            table.commit();
            table.poll();
            made += newCheckpoint(table) >= 0 ? 1 : 0;
            if (i % 3 == 0) {
                rig.log.controller.poll();
                made += newCheckpoint(table) >= 0 ? 1 : 0;
            }
        }
        assertThat(made).isGreaterThan(4);
        table.close();
    }

    @Test
    void aPartOfTheLargestIndexFitsTheSmallestSegments() throws IOException {
        assertThat(rig.log.options.segmentBytes()).isEqualTo(64 << 10);
        rig.options = rig.options.withIndexLines(TableIndex.LINES).withCheckpointBytes(64 << 10);
        TableCore table = rig.open();
        for (int i = 0; i < 8_000; i++) {
            rig.put(table, "key" + i, "");
            if (i % 100 == 0) {
                rig.commit(table);
            }
        }
        table.close();
        table = rig.open();
        assertThat(table.opening().loadedKeys()).isEqualTo(8_000);
        assertThat(table.opening().whyFromHead()).isEmpty();
        table.close();
    }
}
