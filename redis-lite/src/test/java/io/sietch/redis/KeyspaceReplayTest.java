package io.sietch.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.sietch.persistent.LogPlace;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** What the journal says leads to the data that was there, and nothing changes that it was not told of first. */
class KeyspaceReplayTest {
    private static void assertSameAfterReplay(KeyspaceHarness original, List<FakeJournal.Entry> entries) {
        try (KeyspaceHarness replayed = new KeyspaceHarness()) {
            replayed.replay(entries);
            assertThat(replayed.dump()).isEqualTo(original.dump());
            Keyspace.Counts counts = replayed.keyspace.counts();
            assertThat(counts.keys()).isEqualTo(original.dump().size());
            assertThat(counts.expires()).isEqualTo(original.keyspace.counts().expires());
        }
    }

    private static String[] next(Random random) {
        return RandomRequests.next(random).toArray(String[]::new);
    }

    /** Sometimes time goes on, so that keys with a time to live pass it. */
    private static void step(KeyspaceHarness harness, Random random) {
        harness.now += switch (random.nextInt(20)) {
            case 0 -> 1_000_000;
            case 1 -> 100_000_000;
            default -> random.nextInt(3);
        };
        if (random.nextInt(10) == 0) {
            harness.keyspace.expireCycle(harness.now, random.nextInt(3));
        }
    }

    @Property(tries = 200)
    void replayLeadsToTheSameData(@ForAll long seed) {
        Random random = new Random(seed);
        try (KeyspaceHarness harness = new KeyspaceHarness()) {
            for (int i = 0; i < 300; i++) {
                harness.run(next(random));
                step(harness, random);
            }
            assertSameAfterReplay(harness, harness.journal.entries());
        }
    }

    @Property(tries = 200)
    void aRefusedRequestChangesNothing(@ForAll long seed) {
        Random random = new Random(seed);
        try (KeyspaceHarness harness = new KeyspaceHarness()) {
            for (int i = 0; i < 200; i++) {
                step(harness, random);
                String[] request = next(random);
                long code = random.nextInt(2) == 0 ? 0 : random.nextBoolean() ? Journal.BUSY : Journal.NO_SPACE;
                TreeMap<String, String> before = code == 0 ? new TreeMap<>() : harness.dump();
                int records = harness.journal.entries().size();
                harness.journal.refuse(code);
                String reply = harness.run(request);
                if (code != 0) {
                    assertThat(harness.dump()).isEqualTo(before);
                    assertThat(harness.journal.entries()).hasSize(records);
                    assertThat(code == Journal.BUSY || !reply.equals("RETRY")).isTrue();
                    assertThat(code == Journal.NO_SPACE || !reply.startsWith("-MISCONF"))
                            .isTrue();
                }
                if (code == Journal.BUSY && reply.equals("RETRY")) {
                    harness.journal.refuse(0);
                    assertThat(harness.run(request)).isNotEqualTo("RETRY");
                    assertThat(harness.journal.entries()).hasSizeGreaterThan(records);
                }
                harness.journal.refuse(0);
            }
            assertSameAfterReplay(harness, harness.journal.entries());
        }
    }

    @Property(tries = 200)
    void whatWasRelocatedCanBeTrimmed(@ForAll long seed) {
        Random random = new Random(seed);
        try (KeyspaceHarness harness = new KeyspaceHarness()) {
            List<FakeJournal.Entry> entries = harness.journal.entries();
            for (int round = 0; round < 4; round++) {
                run(harness, random, 60);
                List<FakeJournal.Entry> old = List.copyOf(entries.subList(0, random.nextInt(entries.size() + 1)));
                for (FakeJournal.Entry entry : old) {
                    relocate(harness, entry, random);
                    run(harness, random, random.nextInt(8) == 0 ? 3 : 0);
                }
                assertSameAfterReplay(harness, entries); // a crash before the trim
                entries.removeAll(old);
                assertSameAfterReplay(harness, entries);
            }
        }
    }

    private static void relocate(KeyspaceHarness harness, FakeJournal.Entry entry, Random random) {
        MemorySegment record = MemorySegment.ofArray(entry.bytes());
        harness.journal.refuse(random.nextInt(3) == 0 ? Journal.BUSY : 0);
        long position = LogPlace.payload(entry.end(), entry.bytes().length);
        long end = harness.keyspace.relocate(record, 0, position);
        harness.journal.refuse(0);
        if (end < 0) {
            assertThat(harness.keyspace.relocate(record, 0, position)).isPositive();
        }
    }

    private static void run(KeyspaceHarness harness, Random random, int requests) {
        for (int i = 0; i < requests; i++) {
            step(harness, random);
            harness.run(next(random));
        }
    }
}
