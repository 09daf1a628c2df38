package io.sietch.redis;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.sietch.persistent.LogPlace;
import java.lang.management.ManagementFactory;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

class LivingRecordsTest {
    @Property(tries = 50)
    void aRecordIsThereFromItsAddingToItsRemoval(@ForAll long seed) {
        Random random = new Random(seed);
        LivingRecords records = new LivingRecords();
        TreeSet<Long> model = new TreeSet<>();
        long end = random.nextInt(1 << 30) * 8L;
        long step = 1L << 4 + random.nextInt(16);
        for (int i = 0; i < 3_000; i++) {
            end += random.nextLong(8, step) & -8;
            records.add(end);
            model.add(end);
            long any = random.nextInt(3) == 0 ? model.first() : end - (random.nextLong(200 * step) & -8);
            if (random.nextInt(5) == 0) {
                records.add(end); // as if for the first time
            }
            if (random.nextInt(8) > 0) {
                records.remove(any);
                model.remove(any);
            }
            if (random.nextInt(2_000) == 0) {
                records.clear();
                model.clear();
            }
            if (model.isEmpty()) {
                records.add(end);
                model.add(end);
            }
            for (long near = end - 64; near <= end + 64; near += 8) {
                assertThat(records.contains(near)).as("%d", near).isEqualTo(model.contains(near));
            }
        }
        for (long position = model.first(); position <= end; position += 8 + random.nextInt(64) * 8) {
            assertThat(records.contains(position)).isEqualTo(model.contains(position));
        }
        assertThat(model).allMatch(records::contains);
    }

    /** As cleaning does it: several chunks are empty at once, and filled again one after the other. */
    @Example
    void chunksThatWereEmptiedTogetherAreAllUsedAgain() {
        LivingRecords records = new LivingRecords();
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = 0;
        long end = 64;
        for (int round = 0; round < 100; round++) {
            before = round == 2 ? threads.getCurrentThreadAllocatedBytes() : before;
            long first = end;
            for (int i = 0; i < 8; i++, end += LivingRecords.CHUNK_BYTES) {
                records.add(end);
            }
            for (long dead = first; dead < end; dead += LivingRecords.CHUNK_BYTES) {
                records.remove(dead);
            }
        }
        assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(LivingRecords.CHUNK_BYTES / 64);
    }

    @Example
    void memoryFollowsWhatIsKept() {
        LivingRecords records = new LivingRecords();
        for (long end = 64; end < 1000L * LivingRecords.CHUNK_BYTES; end += 4096) {
            records.add(end);
            records.remove(end - (3L * LivingRecords.CHUNK_BYTES & -4096));
        }
        assertThat(records.memoryBytes()).isLessThanOrEqualTo(5 * LivingRecords.CHUNK_BYTES / 64);
    }

    @Property(tries = 100)
    void everyKeyHasItsBaseAmongThem(@ForAll long seed) {
        Random random = new Random(seed);
        try (KeyspaceHarness harness = new KeyspaceHarness()) {
            for (int i = 0; i < 200; i++) {
                harness.run(RandomRequests.next(random).toArray(String[]::new));
            }
            Store store = harness.keyspace.store();
            Set<Long> bases = new HashSet<>();
            long cursor = 0;
            do {
                cursor = store.scan(
                        cursor,
                        position -> bases.add(store.item().moveTo(position).base()));
            } while (cursor != 0);
            assertThat(bases).hasSize((int) store.size()).allMatch(store.liveness()::mayBeBase);
            for (FakeJournal.Entry record : harness.journal.entries()) {
                if (record.bytes()[EffectFormat.KIND] == EffectFormat.SET) {
                    long position = LogPlace.payload(record.end(), record.bytes().length);
                    assertThat(store.liveness().mayBeBase(position)).isEqualTo(bases.contains(position));
                }
            }
        }
    }
}
