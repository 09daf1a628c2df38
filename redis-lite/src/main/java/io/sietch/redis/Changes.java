package io.sietch.redis;

import io.sietch.persistent.LogPlace;
import java.lang.foreign.MemorySegment;
import java.util.function.LongSupplier;

/**
 * What commands do to keys: each change is published in the journal, in room that was claimed, and then made in the
 * store. It is of the key that was looked up last where nothing else is said. One thread.
 */
final class Changes {
    private final Journal journal;
    private final Store store;
    private final Lookup lookup;
    private final BatchWriter batch;
    private final LongSupplier clock;
    private long removed;

    /** @param clock milliseconds since 1970 */
    Changes(Journal journal, Store store, Lookup lookup, LongSupplier clock) {
        this.journal = journal;
        this.store = store;
        this.lookup = lookup;
        this.batch = new BatchWriter(journal);
        this.clock = clock;
    }

    /** The end of the last record that removed a key. */
    long removed() {
        return removed;
    }

    /** Removes the key that the store's item shows; after a claim to remove. */
    void removeShown(long hash, long position) {
        Item item = store.item();
        EffectFormat.del(journal.segment(), journal.offset(), item.keySegment(), item.keyOffset(), item.keyLength());
        store.remove(hash, position);
        removed = journal.publish();
    }

    /** Sets the key in argument {@code keyAt}, the one looked up last, to a value; after {@link Keyspace#claimSet}. */
    long set(Request request, int keyAt, long expireAt, MemorySegment value, long valueOffset, int valueLength) {
        MemorySegment key = request.segment();
        long keyOffset = request.offset(keyAt);
        int keyLength = request.length(keyAt);
        EffectFormat.set(
                journal.segment(),
                journal.offset(),
                key,
                keyOffset,
                keyLength,
                expireAt,
                value,
                valueOffset,
                valueLength);
        long end = journal.publish();
        long position = LogPlace.payload(end, (int) EffectFormat.setLength(keyLength, valueLength));
        store.put(lookup.hash(), lookup.seen(), key, keyOffset, keyLength, expireAt, valueLength, position);
        return end;
    }

    /** Sets the key in argument {@code keyAt} to argument {@code valueAt}. */
    long set(Request request, int keyAt, long expireAt, int valueAt) {
        return set(request, keyAt, expireAt, request.segment(), request.offset(valueAt), request.length(valueAt));
    }

    /**
     * Removes the key in argument {@code keyAt}, the one looked up last, which is present; after
     * {@link Keyspace#claim}.
     */
    long delete(Request request, int keyAt) {
        EffectFormat.del(
                journal.segment(), journal.offset(), request.segment(), request.offset(keyAt), request.length(keyAt));
        removed = journal.publish();
        store.remove(lookup.hash(), lookup.seen());
        return removed;
    }

    /**
     * Changes the time to live of the key in argument {@code keyAt}, the one looked up last; after
     * {@link Keyspace#claimExpire}.
     */
    long expire(Request request, int keyAt, long expireAt) {
        EffectFormat.expire(
                journal.segment(),
                journal.offset(),
                request.segment(),
                request.offset(keyAt),
                request.length(keyAt),
                expireAt);
        long end = journal.publish();
        int length = (int) EffectFormat.expireLength(request.length(keyAt));
        store.expire(lookup.hash(), lookup.seen(), expireAt, LogPlace.payload(end, length));
        return end;
    }

    /**
     * Overwrites a part of the value of the key in argument {@code keyAt}, the one looked up last; after
     * {@link Keyspace#claimSplice}.
     */
    long splice(Request request, int keyAt, int at, int sourceAt) {
        EffectFormat.splice(
                journal.segment(),
                journal.offset(),
                request.segment(),
                request.offset(keyAt),
                request.length(keyAt),
                at,
                request.segment(),
                request.offset(sourceAt),
                request.length(sourceAt));
        long end = journal.publish();
        int length = request.length(sourceAt);
        long position = LogPlace.payload(end, (int) EffectFormat.spliceLength(request.length(keyAt), length));
        store.splice(lookup.hash(), lookup.seen(), at, request.segment(), request.offset(sourceAt), length, position);
        return end;
    }

    /**
     * Sets all keys to the arguments behind them, as one record; after {@link Keyspace#claim} of a batch of that
     * length.
     */
    void setAll(Request request, int length) {
        MemorySegment source = request.segment();
        batch.begin(request.count() / 2);
        for (int i = 1; i < request.count(); i += 2) {
            long value = request.offset(i + 1);
            batch.set(
                    source, request.offset(i), request.length(i), Entries.NEVER, source, value, request.length(i + 1));
        }
        long position = LogPlace.payload(journal.publish(), length) + EffectFormat.FIRST_MEMBER;
        for (int i = 1; i < request.count(); i += 2) {
            int keyLength = request.length(i);
            int valueLength = request.length(i + 1);
            lookup.find(request, i);
            store.put(
                    lookup.hash(),
                    lookup.found(),
                    source,
                    request.offset(i),
                    keyLength,
                    Entries.NEVER,
                    valueLength,
                    position);
            position += EffectFormat.memberLength(EffectFormat.setLength(keyLength, valueLength));
        }
    }

    /**
     * Makes the key in argument 1 zeros and behind them an argument; after {@link Keyspace#claimSplice} of a batch, of
     * that length, of set and splice.
     */
    void setAndSplice(Request request, int valueAt, int sourceAt, int length) {
        MemorySegment source = request.segment();
        int keyLength = request.length(1);
        long key = request.offset(1);
        batch.begin(2);
        batch.set(source, key, keyLength, Entries.NEVER, source, 0, 0);
        long bytes = request.offset(sourceAt);
        batch.splice(source, key, keyLength, valueAt, source, bytes, request.length(sourceAt));
        long position = LogPlace.payload(journal.publish(), length) + EffectFormat.FIRST_MEMBER;
        store.put(lookup.hash(), lookup.found(), source, key, keyLength, Entries.NEVER, 0, position);
        lookup.find(request, 1);
        position += EffectFormat.memberLength(EffectFormat.setLength(keyLength, 0));
        store.splice(lookup.hash(), lookup.found(), valueAt, source, bytes, request.length(sourceAt), position);
    }

    /**
     * Removes all keys among the arguments, as one record; after {@link Keyspace#claim} of a batch. Returns how many
     * were present.
     */
    int deleteAll(Request request) {
        batch.begin(request.count() - 1);
        for (int i = 1; i < request.count(); i++) {
            batch.del(request.segment(), request.offset(i), request.length(i));
        }
        removed = journal.publish();
        int count = 0;
        for (int i = 1; i < request.count(); i++) {
            lookup.find(request, i);
            if (lookup.found() != 0) {
                count += store.item().isPast(clock) ? 0 : 1;
                store.remove(lookup.hash(), lookup.found());
            }
        }
        return count;
    }

    /**
     * Moves the value of the key in argument 1, which is present, to the key in argument 2, the one looked up last;
     * after {@link Keyspace#claimSet} of a batch, of that length, of set and removal.
     */
    void rename(Request request, long from, int length) {
        MemorySegment keys = request.segment();
        int keyLength = request.length(2);
        Item item = store.item(from);
        long expireAt = item.expireAt();
        int valueLength = item.valueLength();
        batch.begin(2);
        batch.set(keys, request.offset(2), keyLength, expireAt, item.valueSegment(), item.valueOffset(), valueLength);
        batch.del(keys, request.offset(1), request.length(1));
        long end = journal.publish();
        removed = end;
        long position = LogPlace.payload(end, length) + EffectFormat.FIRST_MEMBER;
        store.put(lookup.hash(), lookup.seen(), keys, request.offset(2), keyLength, expireAt, valueLength, position);
        lookup.find(request, 1);
        store.remove(lookup.hash(), lookup.found());
    }

    /** Removes everything; after {@link Keyspace#claim}. */
    void flush() {
        EffectFormat.flush(journal.segment(), journal.offset());
        removed = journal.publish();
        store.clear();
    }
}
