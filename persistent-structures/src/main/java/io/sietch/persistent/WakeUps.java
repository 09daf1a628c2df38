package io.sietch.persistent;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Sleepers whose wait ends together. Only the first is woken here; each wakes two others. So whoever ends the wait of
 * many can go on at once, with the next flush for instance, and the sleepers come to life meanwhile, on all cores.
 */
final class WakeUps {
    private static final int FIRST_SIZE = 64;

    private @Nullable Sleeper[] sleepers = new @Nullable Sleeper[FIRST_SIZE];
    private int count;

    void add(Sleeper sleeper) {
        if (count == sleepers.length) {
            sleepers = Arrays.copyOf(sleepers, 2 * count);
        }
        sleepers[count++] = sleeper;
    }

    /** Ends the wait of all of them. Returns how many there were. */
    int end() {
        int all = count;
        count = 0;
        for (int i = 0; i < all; i++) {
            at(i).wakes(2 * i + 1 < all ? sleepers[2 * i + 1] : null, 2 * i + 2 < all ? sleepers[2 * i + 2] : null);
        }
        for (int i = all - 1; i > 0; i--) {
            at(i).end();
        }
        if (all > 0) {
            Sleeper first = at(0);
            first.end();
            first.wake();
            Arrays.fill(sleepers, 0, all, null);
        }
        return all;
    }

    private Sleeper at(int i) {
        Sleeper sleeper = sleepers[i];
        assert sleeper != null;
        return sleeper;
    }
}
