package io.sietch.persistent;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A log that runs full of records of one kind: whoever keeps to the rules of {@link LogSpace} gets out of it. */
@Timeout(60)
class LogSpaceTest {
    private static final int REMOVAL = 8;
    private static final int MANY_TURNS = 20_000;

    private static final class Item {
        private long start;
        private int length;
        private int grown;
    }

    /** Numbered records; cleaning appends them with the length that they have grown to. */
    private static final class Rig extends LogSpaceRig {
        private final TreeMap<Integer, Item> items = new TreeMap<>();
        private int outOfRoom;

        Rig(int segments) throws IOException {
            super(segments, 0);
            assertThat(log.segments()).isEqualTo(segments);
        }

        private static long weight(int length) {
            return (long) LogCore.recordBytes(length) * (length > LogRig.SEGMENT / 8 ? 2 : 1);
        }

        @Override
        public long relocate(LogCursor record) {
            int key = record.segment().get(ValueLayout.JAVA_INT_UNALIGNED, record.offset());
            Item item = items.get(key);
            if (item == null || item.start != record.start()) {
                return 0;
            }
            long end = log.claim(item.grown);
            outOfRoom += end == LogCore.NO_SPACE ? 1 : 0;
            if (end > 0) {
                append(key);
                owed -= weight(item.grown) - weight(item.length);
                item.start = LogCore.start(end, item.grown);
                item.length = item.grown;
            }
            return end;
        }

        private void append(int key) {
            log.claimedSegment().set(ValueLayout.JAVA_INT_UNALIGNED, log.claimedOffset(), key);
            log.publish();
        }

        private void turn() {
            log.commit();
            space.poll();
            log.poll();
            rig.controller.poll();
            rig.now++;
        }

        /** Returns false if it is refused. */
        boolean put(int key, int length, int grown) {
            Item old = items.get(key);
            long more = weight(grown) - (old == null ? 0 : weight(old.grown));
            long owing = weight(grown) - weight(length);
            for (int turns = 0; turns < MANY_TURNS; turns++) {
                boolean fits = space.fits(more);
                long end = fits && space.hasRoomToAdd(length, owing) ? log.claim(length) : LogCore.NO_SPACE;
                if (end > 0) {
                    append(key);
                    forget(key);
                    Item item = new Item();
                    item.start = LogCore.start(end, length);
                    item.length = length;
                    item.grown = grown;
                    items.put(key, item);
                    live += weight(grown);
                    owed += owing;
                    return true;
                }
                if (end == LogCore.NO_SPACE && !(fits && space.isRoomComing())) {
                    return false;
                }
                turn();
            }
            throw new AssertionError("waits for room that does not come");
        }

        void remove(int key) {
            for (int turns = 0; turns < MANY_TURNS; turns++) {
                long end = space.hasRoomToRemove(REMOVAL) ? log.claim(REMOVAL) : LogCore.NO_SPACE;
                if (end > 0) {
                    append(-1 - key);
                    forget(key);
                    return;
                }
                assertThat(end == LogCore.BUSY || space.isRoomComing())
                        .as("a removal is refused, with " + items.size() + " items left")
                        .isTrue();
                turn();
            }
            throw new AssertionError("a removal waits for room that does not come");
        }

        private void forget(int key) {
            Item old = items.remove(key);
            if (old != null) {
                live -= weight(old.grown);
                owed -= weight(old.grown) - weight(old.length);
            }
        }

        int fill(int length, int grown) {
            int key = 0;
            while (put(key, length, grown)) {
                key++;
            }
            return key;
        }
    }

    @ParameterizedTest
    @CsvSource({
        "8, 16, 16", "8, 700, 700", "8, 8100, 8100", "8, 8300, 8300", "16, 33000, 33000", "16, 44000, 44000",
        "9, 16, 4000", "12, 16, 16", "12, 33000, 33000", "16, 100, 8000", "16, 8100, 8100", "40, 16, 4000",
        "40, 700, 700", "40, 8100, 8100", "40, 22000, 22000", "40, 100, 33000"
    })
    void whatWasTakenIsCleanedOverwrittenAndRemoved(int segments, int length, int grown) throws IOException {
        Rig rig = new Rig(segments);
        int items = rig.fill(length, grown);
        assertThat(items).isPositive();
        // What is owed counts until it is paid; so records that have grown leave less room than they were promised.
        int kept = length == grown ? items : items - 3;
        for (int key = kept; key < items; key++) {
            rig.remove(key);
        }
        SplittableRandom random = new SplittableRandom(segments + length);
        for (int i = 0; i < 2 * items; i++) {
            assertThat(rig.put(random.nextInt(kept), grown, grown))
                    .as("overwriting " + i)
                    .isTrue();
        }
        for (int key = 0; key < kept; key++) {
            rig.remove(key);
        }
        assertThat(rig.fill(length, grown)).isGreaterThanOrEqualTo(items * 9 / 10);
        assertThat(rig.outOfRoom).as("cleaning found no room").isZero();
    }

    @ParameterizedTest
    @CsvSource({"3, 16", "4, 700", "4, 16", "5, 700", "6, 8100", "7, 33000"})
    void aShortLogIsEmptiedByRemoving(int segments, int length) throws IOException {
        Rig rig = new Rig(segments);
        int items = rig.fill(length, length);
        for (int key = 0; key < items; key++) {
            rig.remove(key);
        }
        for (int i = 0; i < 100; i++) {
            assertThat(rig.put(1, length, length)).as("overwriting " + i).isTrue();
        }
    }
}
