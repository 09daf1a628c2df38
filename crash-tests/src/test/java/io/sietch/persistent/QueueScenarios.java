package io.sietch.persistent;

import io.sietch.crash.order.Scenario;
import io.sietch.vsic.ControllerOptions;
import io.sietch.vsic.Extent;
import io.sietch.vsic.ParkWaiter;
import io.sietch.vsic.RamMedia;
import io.sietch.vsic.Rights;
import io.sietch.vsic.StorageController;
import io.sietch.vsic.Vsic;
import io.sietch.vsic.VsicOptions;
import io.sietch.vsic.Waiter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A queue with its own thread, which sleeps where nothing moves, and others that use it. */
final class QueueScenarios {
    private QueueScenarios() {}

    /** What a user's thread does. */
    private interface Use {
        void run() throws IOException, InterruptedException;
    }

    /** The queue, and the loop that a {@link io.sietch.vsic.PollerThread} runs. */
    private abstract static class Used implements Scenario {
        private final ParkWaiter waiter = new ParkWaiter();
        private final ConcurrentLinkedQueue<Runnable> calls = new ConcurrentLinkedQueue<>();
        private final StorageController controller;
        final PersistentQueue<String> queue;
        final List<String> seen = new ArrayList<>();
        private final AtomicInteger users = new AtomicInteger();
        private @Nullable Thread owner;
        private long now;

        Used() {
            try {
                RamMedia media = new RamMedia(1 << 20);
                controller = new StorageController(media, ControllerOptions.inline(() -> now));
                Vsic vsic = controller.createVsic("queue", VsicOptions.DEFAULTS);
                LogOptions options = LogOptions.DEFAULTS
                        .withSegmentBytes(64 << 10)
                        .withBatches(3, 16 << 10)
                        .withEagerBytes(8 << 10)
                        .withClock(() -> now)
                        .withSalts(() -> 7L);
                QueueCore core = QueueCore.open(
                        vsic,
                        controller.attach(vsic, 7, List.of(new Extent(0, media.size())), Rights.READ_WRITE),
                        controller,
                        Waiter.BUSY,
                        options,
                        QueueOptions.DEFAULTS);
                queue = new PersistentQueue<>(
                        "queue",
                        Codec.utf8(),
                        core,
                        new Runner(),
                        SietchOptions.DEFAULTS.withHandOver(2, 512, 1 << 20, 1_000_000_000),
                        (structure, wanted, outcome) -> {},
                        () -> {});
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private final class Runner implements LogRunner {
            @Override
            public <T> T call(Call<T> body) throws IOException {
                FutureCall<T> call = new FutureCall<>(body);
                calls.add(call);
                wake();
                return call.join();
            }

            @Override
            public boolean isCurrent() {
                return Thread.currentThread() == owner;
            }

            @Override
            public void wake() {
                waiter.wake();
            }

            /** Nobody is its guest. */
            @Override
            public boolean tryEnter() {
                return false;
            }

            @Override
            public int pollDevice() {
                throw new AssertionError("not by a guest");
            }

            @Override
            public boolean isWanted() {
                return false;
            }

            @Override
            public void leave(boolean owed) {
                throw new AssertionError("there is no guest");
            }
        }

        private static final class FutureCall<T> extends java.util.concurrent.CompletableFuture<T> implements Runnable {
            private final LogRunner.Call<T> body;

            FutureCall(LogRunner.Call<T> body) {
                this.body = body;
            }

            @Override
            public void run() {
                try {
                    complete(body.run());
                } catch (IOException e) {
                    completeExceptionally(e);
                }
            }
        }

        private void own() {
            owner = Thread.currentThread();
            while (!queue.hosted().hasEnded()) {
                int work = queue.hosted().pollSafely() + controller.poll();
                Runnable call = calls.poll();
                if (call != null) {
                    call.run();
                } else if (work == 0) {
                    waiter.await(Math.min(queue.hosted().idleNanos(), controller.idleNanos()));
                }
                now++;
            }
        }

        abstract List<Use> uses();

        @Override
        public List<Runnable> threads() {
            List<Runnable> threads = new ArrayList<>();
            threads.add(this::own);
            users.set(uses().size());
            for (Use use : uses()) {
                threads.add(() -> run(use));
            }
            return threads;
        }

        /** The last one closes the queue. */
        private void run(Use use) {
            try {
                use.run();
                if (users.decrementAndGet() == 0) {
                    queue.close();
                }
            } catch (IOException | InterruptedException e) {
                throw new AssertionError(e);
            }
        }

        static void expect(boolean holds, String what) {
            if (!holds) {
                throw new AssertionError(what);
            }
        }
    }

    /** One produces, another leases and acknowledges, both more than the hand-over holds. */
    static final class Leases extends Used {
        @Override
        List<Use> uses() {
            return List.of(
                    () -> {
                        queue.offerAsync("a");
                        queue.offerAsync("b");
                        queue.put("c");
                    },
                    () -> {
                        for (int i = 0; i < 3; i++) {
                            Lease<String> lease = queue.takeLease();
                            seen.add(lease.value());
                            lease.ackAsync();
                        }
                    });
        }

        @Override
        public void check() {
            expect(seen.equals(List.of("a", "b", "c")), "seen " + seen);
        }
    }

    /** A producer, one who takes and one who leases. */
    static final class Takers extends Used {
        @Override
        List<Use> uses() {
            return List.of(
                    () -> {
                        queue.put("a");
                        queue.put("b");
                    },
                    () -> seen.add(queue.take()),
                    () -> {
                        Lease<String> lease = queue.takeLease();
                        seen.add(lease.value());
                        lease.ack();
                    });
        }

        @Override
        public void check() {
            Collections.sort(seen);
            expect(seen.equals(List.of("a", "b")), "seen " + seen);
        }
    }

    /** The queue is closed while others ask: each is answered, if only with a failure. */
    static final class Closing extends Used {
        private final AtomicInteger answered = new AtomicInteger();

        @Override
        List<Use> uses() {
            return List.of(
                    () -> answer(() -> queue.put("a")),
                    () -> answer(() -> seen.add(queue.take())),
                    () -> answer(queue::close));
        }

        private void answer(Use use) throws InterruptedException {
            try {
                use.run();
            } catch (LogFailedException e) {
                expect(String.valueOf(e.getMessage()).contains("closed"), "told " + e);
            } catch (IOException e) {
                throw new AssertionError(e);
            }
            answered.incrementAndGet();
        }

        @Override
        public void check() {
            expect(answered.get() == 3, "answered " + answered);
        }
    }
}
