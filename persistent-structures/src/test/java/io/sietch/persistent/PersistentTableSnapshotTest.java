package io.sietch.persistent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class PersistentTableSnapshotTest {
    private static final int SEGMENT = 64 << 10;
    private static final int KEYS = 550;

    @TempDir
    Path directory;

    private Sietch open(int segments) throws IOException {
        long bytes = (long) segments * SEGMENT;
        return Sietch.open(directory, SietchOptions.DEFAULTS.withLogBytes(bytes, bytes));
    }

    private static PersistentTable<Long, byte[]> table(Sietch sietch) throws IOException {
        return sietch.table(
                "t",
                Codec.longs(),
                Codec.bytes(),
                TableOptions.DEFAULTS.withIndexLines(16).withCheckpointBytes(256 << 10),
                LogOptions.DEFAULTS.withSegmentBytes(SEGMENT));
    }

    /** Gives all keys one value, in one batch. */
    private static void round(PersistentTable<Long, byte[]> table, int round) throws IOException {
        byte[] value = new byte[60];
        Arrays.fill(value, (byte) round);
        TableBatch<Long, byte[]> batch = table.batch();
        for (long key = 0; key < KEYS; key++) {
            batch.put(key, value);
        }
        batch.commit();
    }

    private static int checkOneRound(TableSnapshot<Long, byte[]> snapshot, Random random) {
        byte[] some = Objects.requireNonNull(snapshot.get((long) random.nextInt(KEYS)));
        int keys = 0;
        for (Map.Entry<Long, byte[]> entry : snapshot) {
            assertThat(entry.getValue()).isEqualTo(some);
            keys++;
        }
        assertThat(keys).isEqualTo(KEYS);
        assertThat(snapshot.size()).isEqualTo(KEYS);
        return some[0];
    }

    @Test
    void showsWholeBatchesToAllThreadsWhileOthersWriteAndTheLogGoesRound() throws Exception {
        try (Sietch sietch = open(24);
                ExecutorService readers = Executors.newFixedThreadPool(3)) {
            PersistentTable<Long, byte[]> table = table(sietch);
            round(table, 0);
            AtomicBoolean stop = new AtomicBoolean();
            List<Future<Integer>> results = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                int seed = i;
                results.add(readers.submit(() -> read(table, stop, new Random(seed))));
            }
            try {
                for (int i = 1; i < 250; i++) {
                    round(table, i);
                }
            } finally {
                stop.set(true);
            }
            for (Future<Integer> each : results) {
                assertThat(each.get()).isPositive();
            }
            assertThat(table.metrics().freedSegments()).isGreaterThan(30);
            assertThat(table.verify().damages()).isEmpty();
        }
    }

    private static int read(PersistentTable<Long, byte[]> table, AtomicBoolean stop, Random random) throws IOException {
        int taken = 0;
        do {
            try (TableSnapshot<Long, byte[]> snapshot = table.snapshot()) {
                int first = checkOneRound(snapshot, random);
                for (int i = 0; i < random.nextInt(6); i++) {
                    assertThat(checkOneRound(snapshot, random)).isEqualTo(first);
                }
            }
            taken++;
        } while (!stop.get());
        return taken;
    }

    @Test
    void isReadByManyThreadsAndClosedByAnother() throws Exception {
        try (Sietch sietch = open(24);
                ExecutorService readers = Executors.newFixedThreadPool(2)) {
            PersistentTable<Long, byte[]> table = table(sietch);
            round(table, 7);
            for (int i = 0; i < 10; i++) {
                TableSnapshot<Long, byte[]> snapshot = table.snapshot();
                List<Future<?>> results = new ArrayList<>();
                for (int r = 0; r < 2; r++) {
                    int seed = r;
                    results.add(readers.submit(() -> {
                        while (true) {
                            checkOneRound(snapshot, new Random(seed));
                        }
                    }));
                }
                round(table, 7);
                snapshot.close();
                for (Future<?> each : results) {
                    assertThatThrownBy(each::get)
                            .isInstanceOf(ExecutionException.class)
                            .hasCauseInstanceOf(IllegalStateException.class);
                }
            }
        }
    }

    @Test
    void aFullTableSaysThatItIsForTheSnapshot() throws Exception {
        try (Sietch sietch = open(8)) {
            PersistentTable<Long, byte[]> table = table(sietch);
            for (long key = 0; key < 30; key++) {
                table.put(key, new byte[4000]);
            }
            TableSnapshot<Long, byte[]> snapshot = table.snapshot();
            assertThatThrownBy(() -> {
                        for (int i = 0; i < 100; i++) {
                            table.put((long) i % 30, new byte[4001]);
                        }
                    })
                    .isInstanceOf(LogFullException.class)
                    .hasMessageContaining("snapshots that are open");
            assertThat(snapshot.get(4L)).hasSize(4000);
            snapshot.close();
            for (int i = 0; i < 200; i++) {
                table.put((long) i % 30, new byte[4002]);
            }
            assertThat(table.figures().snapshotBytes()).isZero();
        }
    }

    @Test
    void endsWithTheTable() throws Exception {
        try (Sietch sietch = open(8)) {
            PersistentTable<Long, byte[]> table = table(sietch);
            table.put(1L, new byte[1]);
            TableSnapshot<Long, byte[]> snapshot = table.snapshot();
            Iterator<Map.Entry<Long, byte[]>> entries = snapshot.iterator();
            table.close();
            assertThatThrownBy(() -> snapshot.get(1L)).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(entries::hasNext).isInstanceOf(IllegalStateException.class);
            snapshot.close();
            assertThatThrownBy(table::snapshot).isInstanceOf(IllegalStateException.class);
        }
    }
}
