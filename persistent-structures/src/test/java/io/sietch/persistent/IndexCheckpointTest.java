package io.sietch.persistent;

import static org.assertj.core.api.Assertions.assertThat;

import io.sietch.vsic.RamMedia;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** A checkpoint of an index whose owner has keys and records of its own, is refused room, and has more to tell. */
class IndexCheckpointTest {
    private static final int SEGMENTS = 192;
    private static final int KEYS = 400;
    private static final int PUT = 1;
    private static final int REMOVE = 2;
    private static final int CHECKPOINT = 3;
    private static final int RECORD = 16;

    /** Told of the keys that are multiples of this, with the position of their record, in which it would be as well. */
    private static final int TOLD = 5;

    /** Recorded again before a checkpoint tells of them. */
    private static final int RECORDED_AGAIN = 7;

    /** An owner: what is appended is in the index at once. */
    private static final class Owner implements IndexCheckpoint.Owner, IndexCheckpointReader.Target, KeyProbe {
        final LogRig rig;
        final LogCore log;
        final Random random;
        final LogIndex index = new LogIndex();
        private final IndexHint hint = new IndexHint();
        final TreeMap<Integer, Long> told = new TreeMap<>();
        LiveSums sums;
        long secret;
        boolean counting = true;
        int refused;
        private final LogPlace place = new LogPlace();
        private int wanted;
        private long found;

        Owner(LogRig rig, Random random) throws IOException {
            this.rig = rig;
            this.log = rig.open();
            this.random = random;
            this.sums = new LiveSums(log);
        }

        private long hash(int key) {
            return Checksum.mix(key ^ secret);
        }

        private MemorySegment at(long position) {
            place.moveTo(log, position);
            return place.segment().asSlice(place.offset());
        }

        int key(long position) {
            return at(position).get(Layouts.INT, 4);
        }

        long value(long position) {
            return at(position).get(Layouts.LONG, 8);
        }

        @Override
        public boolean isKeyAt(long position) {
            found = position;
            return key(position) == wanted;
        }

        /** Where a key is; 0: nowhere. */
        long find(int key) {
            wanted = key;
            return index.find(hash(key), 0, this, hint) ? found : 0;
        }

        long append(int kind, int key, long value) {
            MemorySegment record = Arena.ofAuto().allocate(RECORD, 8);
            record.set(Layouts.INT, 0, kind);
            record.set(Layouts.INT, 4, key);
            record.set(Layouts.LONG, 8, value);
            long end = log.append(record, 0, RECORD);
            while (end == LogCore.BUSY) {
                log.commit();
                rig.settle(log);
                end = log.append(record, 0, RECORD);
            }
            assertThat(end).isPositive();
            return LogPlace.payload(end, RECORD);
        }

        void apply(int kind, int key, long position) {
            long before = find(key);
            if (before != 0 && counting) {
                sums.add(before, -1, -key);
            }
            if (kind == PUT && counting) {
                sums.add(position, 1, key);
            }
            if (kind == PUT && before == 0) {
                index.insert(hash(key), position);
            } else if (kind == PUT) {
                index.replace(hash(key), before, position, hint);
            } else if (before != 0) {
                index.remove(hash(key), before);
            }
        }

        // ---- what a checkpoint asks ----

        @Override
        public boolean isCaughtUp() {
            return true;
        }

        @Override
        public long applied() {
            return log.appended();
        }

        @Override
        public long base() {
            return log.head();
        }

        @Override
        public LiveSums sums() {
            return sums;
        }

        @Override
        public long earliest(long segment) {
            return 7 * segment;
        }

        @Override
        public long claim(int length) {
            return refuses() ? LogCore.BUSY : log.claim(length);
        }

        private boolean refuses() {
            boolean refuses = random.nextInt(8) == 0;
            refused += refuses ? 1 : 0;
            return refuses;
        }

        @Override
        public void writeHead(MemorySegment target, long at, int bytes) {
            target.set(Layouts.INT, at, CHECKPOINT);
            target.set(Layouts.INT, at + 4, bytes);
        }

        @Override
        public void checkpointed(int length) {}

        @Override
        public long relocatedBytes() {
            return 0;
        }

        @Override
        public long detailBytes() {
            return 0;
        }

        @Override
        public long detail(long position, long[] detail) {
            int key = key(position);
            if (key % RECORDED_AGAIN != 0 && key % TOLD != 0) {
                return position;
            }
            if (refuses()) {
                return LogCore.BUSY;
            }
            long now = position;
            if (key % RECORDED_AGAIN == 0) {
                now = append(PUT, key, value(position));
                apply(PUT, key, now);
            }
            if (key % TOLD == 0) {
                detail[0] = now;
                detail[1] = value(now);
            }
            return now;
        }

        // ---- what opening brings ----

        @Override
        public boolean isHead(MemorySegment record, long at, int bytes) {
            return record.get(Layouts.INT, at) == CHECKPOINT && record.get(Layouts.INT, at + 4) == bytes;
        }

        @Override
        public void load(long hash, long position, long other, long detail) {
            index.insert(hash, position);
            if (other != IndexCheckpoint.NOTHING) {
                assertThat(other).isEqualTo(position);
                told.put(key(position), detail);
            }
        }

        @Override
        public void count(long segment, long first, long second, long earliest) {
            assertThat(earliest).isEqualTo(7 * segment);
            sums.addTo(segment, first, second);
        }

        /** Opens from a checkpoint; false: there is none. */
        boolean recover() {
            try {
                IndexCheckpointReader reader = new IndexCheckpointReader(log, this);
                secret = reader.hash().secret0();
                reader.load(index);
                told.forEach((key, value) -> assertThat(value).isEqualTo(value(find(key))));
                replay(reader.replayFrom(), reader.countedTo());
                return true;
            } catch (IndexCheckpointReader.Unusable none) {
                assertThat(none).hasMessage("there is none");
                replay(log.head(), 0);
                return false;
            }
        }

        private void replay(long from, long countedTo) {
            LogCursor cursor = log.cursor(from);
            while (cursor.next()) {
                counting = cursor.start() >= countedTo;
                int kind = cursor.segment().get(Layouts.INT, cursor.offset());
                if (kind != CHECKPOINT) {
                    int key = cursor.segment().get(Layouts.INT, cursor.offset() + 4);
                    apply(kind, key, LogPlace.payload(cursor.end(), cursor.length()));
                }
            }
            counting = true;
        }

        void check(Map<Integer, Long> model) {
            TreeMap<Integer, Long> there = new TreeMap<>();
            LiveSums live = new LiveSums(log);
            for (int key = 0; key < KEYS; key++) {
                long position = find(key);
                if (position != 0) {
                    there.put(key, value(position));
                    live.add(position, 1, key);
                }
            }
            assertThat(there).isEqualTo(model);
            assertThat(index.size()).isEqualTo(model.size());
            for (int segment = 0; segment < SEGMENTS; segment++) {
                assertThat(sums.first(segment)).isEqualTo(live.first(segment));
                assertThat(sums.second(segment)).isEqualTo(live.second(segment));
            }
        }
    }

    @Property(tries = 8)
    void whatIsOpenedIsWhatWasThere(@ForAll long seed) throws IOException {
        Random random = new Random(seed);
        LogRig rig = new LogRig(new RamMedia(SEGMENTS * (long) LogRig.SEGMENT));
        TreeMap<Integer, Long> model = new TreeMap<>();
        int recovered = 0;
        int refused = 0;
        for (int life = 0; life < 6; life++) {
            Owner owner = new Owner(rig, random);
            owner.secret = random.nextLong();
            recovered += owner.recover() ? 1 : 0;
            owner.check(model);
            IndexCheckpoint checkpoint =
                    new IndexCheckpoint(owner.log, owner.index, owner, 4096, new KeyHash(owner.secret, owner.secret));
            int changes = 300 + random.nextInt(600);
            for (int i = 0; i < changes; i++) {
                int key = random.nextInt(KEYS);
                int kind = random.nextInt(3) == 0 ? REMOVE : PUT;
                long value = random.nextLong();
                owner.apply(kind, key, owner.append(kind, key, value));
                if (kind == PUT) {
                    model.put(key, value);
                } else {
                    model.remove(key);
                }
                checkpoint.poll();
                if (random.nextInt(4) == 0) {
                    rig.commit(owner.log);
                }
            }
            rig.commit(owner.log);
            owner.check(model);
            refused += owner.refused;
        }
        assertThat(recovered).isGreaterThan(3);
        assertThat(refused).isPositive();
    }
}
