package io.sietch.persistent;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What blocks lets virtual threads go: those that wait keep no carrier, however many they are. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class VirtualThreadsTest {
    /** More than there are carriers, as many as the scheduler would make for those that are pinned included. */
    private static final int EACH = 100;

    @TempDir
    Path directory;

    private static void hold(PersistentLog log, CountDownLatch held, CountDownLatch release) {
        log.append(new byte[1], (position, failure) -> {
            held.countDown();
            try {
                release.await();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        });
    }

    private static List<Callable<?>> waysToWait(Sietch sietch) throws IOException {
        PersistentLog log = sietch.log("log");
        PersistentTable<String, String> table = sietch.table("table", Codec.utf8(), Codec.utf8());
        PersistentQueue<String> queue = sietch.queue("queue", Codec.utf8());
        return List.of(
                () -> log.appendAndWait(new byte[9]),
                () -> log.sync().join(),
                log::head,
                () -> table.putIfAbsent(Thread.currentThread().getName(), "value"),
                () -> table.sync().join(),
                () -> queue.offer("item"));
    }

    @Test
    void thoseThatWaitLeaveTheirCarriersToOthers() throws Exception {
        SietchOptions options =
                SietchOptions.DEFAULTS.withDeviceBytes(8 << 20, 64 << 20).withLogBytes(1 << 20, 1 << 20);
        try (Sietch sietch = Sietch.open(directory, options)) {
            List<Callable<?>> ways = waysToWait(sietch);
            CountDownLatch held = new CountDownLatch(1);
            CountDownLatch release = new CountDownLatch(1);
            hold(sietch.log("log"), held, release);
            held.await();
            List<FutureTask<?>> results = new ArrayList<>();
            List<Thread> waiting = new ArrayList<>();
            for (int i = 0; i < EACH * ways.size(); i++) {
                FutureTask<?> result = new FutureTask<>(ways.get(i % ways.size()));
                results.add(result);
                waiting.add(Thread.ofVirtual().name("waiting", i).start(result));
            }
            for (Thread thread : waiting) {
                while (thread.getState() != Thread.State.WAITING) {
                    Thread.yield();
                }
            }
            CompletableFuture<Boolean> other = new CompletableFuture<>();
            Thread.startVirtualThread(() -> other.complete(true));
            assertThat(other.join()).isTrue();
            release.countDown();
            for (FutureTask<?> result : results) {
                result.get();
            }
            assertThat(sietch.table("table", Codec.utf8(), Codec.utf8()).size()).isEqualTo(EACH);
        }
    }

    @Test
    void aVirtualThreadAloneIsDurableToo() throws Exception {
        try (Sietch sietch = Sietch.open(directory)) {
            PersistentTable<String, String> table = sietch.table("table", Codec.utf8(), Codec.utf8());
            FutureTask<String> read = new FutureTask<>(() -> {
                table.put("key", "value");
                return table.get("key");
            });
            Thread.startVirtualThread(read);
            assertThat(read.get()).isEqualTo("value");
        }
    }
}
