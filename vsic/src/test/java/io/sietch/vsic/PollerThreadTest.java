package io.sietch.vsic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class PollerThreadTest {
    @BeforeAll
    static void quiet() {
        Rig.beQuiet();
    }

    private static final Poller NOTHING_TO_DO = () -> 0;

    @Test
    void aCallRunsOnTheThreadAndReturnsItsResult() {
        try (PollerThread thread = PollerThread.start("test", NOTHING_TO_DO, new ParkWaiter())) {
            assertThat(thread.isCurrent()).isFalse();
            assertThat(thread.call(thread::isCurrent)).isTrue();
            String name = thread.call(() -> Thread.currentThread().getName());
            assertThat(name).isEqualTo("test");
            String nested = thread.call(() -> thread.call(() -> "at once"));
            assertThat(nested).isEqualTo("at once");
        }
    }

    @Test
    void whatACallThrowsIsTheCauseOfWhatItsCallerSeesAndTheThreadGoesOn() {
        try (PollerThread thread = PollerThread.start("test", NOTHING_TO_DO, new ParkWaiter())) {
            assertThatThrownBy(() -> thread.call(() -> {
                        throw new IOException("no");
                    }))
                    .isInstanceOf(CompletionException.class)
                    .hasCauseInstanceOf(IOException.class);
            assertThat(thread.call(() -> 1)).isEqualTo(1);
            assertThat(thread.failure()).isNull();
        }
    }

    @Test
    void itPollsWhileThereIsWorkAndThenWaitsForAWake() throws Exception {
        ParkWaiter waiter = new ParkWaiter();
        AtomicInteger work = new AtomicInteger(1000);
        AtomicInteger polls = new AtomicInteger();
        Poller poller = () -> {
            polls.incrementAndGet();
            return work.getAndUpdate(left -> Math.max(0, left - 1)) > 0 ? 1 : 0;
        };
        try (PollerThread thread = PollerThread.start("test", poller, waiter)) {
            // A call is served between two polls, so afterwards nothing is under way.
            while (work.get() > 0) {
                thread.call(() -> 0);
            }
            CountDownLatch seen = new CountDownLatch(1);
            work.set(1);
            waiter.wake();
            while (work.get() > 0) {
                assertThat(seen.await(1, TimeUnit.MILLISECONDS)).isFalse();
            }
            assertThat(polls.get()).isGreaterThan(1000);
        }
    }

    @Test
    void aPollerThatThrowsEndsTheThreadAndItsCallersHear() throws Exception {
        CountDownLatch fail = new CountDownLatch(1);
        ParkWaiter waiter = new ParkWaiter();
        Poller poller = () -> {
            if (fail.getCount() == 0) {
                throw new IllegalStateException("broken");
            }
            return 0;
        };
        try (PollerThread thread = PollerThread.start("test", poller, waiter)) {
            assertThat(thread.call(() -> 1)).isEqualTo(1);
            fail.countDown();
            assertThatThrownBy(() -> {
                        while (true) {
                            thread.call(() -> 1);
                        }
                    })
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("test has ended")
                    .hasRootCauseMessage("broken");
            assertThat(thread.failure()).hasMessage("broken");
        }
    }

    private static void enter(PollerThread thread) {
        while (!thread.tryEnter()) {
            Thread.onSpinWait();
        }
    }

    @Test
    void aGuestDoesWhatTheThreadWouldAndTheThreadGoesOnAfterwards() throws Exception {
        try (PollerThread thread = PollerThread.start("test", NOTHING_TO_DO, new ParkWaiter());
                ExecutorService others = Executors.newFixedThreadPool(2)) {
            enter(thread);
            assertThat(thread.isCurrent()).isTrue();
            assertThat(thread.call(Thread::currentThread)).isSameAs(Thread.currentThread());
            assertThat(others.submit(thread::tryEnter).get()).isFalse();
            Future<Thread> called = others.submit(() -> thread.call(Thread::currentThread));
            while (!thread.isWanted()) {
                Thread.onSpinWait();
            }
            assertThat(called.isDone()).isFalse();
            thread.leave(false);
            assertThat(called.get().getName()).isEqualTo("test");
            assertThat(thread.isCurrent()).isFalse();
        }
    }

    /** Unguarded counting by the loop and two guests, each with its share: no step is lost. */
    @Test
    void oneAtATimeHasTheTurn() throws Exception {
        int each = 2_000;
        int[] count = {0};
        try (PollerThread thread = PollerThread.start("test", NOTHING_TO_DO, new ParkWaiter());
                ExecutorService guests = Executors.newFixedThreadPool(2)) {
            Runnable visits = () -> {
                for (int i = 0; i < each; i++) {
                    enter(thread);
                    count[0]++;
                    thread.leave(i % 3 == 0);
                }
            };
            Future<?> one = guests.submit(visits);
            Future<?> other = guests.submit(visits);
            for (int i = 0; i < each; i++) {
                thread.call(() -> count[0]++);
            }
            one.get();
            other.get();
            assertThat(thread.call(() -> count[0])).isEqualTo(3 * each);
        }
    }

    @Test
    void aFailureThatAGuestComesUponEndsTheThread() {
        try (PollerThread thread = PollerThread.start("test", NOTHING_TO_DO, new ParkWaiter())) {
            enter(thread);
            thread.breakBy(new IllegalStateException("broken"));
            thread.leave(false);
            assertThatThrownBy(() -> {
                        while (true) {
                            thread.call(() -> 1);
                        }
                    })
                    .isInstanceOf(IllegalStateException.class);
            assertThat(thread.failure()).hasMessage("broken");
        }
    }

    @Test
    void closingWaitsForTheGuestAndNoneEntersAfterwards() throws Exception {
        PollerThread thread = PollerThread.start("test", NOTHING_TO_DO, new ParkWaiter());
        enter(thread);
        try (ExecutorService closer = Executors.newSingleThreadExecutor()) {
            Future<?> closed = closer.submit(thread::close);
            while (!thread.isWanted()) {
                Thread.onSpinWait();
            }
            assertThat(closed.isDone()).isFalse();
            thread.leave(false);
            closed.get();
        }
        assertThat(thread.tryEnter()).isFalse();
    }

    @Test
    void afterCloseCallsAreRefused() {
        PollerThread thread = PollerThread.start("test", NOTHING_TO_DO, new ParkWaiter());
        thread.close();
        thread.close();
        assertThatThrownBy(() -> thread.call(() -> 1)).isInstanceOf(IllegalStateException.class);
        assertThat(thread.failure()).isNull();
    }

    @Test
    void itMayCloseItself() {
        PollerThread thread = PollerThread.start("test", NOTHING_TO_DO, new ParkWaiter());
        thread.call(() -> {
            thread.close();
            return 0;
        });
        assertThatThrownBy(() -> {
                    while (true) {
                        thread.call(() -> 1);
                    }
                })
                .isInstanceOf(IllegalStateException.class);
    }

    /** Callers race with close: each gets a result or hears that the thread has ended; none waits for ever. */
    @Test
    void noCallerIsForgottenWhenTheThreadCloses() throws Exception {
        try (ExecutorService callers = Executors.newFixedThreadPool(2)) {
            for (int round = 0; round < 200; round++) {
                PollerThread thread = PollerThread.start("test", NOTHING_TO_DO, new ParkWaiter());
                CountDownLatch started = new CountDownLatch(2);
                Runnable caller = () -> {
                    started.countDown();
                    assertThatThrownBy(() -> {
                                while (true) {
                                    thread.call(() -> 1);
                                }
                            })
                            .isInstanceOf(IllegalStateException.class);
                };
                Future<?> first = callers.submit(caller);
                Future<?> second = callers.submit(caller);
                assertThat(started.await(20, TimeUnit.SECONDS)).isTrue();
                thread.close();
                first.get(20, TimeUnit.SECONDS);
                second.get(20, TimeUnit.SECONDS);
            }
        }
    }
}
