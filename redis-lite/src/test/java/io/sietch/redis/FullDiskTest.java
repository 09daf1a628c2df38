package io.sietch.redis;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** A disk that runs full under a running server, on a real log: what is refused, and that there is a way back. */
class FullDiskTest {
    private static final int SEGMENTS = 16;
    private static final String REFUSED = "-MISCONF Errors writing to the log: ";
    private static final String VALUE = "v".repeat(1000);

    /** Sets new keys until that is refused; returns how many there are then. */
    private static int fill(StorageHarness harness) {
        for (int i = 0; ; i++) {
            String reply = harness.run("SET", "key:" + i, VALUE);
            if (!reply.equals("+OK\r\n")) {
                assertThat(reply).startsWith(REFUSED).endsWith("reads go on.\r\n");
                return i;
            }
        }
    }

    private static void assertSameAfterRestart(StorageHarness harness) {
        TreeMap<String, String> before = harness.dump();
        harness.restart();
        assertThat(harness.dump()).isEqualTo(before);
    }

    @Test
    void writesAreRefusedWhenTheDiskIsFullAndResumeWhenItHasRoom() {
        try (StorageHarness harness = new StorageHarness(SEGMENTS, 4 * SEGMENTS)) {
            harness.diskIsFull = true;
            int keys = fill(harness);
            assertThat(harness.run("SET", "more", VALUE)).startsWith(REFUSED + "No space left on the test's device.");
            assertThat(harness.run("INCR", "n")).startsWith(REFUSED);
            for (int i = 0; i < keys; i++) {
                assertThat(harness.run("STRLEN", "key:" + i)).isEqualTo(":1000\r\n");
            }
            harness.diskIsFull = false;
            harness.now += 3_000_000_000L;
            harness.settle();
            assertThat(harness.run("SET", "more", VALUE)).isEqualTo("+OK\r\n");
            assertThat(fill(harness)).isGreaterThan(2 * keys);
            assertSameAfterRestart(harness);
        }
    }

    @Test
    void aDeviceAtItsMaximumRefusesWritesAndKeepsWhatItHas() {
        try (StorageHarness harness = new StorageHarness(SEGMENTS, SEGMENTS)) {
            int keys = fill(harness);
            assertThat(harness.run("SET", "more", VALUE)).startsWith(REFUSED).contains("may not grow beyond");
            assertThat(harness.run("STRLEN", "key:" + (keys - 1))).isEqualTo(":1000\r\n");
            assertSameAfterRestart(harness);
        }
    }

    @Test
    void writesWaitWhileTheDeviceGrows() {
        try (StorageHarness harness = new StorageHarness(SEGMENTS, 4 * SEGMENTS)) {
            harness.helperWorks = false;
            String reply = "";
            for (int i = 0; !reply.equals("RETRY"); i++) {
                reply = harness.ask("SET", "key:" + i, VALUE);
                harness.storage.journal().commit(false);
                harness.turn();
                assertThat(reply).isIn("+OK\r\n", "RETRY");
            }
            assertThat(harness.helper).hasSize(1);
            harness.helper.remove().run();
            harness.settle();
            assertThat(harness.run("SET", "key", VALUE)).isEqualTo("+OK\r\n");
        }
    }
}
