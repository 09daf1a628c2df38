package io.sietch.redis;

import io.sietch.persistent.KeyHash;
import io.sietch.persistent.LogCursor;
import io.sietch.persistent.LogSpace;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/**
 * The data that clients see, and the rules by which it changes: every change is in the journal before it is in memory,
 * and every reply names the journal position that has to be durable before it may leave. One thread; time and
 * randomness are passed in.
 *
 * <p>Words: the <i>entry</i> of a key is there until it is removed; a key whose time has passed is <i>absent</i>
 * although it may still have one. What a request <i>saw</i> is the highest position that its reply depends on.
 *
 * <ol>
 *   <li>A change first claims journal room. If there is none, nothing changes: busy means that the request is presented
 *       again, full and failed mean an error.
 *   <li>A reply waits for everything it saw that is not durable: for a key that is there, its position; for one that is
 *       not, the last deletion, because that may be what removed it; for a key past its time, both. If the journal has
 *       failed, what is not durable never will be, and the reply is an error instead.
 *   <li>Whatever is recorded can be replayed: a record changes the data that the records before it lead to, in the same
 *       way.
 *   <li>A key past its time stays absent when its deletion cannot be recorded now.
 * </ol>
 */
final class Keyspace implements AutoCloseable, LogSpace.Owner {
    /** Counts for {@code INFO}; {@code averageTtl} in milliseconds, estimated. */
    record Counts(long keys, long expires, long averageTtl) {}

    /** A command's work; the keyspace has forgotten what the request before saw. */
    @FunctionalInterface
    interface Action {
        /** As {@link CommandHandler#execute}. */
        long execute(Request request, ReplySink reply);
    }

    private static final String TOO_LONG = "ERR string exceeds maximum allowed size (proto-max-bulk-len)";
    private static final String NO_MEMORY =
            "OOM command not allowed: the system gives no more memory; delete keys or start the server on a larger"
                    + " machine";
    private static final int SCRATCH = 1 << 13; // the longest floating-point number has about 5,000 digits
    private static final int TTL_SAMPLES = 64;
    private static final int FORESEEN_KEY = 256; // longer keys are long in the making anyway

    private final Journal journal;
    private final LongSupplier clock;
    private final RandomGenerator random;
    private final Store store;
    private final Entries entries;
    private final Replay replay;
    private final Relocation relocation;
    private final BatchWriter batch;
    private final MemorySegment scratch = Arena.ofAuto().allocate(SCRATCH, 8);

    private final long[] hashes = new long[RequestBatch.MAX];
    private long touched; // so that nobody finds reading ahead to be for nothing

    private long saw;
    private long deleted; // position of the last record that removed a key
    private long hash; // of the key that was looked up last
    private long found; // the entry that this key has, past its time or not; 0: none
    private long expired; // keys removed because their time had passed

    /**
     * An empty keyspace; {@link #apply} fills it from the journal.
     *
     * @param clock milliseconds since 1970
     * @param random seeds the hash of keys and chooses for {@code RANDOMKEY}; unpredictable to clients
     */
    Keyspace(Journal journal, LongSupplier clock, RandomGenerator random) {
        this.journal = journal;
        this.clock = clock;
        this.random = random;
        this.store = new Store(new KeyHash(random.nextLong(), random.nextLong()), journal.maxRecordBytes());
        this.entries = store.entries();
        this.batch = new BatchWriter(journal);
        this.relocation = new Relocation(journal, store);
        this.replay = new Replay(store);
    }

    /** Adds the commands on data to the table. */
    void register(CommandTable table) {
        KeyspaceCommands.register(this, table);
    }

    /** A handler that begins each request anew. */
    CommandHandler handler(Action action) {
        return (request, reply, client) -> {
            saw = 0;
            return action.execute(request, reply);
        };
    }

    Store store() {
        return store;
    }

    RandomGenerator random() {
        return random;
    }

    long now() {
        return clock.getAsLong();
    }

    /** Memory for values that a command makes up. */
    MemorySegment scratch() {
        return scratch;
    }

    /** How many keys there are, how many of them with a time to live, and how long those have on average. */
    Counts counts() {
        ExpiryHeap expiries = store.expiries();
        int size = expiries.size();
        int samples = Math.min(size, TTL_SAMPLES);
        long now = now();
        long sum = 0;
        for (int i = 0; i < samples; i++) {
            long left = expiries.time((int) ((long) i * size / samples)) - now;
            sum += Math.max(0, left) / samples;
        }
        return new Counts(store.table().size(), size, sum);
    }

    /** How many keys were removed because their time had passed, since the start. */
    long expiredKeys() {
        return expired;
    }

    /** What recording all entries again takes in the journal; a long record counts twice. */
    @Override
    public long liveBytes() {
        return entries.liveBytes();
    }

    /** By how much that is more than the records that hold the entries in full now. */
    @Override
    public long owedBytes() {
        return entries.owedBytes();
    }

    /** Bytes taken from the system for keys and values. */
    long memoryBytes() {
        return entries.memoryBytes();
    }

    // ---- recovery and upkeep ------------------------------------------------------------------------------

    /**
     * Replays one record at start-up; records come in the order of their positions.
     *
     * @param end position of the record
     * @throws EffectException if the record cannot be understood; the data is then incomplete
     */
    void apply(MemorySegment record, long offset, int length, long end) throws EffectException {
        replay.apply(record, offset, length, end);
    }

    /**
     * Removes keys whose time has passed, and goes on with a change of the table's size.
     *
     * @param budget how many keys at most
     * @return how many keys were removed; less than the budget: no more are due, or the journal takes no more now
     */
    int expireCycle(long nowMillis, int budget) {
        for (int i = 0; i < budget && store.table().step(); i++) {
            // one bucket each
        }
        ExpiryHeap expiries = store.expiries();
        int removed = 0;
        while (removed < budget && expiries.size() > 0 && expiries.time(0) < nowMillis) {
            long entry = expiries.entry(0);
            if (!removeExpired(store.table().hashOf(entry), entry)) {
                break;
            }
            removed++;
        }
        return removed;
    }

    private boolean removeExpired(long hash, long entry) {
        int keyLength = entries.keyLength(entry);
        if (journal.claimToRemove((int) EffectFormat.delLength(keyLength)) < 0) {
            return false; // busy, full or failed: its time stays passed
        }
        EffectFormat.del(
                journal.segment(), journal.offset(), entries.memory(entry), entries.keyOffset(entry), keyLength);
        store.remove(hash, entry);
        deleted = journal.publish();
        expired++;
        return true;
    }

    @Override
    public long relocate(LogCursor record) {
        return relocate(record.segment(), record.offset(), record.end());
    }

    /** As {@link Relocation#relocate}: when what was appended is durable, the record need not be kept any more. */
    long relocate(MemorySegment record, long offset, long end) {
        return relocation.relocate(record, offset, end);
    }

    // ---- looking up ---------------------------------------------------------------------------------------

    /** The entry of the key in argument {@code i}, or 0 if it is absent. The reply depends on what this saw. */
    long lookup(Request request, int i) {
        find(request, i);
        return present(found);
    }

    /**
     * Has what these requests will look up on its way to the caches, for all of them at once. Changes nothing.
     */
    void foresee(Request[] requests, int count) {
        for (int i = 0; i < count; i++) {
            Request request = requests[i];
            boolean hasKey = request.count() > 1 && request.length(1) <= FORESEEN_KEY;
            hashes[i] = hasKey ? store.table().hash(request.segment(), request.offset(1), request.length(1)) : 0;
            if (hasKey) {
                request.keyHash(hashes[i]);
            }
        }
        touched += store.table().touch(hashes, count);
        for (int i = 0; i < count; i++) {
            boolean mayChange = requests[i].count() > 2;
            touched += mayChange && hashes[i] != 0 ? entries.touchBase(hashes[i]) : 0;
        }
    }

    private void find(Request request, int i) {
        MemorySegment key = request.segment();
        long offset = request.offset(i);
        int length = request.length(i);
        hash = i == 1 && request.isHashed() ? request.keyHash() : store.table().hash(key, offset, length);
        found = store.table().find(hash, key, offset, length);
    }

    /** The entry, or 0 if its time has passed; then it is removed if the journal takes that. */
    long present(long entry) {
        if (entry == 0) {
            saw = Math.max(saw, deleted);
            return 0;
        }
        saw = Math.max(saw, entries.position(entry));
        if (!isExpired(entry)) {
            return entry;
        }
        if (removeExpired(store.table().hashOf(entry), entry)) {
            found = found == entry ? 0 : found;
        }
        saw = Math.max(saw, deleted);
        return 0;
    }

    /** Whether the time of an entry has passed. */
    boolean isExpired(long entry) {
        long expireAt = entries.expireAt(entry);
        return expireAt != Entries.NEVER && expireAt < clock.getAsLong();
    }

    /** The hash of the key that was looked up last. */
    long hash() {
        return hash;
    }

    /** The entry that the key looked up last still has, even if it is past its time. */
    long found() {
        return found;
    }

    /** The reply depends on all keys: on everything recorded so far. */
    void sawAll() {
        saw = Math.max(saw, journal.appended());
    }

    // ---- replying without a change ------------------------------------------------------------------------

    /** What the reply has to wait for. */
    long waitFor() {
        return saw > journal.durable() ? saw : 0;
    }

    /** Whether what was seen can never become durable; the error is replied then. */
    boolean isLost(ReplySink reply) {
        if (saw > journal.durable() && journal.isFailed()) {
            reply.error(journal.refusal(Journal.FAILED));
            return true;
        }
        return false;
    }

    long integer(ReplySink reply, long value) {
        if (isLost(reply)) {
            return 0;
        }
        reply.integer(value);
        return waitFor();
    }

    long nil(ReplySink reply) {
        if (isLost(reply)) {
            return 0;
        }
        reply.nullBulk();
        return waitFor();
    }

    long error(ReplySink reply, String text) {
        if (isLost(reply)) {
            return 0;
        }
        reply.error(text);
        return waitFor();
    }

    /** Replies the value of an entry; nil for 0. */
    long value(ReplySink reply, long entry) {
        if (isLost(reply)) {
            return 0;
        }
        writeValue(reply, entry);
        return waitFor();
    }

    /** Writes the value of an entry, nil for 0, with no regard to what was seen. */
    void writeValue(ReplySink reply, long entry) {
        if (entry == 0) {
            reply.nullBulk();
        } else {
            reply.bulk(entries.memory(entry), entries.valueOffset(entry), entries.valueLength(entry));
        }
    }

    // ---- changing -----------------------------------------------------------------------------------------

    /**
     * Claims journal room for a record of {@code length} bytes.
     *
     * @return its end; not positive: refused, and this is what the command returns, the error having been replied
     */
    long claim(long length, ReplySink reply) {
        return isTooLong(length, reply) ? 0 : claimed(journal.claim((int) length), reply);
    }

    /** As {@link #claim}, for a record that only removes. */
    long claimToRemove(long length, ReplySink reply) {
        return isTooLong(length, reply) ? 0 : claimed(journal.claimToRemove((int) length), reply);
    }

    private boolean isTooLong(long length, ReplySink reply) {
        boolean tooLong = length > journal.maxRecordBytes();
        if (tooLong) {
            reply.error(TOO_LONG);
        }
        return tooLong;
    }

    private long claimed(long end, ReplySink reply) {
        if (end > 0) {
            return end;
        }
        if (end == Journal.BUSY) {
            return CommandHandler.RETRY;
        }
        reply.error(journal.refusal(end));
        return 0;
    }

    /** Claims room for setting a key to a value of that length, in journal and memory; see {@link #claim}. */
    long claimSet(int keyLength, long valueLength, ReplySink reply) {
        return claimSet(keyLength, valueLength, EffectFormat.setLength(keyLength, valueLength), reply);
    }

    /** As the other, when the record that says so is one of that length. */
    long claimSet(int keyLength, long valueLength, long length, ReplySink reply) {
        if (!reserve(keyLength, valueLength, reply) || isTooLong(length, reply)) {
            return 0;
        }
        return claimed(journal.claim((int) length, growth(keyLength, valueLength), 0), reply);
    }

    /**
     * Claims room for a record that changes the entry of the key looked up last, if it has one, and for an entry with a
     * key and a value of those lengths; see {@link #claim}.
     */
    long claim(long length, int keyLength, long valueLength, ReplySink reply) {
        if (!reserve(keyLength, valueLength, reply)) {
            return 0;
        }
        long more = growth(keyLength, valueLength);
        return claimed(journal.claim((int) length, more, more), reply);
    }

    /** By how many bytes more is alive when the key looked up last gets a value of that length. */
    private long growth(int keyLength, long valueLength) {
        long after = entries.liveBytes(keyLength, (int) valueLength);
        long before = found == 0 ? 0 : entries.liveBytes(keyLength, entries.valueLength(found));
        return Math.max(0, after - before);
    }

    private boolean reserve(int keyLength, long valueLength, ReplySink reply) {
        int limit = journal.maxRecordBytes();
        if (valueLength > limit || EffectFormat.setLength(keyLength, valueLength) > limit) {
            reply.error(TOO_LONG);
            return false;
        }
        if (!entries.reserve(keyLength, (int) valueLength)) {
            reply.error(NO_MEMORY);
            return false;
        }
        return true;
    }

    /**
     * Sets the key in argument {@code keyAt}, the one looked up last, to a value not in its entry; after
     * {@link #claimSet}.
     */
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
        store.put(hash, found, key, keyOffset, keyLength, expireAt, value, valueOffset, valueLength, end);
        return end;
    }

    /** Sets the key in argument {@code keyAt} to argument {@code valueAt}. */
    long set(Request request, int keyAt, long expireAt, int valueAt) {
        return set(request, keyAt, expireAt, request.segment(), request.offset(valueAt), request.length(valueAt));
    }

    /** Removes the key in argument {@code keyAt}, the one looked up last, which is present; after {@link #claim}. */
    long delete(Request request, int keyAt) {
        EffectFormat.del(
                journal.segment(), journal.offset(), request.segment(), request.offset(keyAt), request.length(keyAt));
        deleted = journal.publish();
        store.remove(hash, found);
        return deleted;
    }

    /** Changes the time to live of the key in argument {@code keyAt}, the one looked up last; after {@link #claim}. */
    long expire(Request request, int keyAt, long expireAt) {
        EffectFormat.expire(
                journal.segment(),
                journal.offset(),
                request.segment(),
                request.offset(keyAt),
                request.length(keyAt),
                expireAt);
        long end = journal.publish();
        store.expire(hash, found, expireAt, end);
        return end;
    }

    /**
     * Overwrites a part of the value of the key in argument {@code keyAt}, the one looked up last; after
     * {@link #claim}.
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
        store.splice(hash, found, at, request.segment(), request.offset(sourceAt), request.length(sourceAt), end);
        return end;
    }

    /** Sets all keys to the arguments behind them, as one record; after {@link #claim} of a batch of so many sets. */
    void setAll(Request request) {
        MemorySegment source = request.segment();
        batch.begin(request.count() / 2);
        for (int i = 1; i < request.count(); i += 2) {
            long value = request.offset(i + 1);
            int length = request.length(i + 1);
            batch.set(source, request.offset(i), request.length(i), Entries.NEVER, source, value, length);
        }
        long end = journal.publish();
        for (int i = 1; i < request.count(); i += 2) {
            find(request, i);
            store.put(
                    hash,
                    found,
                    source,
                    request.offset(i),
                    request.length(i),
                    Entries.NEVER,
                    source,
                    request.offset(i + 1),
                    request.length(i + 1),
                    end);
        }
    }

    /**
     * Makes the key in argument 1 zeros and behind them an argument; after {@link #claim} of a batch of set and splice.
     */
    void setAndSplice(Request request, int valueAt, int sourceAt) {
        MemorySegment source = request.segment();
        int keyLength = request.length(1);
        long key = request.offset(1);
        batch.begin(2);
        batch.set(source, key, keyLength, Entries.NEVER, scratch, 0, 0);
        long bytes = request.offset(sourceAt);
        batch.splice(source, key, keyLength, valueAt, source, bytes, request.length(sourceAt));
        long end = journal.publish();
        store.put(hash, found, source, key, keyLength, Entries.NEVER, scratch, 0, 0, end);
        find(request, 1);
        store.splice(hash, found, valueAt, source, bytes, request.length(sourceAt), end);
    }

    /**
     * Removes all keys among the arguments, as one record; after {@link #claim} of a batch. Returns how many were
     * present.
     */
    int deleteAll(Request request) {
        batch.begin(request.count() - 1);
        for (int i = 1; i < request.count(); i++) {
            batch.del(request.segment(), request.offset(i), request.length(i));
        }
        deleted = journal.publish();
        int count = 0;
        for (int i = 1; i < request.count(); i++) {
            find(request, i);
            if (found != 0) {
                count += isExpired(found) ? 0 : 1;
                store.remove(hash, found);
            }
        }
        return count;
    }

    /**
     * Moves the value of the key in argument 1, which is present, to the key in argument 2, the one looked up last;
     * after {@link #claim} of a batch of set and removal.
     */
    void rename(Request request, long fromHash, long from) {
        MemorySegment keys = request.segment();
        batch.begin(2);
        batch.set(
                keys,
                request.offset(2),
                request.length(2),
                entries.expireAt(from),
                entries.memory(from),
                entries.valueOffset(from),
                entries.valueLength(from));
        batch.del(keys, request.offset(1), request.length(1));
        deleted = journal.publish();
        store.rename(fromHash, from, hash, found, keys, request.offset(2), request.length(2), deleted);
    }

    /** Removes everything; after {@link #claim}. */
    void flush() {
        EffectFormat.flush(journal.segment(), journal.offset());
        deleted = journal.publish();
        store.clear();
    }

    Journal journal() {
        return journal;
    }

    @Override
    public void close() {
        store.close();
    }
}
