package io.sietch.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.sietch.persistent.LogCore;
import org.junit.jupiter.api.Test;

class LogCheckupTest {
    private static final int KEYS = 3000;

    private static StorageHarness openedFromACheckpoint(String... decayed) {
        StorageHarness harness = new StorageHarness(40, 40);
        harness.copyIndexEach(64 << 10);
        harness.restart();
        for (int i = 0; i < KEYS; i++) {
            harness.rush("SET", "key" + i, "value" + i + "-".repeat(100));
            if (i % 20 == 0) {
                harness.storage.journal().commit(false);
                harness.turn();
            }
        }
        harness.sync();
        for (String each : decayed) {
            harness.decay(each);
        }
        harness.restart();
        assertThat(harness.recovered.keys()).as("a checkpoint was there").isPositive();
        return harness;
    }

    @Test
    void whatIsSoundIsReadOnce() {
        try (StorageHarness harness = openedFromACheckpoint()) {
            assertThat(harness.checkup().isDone()).isFalse();
            harness.settle();
            assertThat(harness.checkup().isDone()).isTrue();
            assertThat(harness.checkup().damages()).isZero();
            assertThat(harness.turn()).isZero();
        }
    }

    @Test
    void eachDamagedStretchIsCountedAndTheRestIsReadAndServed() {
        try (StorageHarness harness = openedFromACheckpoint("value7-", "value300-")) {
            harness.settle();
            assertThat(harness.checkup().isDone()).isTrue();
            assertThat(harness.checkup().damages()).isEqualTo(2);
            assertThat(harness.run("GET", "key8")).contains("value8-");
        }
    }

    @Test
    void whatIsCleanedMeanwhileNeedsNoChecking() {
        try (StorageHarness harness = openedFromACheckpoint()) {
            LogCore log = harness.storage.journal().log();
            LogCheckup checkup = new LogCheckup(log, "memory", log.appended());
            checkup.poll();
            for (int i = 0; log.trimmed() < 4L * StorageHarness.SEGMENT; i++) {
                harness.run("SET", "key" + i % 10, "another" + i + "-".repeat(20_000));
            }
            int turns = 0;
            while (checkup.poll() > 0) {
                turns++;
            }
            assertThat(turns).isPositive();
            assertThat(checkup.isDone()).isTrue();
            assertThat(checkup.damages()).isZero();
        }
    }
}
