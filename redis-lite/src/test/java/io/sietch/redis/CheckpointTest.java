package io.sietch.redis;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.TreeMap;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** Opening from a checkpoint of the index gives what replaying all of the log gives. */
class CheckpointTest {
    private static final int SEGMENTS = 24;
    private static final int LONG_VALUE = 600;

    private static String key(Random random) {
        return "key" + random.nextInt(60);
    }

    /** Changes a key in one of the ways in which it can be. */
    private static void change(StorageHarness harness, Random random) {
        String key = key(random);
        String far = "" + (1_900_000_000_000L + random.nextInt(1000));
        switch (random.nextInt(16)) {
            case 0, 1, 2 -> harness.rush("SET", key, "v" + random.nextInt());
            case 3, 4 -> harness.rush("SET", key, "x".repeat(LONG_VALUE + random.nextInt(2000)));
            case 5 -> harness.rush("SET", key, "t" + random.nextInt(), "PXAT", far);
            case 6 -> harness.rush("PEXPIREAT", key, far);
            case 7 -> harness.rush("PERSIST", key);
            case 8, 9 -> harness.rush("APPEND", key, "a".repeat(1 + random.nextInt(700)));
            case 10 -> harness.rush("SETRANGE", key, "" + random.nextInt(3000), "r" + random.nextInt());
            case 11 -> harness.rush("DEL", key);
            case 12 -> harness.rush("MSET", key, "m1", key(random), "m2", "key0", "m3");
            case 13 -> harness.rush(random.nextBoolean() ? "RENAME" : "DEL", key, key(random));
            case 14 -> harness.rush("SET", key, "y".repeat(random.nextInt(9000)));
            default -> {
                if (random.nextInt(60) == 0) {
                    harness.rush("FLUSHALL");
                }
            }
        }
    }

    private static void work(StorageHarness harness, Random random, int changes) {
        for (int i = 0; i < changes; i++) {
            change(harness, random);
            if (i % 3 == 0) {
                harness.storage.journal().commit(false);
                harness.turn();
            }
        }
    }

    /** Compares what was recovered with what all records lead to, of what clients see and of what cleaning needs. */
    private static void check(StorageHarness harness) throws EffectException {
        try (Keyspace all = harness.replayedFromHead()) {
            assertThat(harness.dump()).isEqualTo(KeyspaceHarness.dump(all));
            assertThat(harness.keyspace.liveBytes()).isEqualTo(all.liveBytes());
            assertThat(harness.keyspace.owedBytes()).isEqualTo(all.owedBytes());
            assertThat(harness.keyspace.counts()).isEqualTo(all.counts());
            assertThat(places(harness.keyspace)).isEqualTo(places(all));
            assertThat(harness.keyspace.store().entries().hereBytes())
                    .as("values that are in memory alone")
                    .isLessThanOrEqualTo(all.store().entries().hereBytes());
            assertThat(harness.keyspace.store().entries().count())
                    .isEqualTo(entries(harness.keyspace))
                    .isLessThanOrEqualTo(all.store().entries().count());
        }
    }

    private static long entries(Keyspace keyspace) {
        Store store = keyspace.store();
        long[] entries = new long[1];
        long cursor = 0;
        do {
            cursor = store.scan(
                    cursor,
                    position -> entries[0] += store.item().moveTo(position).entry() == 0 ? 0 : 1);
        } while (cursor != 0);
        return entries[0];
    }

    /** Where each key is, and that its base and its entry are known. */
    private static TreeMap<String, String> places(Keyspace keyspace) {
        TreeMap<String, String> places = new TreeMap<>();
        Store store = keyspace.store();
        long cursor = 0;
        do {
            cursor = store.scan(cursor, position -> {
                Item item = store.item().moveTo(position);
                assertThat(store.liveness().mayBeBase(item.base())).isTrue();
                assertThat(store.liveness().isEntered(position)).isEqualTo(item.entry() != 0);
                places.put(KeyspaceHarness.key(item), position + ", base " + item.base() + ", " + item.bytesAtBase());
            });
        } while (cursor != 0);
        return places;
    }

    @Property(tries = 6)
    void everythingIsAsIfAllWereReplayed(@ForAll long seed) throws Exception {
        Random random = new Random(seed);
        try (StorageHarness harness = new StorageHarness(SEGMENTS, SEGMENTS)) {
            harness.copyIndexEach(16 << 10);
            int loaded = 0;
            long seen = 0;
            for (int life = 0; life < 8; life++) {
                harness.restart();
                check(harness);
                loaded += harness.recovered.keys() > 0 ? 1 : 0;
                seen = Math.max(seen, harness.storage.journal().log().head());
                work(harness, random, 400 + random.nextInt(400));
                harness.sync();
            }
            assertThat(loaded).as("lives that began with a checkpoint").isGreaterThan(3);
            assertThat(seen).as("where the log began at last: it was cleaned").isPositive();
        }
    }

    @Example
    void openingTakesWhatWasAppendedSince() {
        try (StorageHarness harness = new StorageHarness(200, 200)) {
            harness.copyIndexEach(64 << 10);
            harness.restart();
            for (int i = 0; i < 5000; i++) {
                harness.rush("SET", "key" + i, "v".repeat(100));
                if (i % 20 == 0) {
                    harness.storage.journal().commit(false);
                    harness.turn();
                }
            }
            harness.sync();
            harness.restart();
            assertThat(harness.recovered.keys()).isGreaterThan(3500);
            assertThat(harness.recovered.bytes()).isLessThan(300 << 10);
            assertThat(harness.keyspace.counts().keys()).isEqualTo(5000);
        }
    }

    /** However much lies in memory alone, copying it is no more than half of what is written. */
    @Example
    void valuesChangedInPartAreNotRecordedAgainAndAgain() {
        try (StorageHarness harness = new StorageHarness(200, 200)) {
            harness.copyIndexEach(4096);
            harness.restart();
            for (int i = 0; i < 40; i++) {
                harness.run("SET", "key" + i, "v".repeat(20_000));
            }
            long before = harness.storage.journal().log().metrics().payloadBytes();
            long changed = 0;
            for (int i = 0; i < 2000; i++) {
                harness.run("SETRANGE", "key" + i % 40, "" + i, "x");
                changed += EffectFormat.spliceLength(5, 1);
            }
            long appended = harness.storage.journal().log().metrics().payloadBytes() - before;
            assertThat(appended).isLessThan(2 * changed + 40 * 20_000L * 3 / 2);
        }
    }

    @Example
    void aCheckpointIsAbandonedWhereRoomIsShort() {
        try (StorageHarness harness = new StorageHarness(8, 8)) {
            harness.copyIndexEach(4096);
            harness.restart();
            int refused = 0;
            for (int i = 0; i < 600; i++) {
                refused += harness.run("SET", "key" + i % 300, "v".repeat(900)).startsWith("-") ? 1 : 0;
            }
            assertThat(refused).isLessThan(600);
            for (int i = 0; i < 300; i++) {
                assertThat(harness.run("DEL", "key" + i)).startsWith(":");
            }
            harness.restart();
            assertThat(harness.dump()).isEmpty();
        }
    }
}
