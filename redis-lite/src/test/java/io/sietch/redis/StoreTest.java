package io.sietch.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.sietch.persistent.IndexHint;
import io.sietch.persistent.KeyHash;
import io.sietch.persistent.LogPlace;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** The parts of the store, each by itself. */
class StoreTest {
    private static MemorySegment bytes(String text) {
        return MemorySegment.ofArray(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    // ---- slab ---------------------------------------------------------------------------------------------

    @Example
    void aBlockIsAsLargeAsAskedForAndWastesLittle() {
        try (Slab slab = new Slab(Arena::ofShared)) {
            for (int size = 1; size < 200_000; size += 1 + size / 50) {
                int sizeClass = Slab.classOf(size);
                long block = slab.allocate(size, sizeClass);
                long capacity = slab.capacity(block, sizeClass);
                assertThat(capacity).as("%d", size).isBetween((long) size, size + 8L + size / 8);
                assertThat(Slab.offset(block) + capacity)
                        .isLessThanOrEqualTo(slab.memory(block).byteSize());
            }
        }
    }

    @Property(tries = 25)
    void blocksInUseKeepTheirBytes(@ForAll long seed) {
        Random random = new Random(seed);
        try (Slab slab = new Slab(Arena::ofShared)) {
            List<long[]> blocks = new ArrayList<>(); // reference, size, mark
            for (int i = 0; i < 1000; i++) {
                if (random.nextInt(3) > 0 || blocks.isEmpty()) {
                    int size = random.nextInt(20) == 0 ? random.nextInt(300_000) + 1 : random.nextInt(500) + 8;
                    long block = slab.allocate(size, Slab.classOf(size));
                    slab.memory(block).asSlice(Slab.offset(block), size).fill((byte) i);
                    blocks.add(new long[] {block, size, i});
                } else {
                    long[] block = blocks.remove(random.nextInt(blocks.size()));
                    MemorySegment memory = slab.memory(block[0]).asSlice(Slab.offset(block[0]), block[1]);
                    assertThat(memory.mismatch(MemorySegment.ofArray(new byte[(int) block[1]])
                                    .fill((byte) block[2])))
                            .isEqualTo(-1);
                    slab.free(block[0], Slab.classOf(block[1]));
                }
            }
            for (long[] block : blocks) {
                slab.free(block[0], Slab.classOf(block[1]));
            }
            assertThat(slab.usedBytes()).isZero();
            slab.clear();
            assertThat(slab.reservedBytes()).isZero();
        }
    }

    @Example
    void freedBlocksServeAgain() {
        try (Slab slab = new Slab(Arena::ofShared)) {
            for (int size : new int[] {100, 5_000, 1_000_000}) {
                slab.free(slab.allocate(size, Slab.classOf(size)), Slab.classOf(size));
                long reserved = slab.reservedBytes();
                for (int i = 0; i < 1000; i++) {
                    slab.free(slab.allocate(size, Slab.classOf(size)), Slab.classOf(size));
                }
                assertThat(slab.reservedBytes()).isEqualTo(reserved);
            }
        }
    }

    // ---- hash ---------------------------------------------------------------------------------------------

    /** SipHash as its paper has it, with any numbers of rounds. */
    private static long sipHash(int rounds, int lastRounds, long key0, long key1, byte[] message) {
        long[] v = {
            key0 ^ 0x736f6d6570736575L,
            key1 ^ 0x646f72616e646f6dL,
            key0 ^ 0x6c7967656e657261L,
            key1 ^ 0x7465646279746573L
        };
        for (int word = 0; word <= message.length / 8; word++) {
            long m = word == message.length / 8 ? (long) message.length << 56 : 0;
            for (int i = 0; i < 8 && word * 8 + i < message.length; i++) {
                m |= (message[word * 8 + i] & 0xffL) << 8 * i;
            }
            v[3] ^= m;
            sipRounds(v, rounds);
            v[0] ^= m;
        }
        v[2] ^= 0xff;
        sipRounds(v, lastRounds);
        return v[0] ^ v[1] ^ v[2] ^ v[3];
    }

    private static void sipRounds(long[] v, int rounds) {
        for (int i = 0; i < rounds; i++) {
            v[0] += v[1];
            v[1] = Long.rotateLeft(v[1], 13) ^ v[0];
            v[0] = Long.rotateLeft(v[0], 32);
            v[2] += v[3];
            v[3] = Long.rotateLeft(v[3], 16) ^ v[2];
            v[0] += v[3];
            v[3] = Long.rotateLeft(v[3], 21) ^ v[0];
            v[2] += v[1];
            v[1] = Long.rotateLeft(v[1], 17) ^ v[2];
            v[2] = Long.rotateLeft(v[2], 32);
        }
    }

    @Example
    void theHashIsSipHashWithOneAndThreeRounds() {
        byte[] message = new byte[15];
        for (int i = 0; i < 15; i++) {
            message[i] = (byte) i;
        }
        long key0 = 0x0706050403020100L;
        long key1 = 0x0f0e0d0c0b0a0908L;
        assertThat(sipHash(2, 4, key0, key1, message)).as("the paper's example").isEqualTo(0xa129ca6149be45e5L);
        KeyHash hash = new KeyHash(key0, key1);
        Random random = new Random(3);
        for (int length = 0; length < 70; length++) {
            byte[] bytes = new byte[length + 5];
            random.nextBytes(bytes);
            byte[] part = java.util.Arrays.copyOfRange(bytes, 3, 3 + length);
            assertThat(hash.of(MemorySegment.ofArray(bytes), 3, length))
                    .as("length %d", length)
                    .isEqualTo(sipHash(1, 3, key0, key1, part));
        }
    }

    @Example
    void keysMadeToCollideElsewhereSpreadEvenly() {
        try (KeyspaceHarness harness = new KeyspaceHarness()) {
            harness.journal.keepNothing();
            for (int i = 0; i < 1 << 14; i++) { // all with the same String.hashCode
                StringBuilder key = new StringBuilder();
                for (int bit = 0; bit < 14; bit++) {
                    key.append((i >> bit & 1) == 0 ? "Aa" : "BB");
                }
                harness.run("SET", key.toString(), "v");
            }
            int longest = 0;
            long cursor = 0;
            do {
                int[] length = new int[1];
                cursor = harness.keyspace.store().scan(cursor, entry -> length[0]++);
                longest = Math.max(longest, length[0]);
            } while (cursor != 0);
            assertThat(longest).isBetween(5, 24);
        }
    }

    // ---- table --------------------------------------------------------------------------------------------

    @Property(tries = 40)
    void theTableHoldsWhatAMapHolds(@ForAll long seed) {
        Random random = new Random(seed);
        Map<String, String> model = new HashMap<>();
        FakeJournal journal = new FakeJournal();
        try (Store store = new Store(new KeyHash(seed, 1), journal, Arena::ofShared)) {
            int range = 1 + random.nextInt(2000);
            for (int i = 0; i < 5000; i++) {
                if (random.nextInt(1000) == 0) {
                    range = 1 + random.nextInt(2000);
                }
                String key = "k" + random.nextInt(range);
                MemorySegment bytes = bytes(key);
                int length = (int) bytes.byteSize();
                long hash = store.hash(bytes, 0, length);
                long found = store.find(hash, bytes, 0, length);
                assertThat(found != 0).isEqualTo(model.containsKey(key));
                if (random.nextBoolean()) {
                    String value = "v".repeat(random.nextInt(100)) + i;
                    long expireAt = random.nextInt(3) == 0 ? i : Entries.NEVER;
                    put(journal, store, key, value, expireAt);
                    model.put(key, value + " " + expireAt);
                } else if (found != 0) {
                    store.remove(hash, found);
                    model.remove(key);
                }
            }
            Map<String, String> content = new HashMap<>();
            long cursor = 0;
            do {
                cursor = store.scan(cursor, position -> {
                    Item item = store.item().moveTo(position);
                    content.put(KeyspaceHarness.key(item), KeyspaceHarness.value(item) + " " + item.expireAt());
                });
            } while (cursor != 0);
            assertThat(content).isEqualTo(model);
            assertThat(store.size()).isEqualTo(model.size());
            assertHeap(store);
        }
    }

    /** Keys that are not there, among them. */
    @Example
    void whatIsReadAheadIsWhatIsFoundLater() {
        FakeJournal journal = new FakeJournal();
        try (Store store = new Store(new KeyHash(5, 1), journal, Arena::ofShared)) {
            for (int i = 0; i < 1000; i++) {
                put(journal, store, "key" + i, "value", Entries.NEVER);
            }
            long[] likely = new long[RequestBatch.MAX];
            IndexHint[] hints = new IndexHint[RequestBatch.MAX];
            Arrays.setAll(hints, i -> new IndexHint());
            for (int i = 0; i < 1100; i += likely.length) {
                for (int k = 0; k < likely.length; k++) {
                    MemorySegment key = bytes("key" + (i + k));
                    likely[k] = store.hash(key, 0, (int) key.byteSize());
                }
                store.foresee(likely, hints, likely.length);
                for (int k = 0; k < likely.length; k++) {
                    MemorySegment key = bytes("key" + (i + k));
                    int length = (int) key.byteSize();
                    long hash = store.hash(key, 0, length);
                    long found = store.find(hash, key, 0, length);
                    assertThat(likely[k]).as("key%d", i + k).isEqualTo(found);
                    assertThat(store.find(hash, key, 0, length, hints[k]))
                            .as("key%d", i + k)
                            .isEqualTo(found);
                }
            }
        }
    }

    /** As the keyspace does it. */
    private static void put(FakeJournal journal, Store store, String key, String value, long expireAt) {
        MemorySegment bytes = bytes(key);
        int length = key.length();
        long hash = store.hash(bytes, 0, length);
        long found = store.find(hash, bytes, 0, length);
        int recordBytes = (int) EffectFormat.setLength(length, value.length());
        journal.claim(recordBytes);
        EffectFormat.set(
                journal.segment(), journal.offset(), bytes, 0, length, expireAt, bytes(value), 0, value.length());
        long position = LogPlace.payload(journal.publish(), recordBytes);
        store.put(hash, found, bytes, 0, length, expireAt, value.length(), position);
    }

    private static void assertHeap(Store store) {
        ExpiryHeap heap = store.expiries();
        for (int slot = 0; slot < heap.size(); slot++) {
            assertThat(store.entries().slot(heap.entry(slot))).isEqualTo(slot);
            assertThat(store.entries().expireAt(heap.entry(slot))).isEqualTo(heap.time(slot));
            assertThat(heap.time(slot)).isGreaterThanOrEqualTo(heap.time(Math.max(0, (slot - 1) / 2)));
        }
    }

    @Property(tries = 25)
    void aScanReturnsEveryKeyThatIsThereAllTheTime(@ForAll long seed) {
        Random random = new Random(seed);
        try (KeyspaceHarness harness = new KeyspaceHarness()) {
            harness.journal.keepNothing();
            Set<String> steady = new HashSet<>();
            for (int i = random.nextInt(400); i >= 0; i--) {
                steady.add("steady" + i);
                harness.run("SET", "steady" + i, "v");
            }
            int others = random.nextInt(3000);
            for (int i = 0; i < others; i++) {
                harness.run("SET", "other" + i, "v");
            }
            boolean growing = random.nextBoolean();
            Set<String> seen = new HashSet<>();
            String cursor = "0";
            int steps = 0;
            do {
                String[] reply = harness.run("SCAN", cursor, "COUNT", "" + (1 + random.nextInt(20)))
                        .split("\r\n");
                cursor = reply[2];
                for (int i = 5; i < reply.length; i += 2) {
                    seen.add(reply[i]);
                }
                for (int i = random.nextInt(150); i > 0; i--) {
                    if (growing) {
                        harness.run("SET", "other" + others++, "v");
                    } else if (others > 0) {
                        harness.run("DEL", "other" + --others);
                    }
                }
                growing = growing != (random.nextInt(30) == 0) && others < 6_000;
                assertThat(++steps).isLessThan(100_000);
            } while (!cursor.equals("0"));
            assertThat(seen).containsAll(steady);
        }
    }

    @Example
    void aScanShowsOnlyWhatIsAskedFor() {
        try (KeyspaceHarness harness = new KeyspaceHarness()) {
            for (int i = 0; i < 300; i++) {
                harness.run("SET", "k" + i, "v");
            }
            harness.run("SET", "past", "v", "PX", "1");
            harness.now += 2;
            assertThat(scan(harness)).hasSize(300);
            assertThat(scan(harness, "MATCH", "k1*")).hasSize(111);
            assertThat(scan(harness, "TYPE", "string", "COUNT", "7")).hasSize(300);
            assertThat(scan(harness, "TYPE", "list")).isEmpty();
        }
    }

    private static Set<String> scan(KeyspaceHarness harness, String... options) {
        Set<String> keys = new HashSet<>();
        List<String> request = new ArrayList<>(List.of("SCAN", "0"));
        request.addAll(List.of(options));
        do {
            String[] reply = harness.run(request.toArray(String[]::new)).split("\r\n");
            for (int i = 5; i < reply.length; i += 2) {
                keys.add(reply[i]);
            }
            request.set(1, reply[2]);
        } while (!request.get(1).equals("0"));
        return keys;
    }
}
