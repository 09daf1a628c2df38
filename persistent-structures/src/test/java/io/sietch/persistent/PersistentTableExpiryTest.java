package io.sietch.persistent;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class PersistentTableExpiryTest {
    @TempDir
    Path directory;

    private final AtomicLong now = new AtomicLong(1_000_000);

    private Sietch open() throws IOException {
        long bytes = 8 * (64 << 10);
        return Sietch.open(directory, SietchOptions.DEFAULTS.withLogBytes(bytes, bytes));
    }

    private PersistentTable<String, Long> table(Sietch sietch) throws IOException {
        return sietch.table(
                "t",
                Codec.utf8(),
                Codec.longs(),
                TableOptions.DEFAULTS.withClock(() -> Instant.ofEpochMilli(now.get())),
                LogOptions.DEFAULTS.withSegmentBytes(64 << 10));
    }

    @Test
    void allWaysToPutTakeATimeToLive() throws Exception {
        try (Sietch sietch = open()) {
            PersistentTable<String, Long> table = table(sietch);
            table.put("a", 1L, Duration.ofSeconds(10));
            table.putAsync("b", 2L, Duration.ofSeconds(20)).get();
            CompletableFuture<@Nullable Void> told = new CompletableFuture<>();
            table.putAsync("c", 3L, Duration.ofSeconds(30), (position, failure) -> told.complete(null));
            told.get();
            table.batch()
                    .put("d", 4L, Duration.ofSeconds(40))
                    .put("e", 5L)
                    .put("f", 6L, Duration.ofDays(Long.MAX_VALUE / 86_400))
                    .commit();
            assertThat(table.expiry("b")).isEqualTo(Instant.ofEpochMilli(1_020_000));
            assertThat(table.expiry("e")).isNull();
            assertThat(table.expiry("nothing")).isNull();
            for (long seconds = 0; seconds <= 40; seconds += 10) {
                now.set(1_000_000 + seconds * 1000);
                assertThat(table.get("a")).isEqualTo(seconds < 10 ? 1L : null);
                assertThat(table.containsKey("b")).isEqualTo(seconds < 20);
                assertThat(table.get("c")).isEqualTo(seconds < 30 ? 3L : null);
                assertThat(table.asMap().containsKey("d")).isEqualTo(seconds < 40);
                assertThat(table.get("e")).isEqualTo(5L);
                assertThat(table.get("f")).isEqualTo(6L);
            }
        }
    }

    @Test
    void whatDependsOnThePresentValueFindsNone() throws Exception {
        try (Sietch sietch = open()) {
            PersistentTable<String, Long> table = table(sietch);
            for (String key : new String[] {"a", "b", "c", "d"}) {
                table.put(key, 1L, Duration.ofMillis(5));
            }
            now.addAndGet(5);
            assertThat(table.remove("a")).isFalse();
            assertThat(table.putIfAbsent("b", 2L)).isNull();
            assertThat(table.replace("c", 2L)).isNull();
            assertThat(table.compute("d", (key, value) -> value == null ? 7L : value + 1))
                    .isEqualTo(7L);
            now.addAndGet(100_000);
            assertThat(table.asMap()).containsOnlyKeys("b", "d");
            assertThat(table.expiry("b")).isNull();
        }
    }

    @Test
    void itExpiresAfterAnotherOpening() throws Exception {
        try (Sietch sietch = open()) {
            table(sietch).put("a", 1L, Duration.ofSeconds(10));
        }
        now.addAndGet(9_999);
        try (Sietch sietch = open()) {
            PersistentTable<String, Long> table = table(sietch);
            assertThat(table.get("a")).isEqualTo(1L);
            now.addAndGet(1);
            assertThat(table.get("a")).isNull();
            assertThat(table.verify().damages()).isEmpty();
        }
    }
}
