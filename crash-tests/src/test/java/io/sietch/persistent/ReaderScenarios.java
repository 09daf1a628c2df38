package io.sietch.persistent;

import io.sietch.crash.order.Scenario;
import java.lang.foreign.Arena;
import java.util.List;

/** Readers of a table's index beside its one writer. */
final class ReaderScenarios {
    private ReaderScenarios() {}

    private static long position(int key) {
        return 4096 + key * 8L;
    }

    /** Keys of one group share all that an index knows of their hashes. */
    private static long hash(int group) {
        return Integer.toUnsignedLong(Integer.reverse(group)) >>> Integer.SIZE - IndexPart.TAG_BITS;
    }

    private static void put(TableIndex index, int group, int key) {
        index.put(hash(group), position(key), 0, at -> at == position(key));
    }

    private static void expect(boolean holds, String what) {
        if (!holds) {
            throw new AssertionError(what);
        }
    }

    /** One put splits a part twice, and the second time takes the memory of what the first time replaced. */
    abstract static class Splitting implements Scenario {
        final ReadEpochs epochs = new ReadEpochs(2);
        final TableIndex index = new TableIndex(1, epochs, Arena.ofAuto());
        private int missed;

        Splitting() {
            for (int key = 0; key < 7; key++) {
                put(index, key < 3 ? 0 : 2, key);
            }
        }

        /** Whether looking up a key that is there all the time says that it is not. */
        abstract boolean misses(long hash, long wanted);

        @Override
        public List<Runnable> threads() {
            return List.of(() -> put(index, 2, 7), this::read);
        }

        private void read() {
            for (int key = 1; key < 7; key += 5) {
                missed += misses(hash(key < 3 ? 0 : 2), position(key)) ? 1 : 0;
            }
        }

        @Override
        public void check() {
            expect(missed == 0, "a reader missed a key that was there all the time");
        }
    }

    /** With a seat among the readers. */
    static final class Split extends Splitting {
        @Override
        boolean misses(long hash, long wanted) {
            int seat = epochs.enter();
            boolean found = index.find(hash, 0, at -> at == wanted);
            epochs.leave(seat);
            return !found;
        }
    }

    /** Without one. So nothing keeps the memory from being used again, but what was read then does not count. */
    static final class Glance extends Splitting {
        @Override
        boolean misses(long hash, long wanted) {
            long begun = epochs.begin();
            boolean found = index.find(hash, 0, at -> at == wanted);
            return !found && epochs.isStill(begun);
        }
    }

    /** Tombstones fill a part, and another takes its place; the key that is looked for moves, and moves on. */
    static final class Sweep implements Scenario {
        private final ReadEpochs epochs = new ReadEpochs(2);
        private final TableIndex index = new TableIndex(1, epochs, Arena.ofAuto());
        private final long[] seen = new long[2];

        Sweep() {
            for (int key = 0; key < 8; key++) {
                put(index, 2 * key, key);
            }
            put(index, 100, 100);
            for (int key = 1; key < 8; key++) {
                index.remove(hash(2 * key), position(key));
            }
        }

        @Override
        public List<Runnable> threads() {
            return List.of(this::write, this::read);
        }

        /** The key of group 0 is at the positions of 0, 20 and 21, one after the other. */
        private static boolean isIts(long position) {
            return position == position(0) || position == position(20) || position == position(21);
        }

        private void write() {
            index.put(hash(0), position(20), 0, Sweep::isIts);
            for (int key = 1; key < 8; key++) {
                put(index, 2 * key, 30 + key);
            }
            index.put(hash(0), position(21), 0, Sweep::isIts);
        }

        private void read() {
            for (int i = 0; i < seen.length; i++) {
                int turn = i;
                int seat = epochs.enter();
                index.find(hash(0), 0, at -> {
                    seen[turn] = at;
                    return isIts(at);
                });
                epochs.leave(seat);
            }
        }

        @Override
        public void check() {
            expect(isIts(seen[0]) && isIts(seen[1]), "a reader missed a key that was there all the time");
            expect(seen[0] <= seen[1], "a reader saw an item, and then one before it");
        }
    }
}
