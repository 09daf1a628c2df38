package io.sietch.persistent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The log's face for many threads, on a real file. */
class PersistentLogTest {
    private static final SietchOptions SMALL = SietchOptions.DEFAULTS
            .withDeviceBytes(8 << 20, 64 << 20)
            .withLogBytes(1 << 20, 1 << 20)
            .withLog(LogOptions.DEFAULTS.withBatches(3, 64 << 10))
            .withHandOver(64, 64, 1 << 20, 10_000_000_000L);

    @TempDir
    Path directory;

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static List<byte[]> read(PersistentLog log, long from) throws IOException {
        List<byte[]> records = new ArrayList<>();
        try (LogCursor cursor = log.cursor(from)) {
            while (cursor.next()) {
                records.add(LogRig.copy(cursor));
            }
        }
        return records;
    }

    @Test
    void eightThreadsAppendInAllWaysAndEachFindsItsOwnInOrder() throws Exception {
        int threads = 8;
        int each = 150;
        ConcurrentHashMap<Long, String> byPosition = new ConcurrentHashMap<>();
        ConcurrentLinkedQueue<Long> completions = new ConcurrentLinkedQueue<>();
        try (Sietch sietch = Sietch.open(directory, SMALL.withLogBytes(4 << 20, 16 << 20))) {
            PersistentLog log = sietch.log("shared");
            try (ExecutorService pool = Executors.newFixedThreadPool(threads)) {
                List<Future<?>> done = new ArrayList<>();
                for (int t = 0; t < threads; t++) {
                    int thread = t;
                    done.add(pool.submit(() -> {
                        List<CompletableFuture<?>> open = new ArrayList<>();
                        for (int i = 0; i < each; i++) {
                            String text = thread + ":" + i + "x".repeat(i);
                            byte[] payload = bytes(text);
                            if (i % 3 == 0) {
                                byPosition.put(log.appendAndWait(payload), text);
                            } else {
                                CompletableFuture<Boolean> told = new CompletableFuture<>();
                                open.add(told);
                                log.append(payload, (position, failure) -> {
                                    byPosition.put(position, text);
                                    completions.add(position);
                                    told.complete(failure == null);
                                });
                                Arrays.fill(payload, (byte) 0);
                            }
                        }
                        open.forEach(CompletableFuture::join);
                        return thread;
                    }));
                }
                for (Future<?> future : done) {
                    future.get();
                }
            }
            assertThat(new ArrayList<>(completions)).isSorted();
        }
        try (Sietch sietch = Sietch.open(directory, SMALL)) {
            PersistentLog log = sietch.log("shared");
            assertThat(log.tail()).isInstanceOf(LogTail.Clean.class);
            int[] next = new int[threads];
            int count = 0;
            try (LogCursor cursor = log.cursor(0)) {
                while (cursor.next()) {
                    String text = new String(LogRig.copy(cursor), StandardCharsets.UTF_8);
                    assertThat(byPosition).containsEntry(cursor.start(), text);
                    int thread = text.charAt(0) - '0';
                    assertThat(text).startsWith(thread + ":" + next[thread]++ + "x".repeat(next[thread] - 1));
                    count++;
                }
            }
            assertThat(count).isEqualTo(threads * each);
        }
    }

    @Test
    void aFullLogRefusesAndTakesRecordsAgainAfterATrim() throws IOException {
        try (Sietch sietch = Sietch.open(directory, SMALL)) {
            PersistentLog log = sietch.log("small");
            byte[] payload = LogRig.payload(1, 20_000);
            assertThatThrownBy(() -> {
                        for (int i = 0; i < 100; i++) {
                            log.appendAndWait(payload);
                        }
                    })
                    .isInstanceOf(LogFullException.class)
                    .hasMessageContaining("\"small\"");
            log.trim(log.durable()).join();
            long position = log.appendAndWait(payload);
            assertThat(read(log, log.head())).containsExactly(payload);
            assertThat(position).isGreaterThanOrEqualTo(log.head());
        }
    }

    @Test
    void aLogThatMayGrowNeverRunsFull() throws IOException {
        SietchOptions growing = SMALL.withLogBytes(1 << 20, 32 << 20);
        try (Sietch sietch = Sietch.open(directory.resolve("growing.vsa"), growing)) {
            PersistentLog log = sietch.log("growing");
            List<CompletableFuture<Long>> appends = new ArrayList<>();
            for (int i = 0; i < 500; i++) {
                appends.add(log.append(LogRig.payload(i, 20_000)));
            }
            CompletableFuture.allOf(appends.toArray(CompletableFuture[]::new)).join();
            assertThat(sietch.area("growing").orElseThrow().size()).isGreaterThan(10 << 20);
            assertThat(read(log, 0)).hasSize(500);
        }
        try (Sietch sietch = Sietch.open(directory.resolve("growing.vsa"), growing)) {
            assertThat(read(sietch.log("growing"), 0)).hasSize(500).startsWith(LogRig.payload(0, 20_000));
        }
    }

    @Test
    void aRecordOf64MebibytesGoesThroughAndComesBack() throws IOException {
        SietchOptions large = SietchOptions.DEFAULTS
                .withDeviceBytes(288L << 20, 0)
                .withLogBytes(256L << 20, 0)
                .withLog(LogOptions.DEFAULTS.withSegmentBytes(128 << 20));
        byte[] payload = new byte[64 << 20];
        for (int i = 0; i < payload.length; i++) {
            payload[i] = (byte) (i * 31 >> 7);
        }
        try (Sietch sietch = Sietch.open(directory, large)) {
            PersistentLog log = sietch.log("large");
            assertThat(log.maxRecordBytes()).isEqualTo(64 << 20);
            long position = log.appendAndWait(payload);
            log.appendAndWait(bytes("behind"));
            assertThatThrownBy(() -> log.append(new byte[(64 << 20) + 1]))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("67108865");
            try (LogCursor cursor = log.cursor(position)) {
                assertThat(cursor.next()).isTrue();
                assertThat(Arrays.equals(LogRig.copy(cursor), payload)).isTrue();
            }
        }
        try (Sietch sietch = Sietch.open(directory, large)) {
            List<byte[]> records = read(sietch.log("large"), 0);
            assertThat(records).hasSize(2);
            assertThat(Arrays.equals(records.getFirst(), payload)).isTrue();
            assertThat(records.getLast()).isEqualTo(bytes("behind"));
        }
    }

    @Test
    void aClosedLogRefusesAndCanBeOpenedAgain() throws IOException {
        try (Sietch sietch = Sietch.open(directory, SMALL)) {
            PersistentLog log = sietch.log("a");
            CompletableFuture<Long> last = log.append(bytes("last"));
            log.close();
            assertThat(last).isCompletedWithValueMatching(position -> position > 0);
            assertThatThrownBy(() -> log.appendAndWait(bytes("late"))).isInstanceOf(LogFailedException.class);
            assertThat(log.append(bytes("late"))).isCompletedExceptionally();
            PersistentLog again = sietch.log("a");
            assertThat(again).isNotSameAs(log);
            assertThat(read(again, 0)).containsExactly(bytes("last"));
            assertThat(sietch.log("a")).isSameAs(again);
        }
    }

    @Test
    void aReaderKeepsItsSegmentWhileTheLogIsTrimmedAndReused() throws IOException {
        try (Sietch sietch = Sietch.open(directory, SMALL)) {
            PersistentLog log = sietch.log("a");
            byte[] first = LogRig.payload(0, 30_000);
            log.appendAndWait(first);
            try (LogCursor reader = log.cursor(0)) {
                assertThat(reader.next()).isTrue();
                for (int i = 1; i < 10; i++) {
                    log.appendAndWait(LogRig.payload(i, 30_000));
                }
                log.trim(log.durable()).join();
                assertThatThrownBy(() -> {
                            for (int i = 0; i < 100; i++) {
                                log.appendAndWait(first);
                            }
                        })
                        .as("the reader is in the oldest segment")
                        .isInstanceOf(LogFullException.class);
                assertThat(LogRig.copy(reader)).isEqualTo(first);
            }
            assertThat(log.appendAndWait(first)).as("the reader is gone").isPositive();
        }
    }

    @Test
    void callbacksThatThrowHarmNobody() throws IOException {
        try (Sietch sietch = Sietch.open(directory, SMALL)) {
            PersistentLog log = sietch.log("a");
            log.append(bytes("one"), (position, failure) -> {
                throw new IllegalArgumentException("this is the test's");
            });
            assertThat(log.appendAndWait(bytes("two"))).isPositive();
        }
    }

    @Test
    void waitingOnTheLogsOwnThreadIsRefused() throws Exception {
        try (Sietch sietch = Sietch.open(directory, SMALL)) {
            PersistentLog log = sietch.log("a");
            CompletableFuture<Long> waiting = new CompletableFuture<>();
            log.append(bytes("one"), (position, failure) -> {
                try {
                    waiting.complete(log.appendAndWait(bytes("two")));
                } catch (IllegalStateException | IOException e) {
                    waiting.completeExceptionally(e);
                }
            });
            assertThatThrownBy(waiting::get)
                    .isInstanceOf(ExecutionException.class)
                    .hasCauseInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void anInterruptIsKeptAndTheRecordIsDurable() throws IOException {
        try (Sietch sietch = Sietch.open(directory, SMALL)) {
            PersistentLog log = sietch.log("a");
            Thread.currentThread().interrupt();
            long position = log.appendAndWait(bytes("one"));
            assertThat(Thread.interrupted()).isTrue();
            assertThat(position).isPositive();
            log.sync().join();
            assertThat(read(log, 0)).containsExactly(bytes("one"));
        }
    }
}
