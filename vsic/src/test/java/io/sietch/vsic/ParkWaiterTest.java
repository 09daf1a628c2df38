package io.sietch.vsic;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class ParkWaiterTest {
    @Test
    void aWakeBeforeTheWaitEndsItAtOnce() {
        ParkWaiter waiter = new ParkWaiter();
        waiter.wake();
        waiter.wake();
        // Would hang if the wake were lost.
        waiter.await(Long.MAX_VALUE);
    }

    @Test
    void oneWakeEndsOneWaitAndTheTimeEndsTheNext() {
        ParkWaiter waiter = new ParkWaiter();
        waiter.wake();
        waiter.wake();
        waiter.await(Long.MAX_VALUE);
        long before = System.nanoTime();
        while (System.nanoTime() - before < 1_000_000) {
            // parkNanos may return early for no reason; several such waits add up
            waiter.await(1_000_000);
        }
        waiter.await(0);
        waiter.await(-1);
        assertThat(System.nanoTime() - before).isGreaterThanOrEqualTo(1_000_000);
    }

    /**
     * Ping-pong: each side publishes a number, wakes the other and waits until it sees the next. A single lost wake
     * stops both for ever.
     */
    @ParameterizedTest
    @ValueSource(longs = {0, 20_000})
    void noWakeIsLost(long spinNanos) throws Exception {
        int rounds = 20_000;
        ParkWaiter left = new ParkWaiter(spinNanos);
        ParkWaiter right = new ParkWaiter(spinNanos);
        AtomicLong ball = new AtomicLong();
        try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
            Future<Boolean> pinger = threads.submit(() -> play(ball, 0, rounds, left, right));
            Future<Boolean> ponger = threads.submit(() -> play(ball, 1, rounds, right, left));
            assertThat(pinger.get(50, TimeUnit.SECONDS)).isTrue();
            assertThat(ponger.get(50, TimeUnit.SECONDS)).isTrue();
        }
        assertThat(ball).hasValue(2L * rounds);
    }

    private static boolean play(AtomicLong ball, int parity, int rounds, Waiter mine, Waiter theirs) {
        for (int i = 0; i < rounds; i++) {
            while (ball.getPlain() != 2L * i + parity) {
                mine.await(Long.MAX_VALUE);
            }
            ball.setRelease(2L * i + parity + 1);
            theirs.wake();
        }
        return true;
    }

    /** Many wakers, one sleeper: after the last of them, nothing that they published stays unseen. */
    @Test
    void theLastOfManyWakersIsHeard() throws Exception {
        int wakers = 3;
        int each = 20_000;
        ParkWaiter waiter = new ParkWaiter();
        AtomicLong published = new AtomicLong();
        CountDownLatch start = new CountDownLatch(1);
        try (ExecutorService threads = Executors.newFixedThreadPool(wakers + 1)) {
            Future<Boolean> sleeper = threads.submit(() -> {
                while (published.getAcquire() < (long) wakers * each) {
                    waiter.await(Long.MAX_VALUE);
                }
                return true;
            });
            for (int w = 0; w < wakers; w++) {
                threads.submit(() -> {
                    start.await();
                    for (int i = 0; i < each; i++) {
                        published.incrementAndGet();
                        waiter.wake();
                    }
                    return true;
                });
            }
            start.countDown();
            assertThat(sleeper.get(50, TimeUnit.SECONDS)).isTrue();
        }
    }
}
