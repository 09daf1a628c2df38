package io.sietch.redis;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.SplittableRandom;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A disk that runs full under a running server, on a real log: what is refused, and that there is a way back. */
class FullDiskTest {
    private static final int SEGMENTS = 16;
    private static final String REFUSED = "-MISCONF Errors writing to the log: ";
    private static final String VALUE = "v".repeat(1000);

    /** Another length of the log: what is kept free grows with it. */
    private static final int MANY_SEGMENTS = 64;

    private interface Asked {
        String reply(String... arguments);
    }

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
        harness.sync();
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
            assertThat(harness.run("APPEND", "key:0", VALUE)).startsWith(REFUSED);
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
    void aFullDeviceTakesDeletionsAndThenWrites() {
        try (StorageHarness harness = new StorageHarness(SEGMENTS, SEGMENTS)) {
            int keys = fill(harness);
            for (int i = 0; i < keys; i++) {
                assertThat(harness.run("DEL", "key:" + i)).isEqualTo(":1\r\n");
            }
            assertThat(fill(harness)).isGreaterThan(keys * 9 / 10);
            assertThat(harness.run("FLUSHALL")).isEqualTo("+OK\r\n");
            assertThat(fill(harness)).isGreaterThan(keys * 9 / 10);
            assertSameAfterRestart(harness);
        }
    }

    @Test
    void aDeviceFullOfTinyKeysTakesTheirDeletions() {
        try (StorageHarness harness = new StorageHarness(SEGMENTS, SEGMENTS)) {
            int keys = 0;
            while (harness.run("SET", "k" + keys, "").equals("+OK\r\n")) {
                keys++;
            }
            for (int i = 0; i < keys; i++) {
                assertThat(harness.run("DEL", "k" + i)).isEqualTo(":1\r\n");
            }
            assertThat(harness.dump()).isEmpty();
            assertSameAfterRestart(harness);
        }
    }

    /** However much of the device is alive, as long as it took it once, it can be overwritten for ever. */
    @ParameterizedTest
    @ValueSource(ints = {0, 30, 60, 100})
    void aFullDeviceIsOverwrittenForEver(int percentKept) {
        try (StorageHarness harness = new StorageHarness(SEGMENTS, SEGMENTS)) {
            int keys = fill(harness);
            int kept = keys * percentKept / 100;
            for (int i = kept; i < keys; i++) {
                assertThat(harness.run("DEL", "key:" + i)).isEqualTo(":1\r\n");
            }
            SplittableRandom random = new SplittableRandom(percentKept);
            for (int i = 0; i < 10 * keys; i++) {
                String key = "key:" + random.nextInt(Math.max(1, kept - 1));
                Asked asked = i / 1000 % 2 == 0 ? harness::run : harness::rush;
                assertThat(asked.reply("SET", key, VALUE)).isEqualTo("+OK\r\n");
                if (i % 1000 == 0) {
                    assertSameAfterRestart(harness);
                }
            }
            assertSameAfterRestart(harness);
        }
    }

    /** What is alive lies together at the front: all of it is moved before anything comes free. */
    @Test
    void aFullDeviceMovesMuchBeforeItGainsAnything() {
        try (StorageHarness harness = new StorageHarness(MANY_SEGMENTS, MANY_SEGMENTS)) {
            int keys = 0;
            String shorter = VALUE.substring(400);
            while (harness.rush("SET", "key:" + keys, shorter).equals("+OK\r\n")) {
                keys++;
            }
            for (int i = 0; i < 10 * keys; i++) {
                Asked asked = i / 1000 % 2 == 0 ? harness::rush : harness::run;
                assertThat(asked.reply("SET", "key:0", shorter)).isEqualTo("+OK\r\n");
            }
            assertSameAfterRestart(harness);
        }
    }

    /** Whatever is asked of a full device, it answers, and a restart finds what was there. */
    @Property(tries = 10)
    void aFullDeviceAnswersEverything(@ForAll long seed) {
        Random random = new Random(seed);
        int segments = random.nextBoolean() ? SEGMENTS : MANY_SEGMENTS;
        try (StorageHarness harness = new StorageHarness(segments, segments)) {
            int refused = 0;
            for (int i = 0; i < 300 * segments || refused == 0; i++) {
                String[] request = random.nextInt(3) > 0 ? large(random, segments) : small(random);
                Asked asked = random.nextInt(20) == 0 ? harness::run : harness::rush;
                refused += asked.reply(request).startsWith(REFUSED) ? 1 : 0;
                if (random.nextInt(5000) == 0) {
                    assertSameAfterRestart(harness);
                }
            }
            assertThat(harness.run("FLUSHALL")).isEqualTo("+OK\r\n");
            assertThat(harness.run("SET", "a", "v".repeat(20_000))).isEqualTo("+OK\r\n");
            assertSameAfterRestart(harness);
        }
    }

    private static String[] small(Random random) {
        return RandomRequests.next(random).toArray(String[]::new);
    }

    private static String[] large(Random random, int segments) {
        String key = "large:" + random.nextInt(25 * segments);
        String bytes = "x".repeat(random.nextInt(10) == 0 ? random.nextInt(20_000) : random.nextInt(4000));
        return switch (random.nextInt(8)) {
            case 0 -> new String[] {"APPEND", key, bytes.substring(bytes.length() / 2)};
            case 1 -> new String[] {"SETRANGE", key, "" + random.nextInt(10_000), bytes};
            case 2 -> new String[] {"MSET", key, "", key + "a", "", key + "b", "", key + "c", bytes};
            case 3 -> new String[] {"DEL", key, key + "a", key + "b", key + "c"};
            case 4 -> new String[] {"PEXPIRE", key, "" + (1 + random.nextInt(1000))};
            case 5 -> new String[] {"RENAME", key, "large:" + random.nextInt(25 * segments)};
            default -> new String[] {"SET", key, bytes};
        };
    }

    /** A short record may make a long value: what cleaning takes more than it frees is kept free too. */
    @Test
    void aDeviceFullOfShortRecordsOfLongValuesIsCleaned() {
        try (StorageHarness harness = new StorageHarness(MANY_SEGMENTS, MANY_SEGMENTS)) {
            int keys = 0;
            while (harness.rush("SETRANGE", "key:" + keys, "2000", "x").equals(":2001\r\n")) {
                keys++;
            }
            assertThat(harness.run("DEL", "key:0", "key:1", "key:2")).isEqualTo(":3\r\n");
            for (int i = 0; i < 20_000; i++) {
                assertThat(harness.rush("SET", "other", VALUE)).isEqualTo("+OK\r\n");
            }
            assertThat(harness.run("STRLEN", "key:3")).isEqualTo(":2001\r\n");
            assertSameAfterRestart(harness);
        }
    }

    /**
     * Nothing was kept free there: nothing is waited for in vain, no work goes on for ever, and keys can be removed.
     */
    @ParameterizedTest
    @ValueSource(ints = {1000, 7000, 8900})
    void aLogThatIsTooFullForThatComesBackByDeletions(int length) {
        try (StorageHarness harness = new StorageHarness(MANY_SEGMENTS, MANY_SEGMENTS, false)) {
            int keys = 0;
            while (harness.storage.journal().log().freeBytes() > 5 * StorageHarness.SEGMENT / 2) {
                assertThat(harness.rush("SET", "key:" + keys++, "v".repeat(length)))
                        .isEqualTo("+OK\r\n");
            }
            assertSameAfterRestart(harness);
            harness.settle();
            assertThat(harness.run("SET", "more", VALUE)).startsWith(REFUSED);
            for (int i = 0; i < keys; i++) {
                assertThat(harness.rush("DEL", "key:" + i)).isEqualTo(":1\r\n");
            }
            harness.run("SET", "more", VALUE);
            assertThat(fill(harness)).isGreaterThan(MANY_SEGMENTS * 30);
            assertSameAfterRestart(harness);
        }
    }

    /** What was taken in the hope of growth is not more than can be cleaned without it. */
    @Test
    void aGrowthThatFailsLeavesRoomToRemove() {
        try (StorageHarness harness = new StorageHarness(SEGMENTS, 4 * SEGMENTS)) {
            harness.helperWorks = false;
            harness.diskIsFull = true;
            int keys = 0;
            while (harness.ask("SET", "k" + keys, "").equals("+OK\r\n")) {
                keys++;
                harness.storage.journal().commit(false);
                harness.turn();
            }
            harness.helper.remove().run();
            harness.helperWorks = true;
            for (int i = 0; i < keys; i++) {
                assertThat(harness.run("DEL", "k" + i)).isEqualTo(":1\r\n");
            }
            assertThat(fill(harness)).isPositive();
        }
    }

    /** Too few segments to keep to all rules. */
    @ParameterizedTest
    @ValueSource(ints = {4, 5, 6, 7})
    void aShortLogRunsFullAndComesBack(int segments) {
        try (StorageHarness harness = new StorageHarness(segments, segments)) {
            int keys = fill(harness);
            for (int i = 0; i < keys; i++) {
                assertThat(harness.run("DEL", "key:" + i)).isEqualTo(":1\r\n");
            }
            for (int i = 0; i < 2000; i++) {
                assertThat(harness.rush("SET", "key", VALUE)).isEqualTo("+OK\r\n");
            }
            assertSameAfterRestart(harness);
        }
    }

    @Test
    void aDiskThatRunsFullWhileTheDeviceGrowsTakesDeletions() {
        try (StorageHarness harness = new StorageHarness(SEGMENTS, 4 * SEGMENTS)) {
            harness.diskIsFull = true;
            int keys = fill(harness);
            for (int i = 0; i < keys; i++) {
                assertThat(harness.run("DEL", "key:" + i)).isEqualTo(":1\r\n");
            }
            harness.diskIsFull = false;
            harness.now += 3_000_000_000L;
            assertThat(fill(harness)).isGreaterThan(2 * keys);
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
