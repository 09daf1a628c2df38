package io.sietch.redis;

import io.sietch.persistent.IndexCheckpoint;
import io.sietch.persistent.LiveSums;
import java.lang.foreign.MemorySegment;

/**
 * What the keyspace tells its {@link IndexCheckpoint}. A key without an entry is all in the record that the index
 * shows. Of one with an entry it tells base and time; if its value is only in memory, it is recorded in full first. One
 * thread.
 */
final class KeyspaceCheckpoint implements IndexCheckpoint.Owner {
    /** Two words, and the head of a record where one is made. */
    private static final int DETAIL_BYTES = 32;

    private final LogJournal journal;
    private final Keyspace keyspace;
    private final Store store;

    private KeyspaceCheckpoint(LogJournal journal, Keyspace keyspace) {
        this.journal = journal;
        this.keyspace = keyspace;
        this.store = keyspace.store();
    }

    /** Copies a keyspace's index into its journal now and then. */
    static IndexCheckpoint of(LogJournal journal, Keyspace keyspace, long interval) {
        KeyspaceCheckpoint owner = new KeyspaceCheckpoint(journal, keyspace);
        return new IndexCheckpoint(journal.log(), owner.store.index(), owner, interval, owner.store.hash());
    }

    /** A change is in the store as soon as it is in the journal. */
    @Override
    public boolean isCaughtUp() {
        return true;
    }

    @Override
    public long applied() {
        return journal.appended();
    }

    @Override
    public long base() {
        return journal.head();
    }

    @Override
    public LiveSums sums() {
        return store.liveness().sums();
    }

    @Override
    public long earliest(long segment) {
        return Long.MAX_VALUE; // each key that expires is told of
    }

    @Override
    public long claim(int length) {
        return journal.claimBeside(length);
    }

    @Override
    public void writeHead(MemorySegment target, long at, int bytes) {
        EffectFormat.checkpoint(target, at, bytes);
    }

    @Override
    public void checkpointed(int length) {
        // it is counted where it is appended
    }

    @Override
    public long relocatedBytes() {
        return journal.recordedAgain();
    }

    @Override
    public long detailBytes() {
        return store.entries().count() * DETAIL_BYTES + store.entries().hereBytes();
    }

    @Override
    public long detail(long position, long[] detail) {
        if (!store.liveness().isEntered(position)) {
            return position;
        }
        long now = store.item(position).isValueHere() ? keyspace.rebase(position) : position;
        if (now > 0 && store.liveness().isEntered(now)) {
            Item item = store.item(now);
            detail[0] = item.base();
            detail[1] = item.expireAt();
        }
        return now;
    }
}
