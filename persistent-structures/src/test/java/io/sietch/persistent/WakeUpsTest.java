package io.sietch.persistent;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class WakeUpsTest {
    private final WakeUps wakeUps = new WakeUps();

    @Test
    void nobodyIsWokenWhereNobodySleeps() {
        assertThat(wakeUps.end()).isZero();
    }

    /** Whoever lies between two sleepers and is awake already must not keep the second one from being woken. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 10, 100})
    void everySleeperIsWokenWhoeverIsAwakeAlready(int sleepers) throws Exception {
        AtomicReferenceArray<Sleeper> asleep = new AtomicReferenceArray<>(sleepers);
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < sleepers; i++) {
            int number = i;
            threads.add(Thread.ofPlatform().daemon().start(() -> {
                Sleeper sleeper = new Sleeper();
                asleep.set(number, sleeper);
                sleeper.awaitEnd(0);
            }));
        }
        for (Thread thread : threads) {
            while (thread.getState() != Thread.State.WAITING) {
                Thread.onSpinWait();
            }
        }
        for (int round = 0, next = 0; next < sleepers; round++) {
            for (int i = 0; i < 3; i++) {
                wakeUps.add(new Sleeper());
            }
            for (int i = 0; i <= 3 * round && next < sleepers; i++) {
                wakeUps.add(asleep.get(next++));
            }
            assertThat(wakeUps.end()).isPositive();
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(wakeUps.end()).isZero();
    }

    @Test
    void anInterruptIsKeptAndEndsNoWait() throws Exception {
        AtomicReferenceArray<Object> seen = new AtomicReferenceArray<>(2);
        Thread thread = Thread.ofPlatform().daemon().start(() -> {
            Sleeper sleeper = new Sleeper();
            seen.set(0, sleeper);
            sleeper.awaitEnd(0);
            seen.set(1, sleeper.isOver() && Thread.currentThread().isInterrupted());
        });
        while (thread.getState() != Thread.State.WAITING) {
            Thread.onSpinWait();
        }
        thread.interrupt();
        wakeUps.add((Sleeper) seen.get(0));
        wakeUps.end();
        thread.join();
        assertThat(seen.get(1)).isEqualTo(true);
    }
}
