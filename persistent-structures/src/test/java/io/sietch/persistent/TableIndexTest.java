package io.sietch.persistent;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

/** The index against a map. The "log" here is a map from positions to keys. */
class TableIndexTest {
    private static final int LINES = 16;

    private final ReadEpochs epochs = new ReadEpochs();
    private final TableIndex index = new TableIndex(LINES, epochs, Arena.ofAuto());
    private final Map<Long, Long> keyAt = new HashMap<>();
    private final Map<Long, Long> model = new HashMap<>();
    private long nextPosition = 4096;
    private long base;

    private static long hash(long key) {
        return Checksum.mix(key + 1);
    }

    private KeyProbe probe(long key) {
        return position -> keyAt.getOrDefault(position, -1L) == key;
    }

    private void put(long key) {
        keyAt.put(nextPosition, key);
        boolean replaced = index.put(hash(key), nextPosition, base, probe(key));
        Long old = model.put(key, nextPosition);
        assertThat(replaced).isEqualTo(old != null);
        nextPosition += nextPosition % IndexPart.WINDOW == IndexPart.WINDOW - 8 ? 64 : 8; // a header is at its start
    }

    private void remove(long key) {
        assertThat(index.remove(hash(key), base, probe(key))).isEqualTo(model.remove(key) != null);
    }

    private void check() {
        assertThat(index.size()).isEqualTo(model.size());
        model.forEach((key, position) -> {
            long[] seen = {-1};
            boolean found = index.find(hash(key), base, at -> (seen[0] = at) == position);
            assertThat(found)
                    .as("key %s at %s, last seen %s", key, position, seen[0])
                    .isTrue();
            assertThat(index.contains(hash(key), position)).isTrue();
        });
        Map<Long, Integer> shown = new HashMap<>();
        TableIndex.Walk walk = new TableIndex.Walk();
        while (!walk.isAtEnd()) {
            index.next(walk, base, position -> shown.merge(position, 1, Integer::sum));
        }
        assertThat(shown.keySet()).isEqualTo(new HashSet<>(model.values()));
        assertThat(shown.values()).allMatch(times -> times == 1);
    }

    @Test
    void manyKeysAreFoundAfterManySplits() {
        for (long key = 0; key < 20_000; key++) {
            put(key);
        }
        check();
        assertThat(index.find(hash(20_001), base, probe(20_001))).isFalse();
        for (long key = 0; key < 20_000; key += 2) {
            remove(key);
        }
        check();
    }

    @Property(tries = 60)
    void doesWhatAMapDoes(@ForAll long seed) {
        Random random = new Random(seed);
        int keys = 1 << random.nextInt(12);
        for (int i = 0; i < 4000; i++) {
            long key = random.nextInt(keys);
            if (random.nextInt(3) > 0) {
                put(key);
            } else {
                remove(key);
            }
        }
        check();
        index.clear();
        model.clear();
        check();
    }

    /** Few hints for many keys, so that most are old, and of another key. */
    @Property(tries = 60)
    void hintsOfAnyAgeAndOfAnyKeyLeadNobodyAstray(@ForAll long seed) {
        Random random = new Random(seed);
        int keys = 1 << 2 + random.nextInt(10);
        IndexHint[] hints = new IndexHint[1 + random.nextInt(8)];
        Arrays.setAll(hints, i -> new IndexHint());
        for (int i = 0; i < 4000; i++) {
            long key = random.nextInt(keys);
            IndexHint hint = hints[random.nextInt(hints.length)];
            switch (random.nextInt(8)) {
                case 0, 1 -> put(key);
                case 2 -> remove(key);
                case 3 -> index.first(hash(key), base, hint);
                case 4 -> moveTo(nextPosition, key, hint);
                case 5 -> hints[random.nextInt(hints.length)].forget();
                default ->
                    assertThat(index.find(hash(key), base, probe(key), hint)).isEqualTo(model.containsKey(key));
            }
            if (random.nextInt(1000) == 0) {
                index.clear();
                model.clear();
            }
        }
        check();
    }

    private void moveTo(long position, long key, IndexHint hint) {
        Long before = model.get(key);
        if (before != null) {
            keyAt.put(position, key);
            index.replace(hash(key), before, position, hint);
            model.put(key, position);
            nextPosition = position + 8;
        }
    }

    @Test
    void aHintIsOfTheOneEntryWithAHashWhereverThatHadToGo() {
        IndexHint hint = new IndexHint();
        for (long key = 0; key < 12; key++) {
            assertThat(index.first(hash(key), base, hint)).isZero();
            put(key);
            assertThat(index.first(hash(key), base, hint)).isEqualTo(model.get(key));
        }
        // More than a line has room for, with the same home and another tag each.
        for (long tag = 0; tag < 12; tag++) {
            index.insert(3L << IndexPart.TAG_BITS | tag, 1 << 20 | tag << 3);
            assertThat(index.first(3L << IndexPart.TAG_BITS | tag, 0, hint)).isEqualTo(1 << 20 | tag << 3);
        }
    }

    @Test
    void keysWhoseHashesCollideAreToldApartByTheProbe() {
        for (long key = 0; key < 60; key++) {
            keyAt.put(nextPosition, key);
            assertThat(index.put(7, nextPosition, base, probe(key))).isFalse();
            nextPosition += 8;
        }
        for (long key = 0; key < 60; key++) {
            assertThat(index.find(7, base, probe(key))).isTrue();
        }
        assertThat(index.find(7, base, probe(60))).isFalse();
        assertThat(index.size()).isEqualTo(60);
    }

    @Test
    void removedKeysDoNotMakeItGrow() {
        for (long key = 0; key < 200_000; key++) {
            put(key);
            if (key >= 50) {
                remove(key - 50);
            }
        }
        check();
        assertThat(index.memoryBytes()).isLessThanOrEqualTo(8L * LINES * IndexPart.LINE_BYTES);
    }

    @Test
    void positionsAreToldApartFarBeyondTheWindow() {
        nextPosition = 5 * IndexPart.WINDOW - 2000;
        base = nextPosition - 4096;
        for (long key = 0; key < 1000; key++) {
            put(key);
        }
        check();
    }

    @Test
    void aWalkShowsWhatStaysOnceWhileTheIndexGrows() {
        for (long key = 0; key < 1000; key++) {
            put(key);
        }
        Set<Long> stable = new HashSet<>(model.values());
        List<Long> shown = new ArrayList<>();
        TableIndex.Walk walk = new TableIndex.Walk();
        for (long key = 1000; !walk.isAtEnd(); key++) {
            index.next(walk, base, shown::add);
            if (key < 30_000) {
                for (int i = 0; i < 5; i++) {
                    put(key * 10 + i);
                }
            }
        }
        shown.retainAll(stable);
        assertThat(shown).hasSize(1000);
        assertThat(new HashSet<>(shown)).isEqualTo(stable);
    }

    @Test
    void aWalkThatSeesAClearGoesOnToItsEnd() {
        for (int turn = 0; turn < 300; turn++) {
            for (long key = 0; key < 2000; key++) {
                put(key);
            }
            TableIndex.Walk walk = new TableIndex.Walk();
            for (int i = 0; i < turn; i++) {
                index.next(walk, base, position -> {});
            }
            index.clear();
            model.clear();
            put(7);
            List<Long> shown = new ArrayList<>();
            while (!walk.isAtEnd()) {
                index.next(walk, base, shown::add);
            }
            assertThat(shown).isSubsetOf(model.get(7L));
            check();
        }
    }

    @Test
    void memoryThatAReaderMaySeeIsNotUsedAgain() {
        int seat = epochs.enter();
        for (long key = 0; key < 5000; key++) {
            put(key);
        }
        long withReader = index.memoryBytes();
        epochs.leave(seat);
        index.clear();
        model.clear();
        for (long key = 0; key < 5000; key++) {
            put(key);
        }
        check();
        assertThat(index.memoryBytes()).isLessThan(2 * withReader);
        assertThat(epochs.passed(epochs.advance())).isTrue();
        int late = epochs.enter();
        assertThat(epochs.passed(epochs.advance())).isFalse();
        epochs.leave(late);
    }
}
