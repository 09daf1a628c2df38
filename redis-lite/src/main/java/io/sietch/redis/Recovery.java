package io.sietch.redis;

import io.sietch.persistent.IndexCheckpoint;
import io.sietch.persistent.IndexCheckpointReader;
import io.sietch.persistent.LogCore;
import io.sietch.persistent.LogCorruptException;
import io.sietch.persistent.LogCursor;
import java.lang.foreign.MemorySegment;

/** Brings what a log holds to an empty keyspace: what its last checkpoint says, then the records from there on. */
final class Recovery implements IndexCheckpointReader.Target {
    /**
     * What a recovery went through.
     *
     * @param keys of the checkpoint; 0 if there was none to go on from
     * @param from this position on records were replayed
     * @param records that were replayed
     * @param bytes of their payload
     */
    record Recovered(long keys, long from, long records, long bytes) {}

    private final LogCore log;
    private final Keyspace keyspace;
    private final Store store;

    private Recovery(LogCore log, Keyspace keyspace) {
        this.log = log;
        this.keyspace = keyspace;
        this.store = keyspace.store();
    }

    /**
     * Fills the keyspace.
     *
     * @throws EffectException if there is a record of another version
     * @throws LogCorruptException if there is a damaged one
     */
    static Recovered run(LogCore log, Keyspace keyspace) throws EffectException {
        Recovery recovery = new Recovery(log, keyspace);
        try {
            return recovery.fromCheckpoint();
        } catch (IndexCheckpointReader.Unusable unusable) {
            recovery.store.clear();
            return recovery.replay(log.head(), 0, 0);
        }
    }

    private Recovered fromCheckpoint() throws IndexCheckpointReader.Unusable, EffectException {
        IndexCheckpointReader last = new IndexCheckpointReader(log, this);
        store.hashBy(last.hash());
        store.liveness().cover(last.firstPosition(), log.appended(), last.replayFrom());
        last.load(store.index());
        return replay(last.replayFrom(), last.countedTo(), store.size());
    }

    private Recovered replay(long from, long countedTo, long keys) throws EffectException {
        Replay replay = keyspace.replay();
        long records = 0;
        long bytes = 0;
        try (LogCursor cursor = log.cursor(from)) {
            store.liveness().counts(false);
            boolean counts = false;
            while (cursor.next()) {
                if (!counts && cursor.start() >= countedTo) {
                    replay.applyGathered();
                    store.liveness().counts(true);
                    counts = true;
                }
                replay.gather(cursor.segment(), cursor.offset(), cursor.length(), cursor.end());
                records++;
                bytes += cursor.length();
            }
            replay.applyGathered();
        } finally {
            store.liveness().counts(true);
        }
        return new Recovered(keys, from, records, bytes);
    }

    @Override
    public boolean isHead(MemorySegment record, long at, int bytes) {
        return EffectFormat.kind(record, at) == EffectFormat.CHECKPOINT && EffectFormat.number(record, at) == bytes;
    }

    @Override
    public void load(long hash, long position, long base, long expireAt) {
        if (base == IndexCheckpoint.NOTHING) {
            store.load(hash, position);
        } else if (!store.load(hash, position, base, expireAt)) {
            throw new LogCorruptException(base, "a checkpoint names a key at position " + base + ", and there is none");
        }
    }

    @Override
    public void count(long segment, long live, long owed, long earliest) {
        store.liveness().loaded(segment, live, owed);
    }
}
