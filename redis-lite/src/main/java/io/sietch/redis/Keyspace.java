package io.sietch.redis;

import io.sietch.persistent.IndexHint;
import io.sietch.persistent.KeyHash;
import io.sietch.persistent.LogCorruptException;
import io.sietch.persistent.LogCursor;
import io.sietch.persistent.LogPlace;
import io.sietch.persistent.LogSpace;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The data that clients see, and the rules by which it changes: every change is in the journal before it is in memory,
 * and every reply names the journal position that has to be durable before it may leave. One thread; time and
 * randomness are passed in.
 *
 * <p>Words: a key is known by its <i>position</i>, see {@link Store}, until it is removed; a key whose time has passed
 * is <i>absent</i> although it may still have one. What a request <i>saw</i> is the highest position that its reply
 * depends on.
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
    private static final int POINTER = 16; // of an index: a slot or link, with its share of what is empty
    private static final int FORESEEN_KEY = 256; // longer keys are long in the making anyway

    private final Journal journal;
    private final LongSupplier clock;
    private final RandomGenerator random;
    private final Store store;
    private final Replay replay;
    private final Relocation relocation;
    private final Lookup lookup;
    private final Changes changes;
    private final MemorySegment scratch = Arena.ofAuto().allocate(SCRATCH, 8);

    private final long[] hashes = new long[RequestBatch.MAX];
    private final IndexHint[] hints = new IndexHint[RequestBatch.MAX];
    private long touched; // so that nobody finds reading ahead to be for nothing

    private long saw;
    private long expired; // keys removed because their time had passed
    private @Nullable LogCorruptException damage;

    /**
     * An empty keyspace; {@link #apply} fills it from the journal.
     *
     * @param clock milliseconds since 1970
     * @param random seeds the hash of keys and chooses for {@code RANDOMKEY}; unpredictable to clients
     */
    Keyspace(Journal journal, LongSupplier clock, RandomGenerator random) {
        this(journal, clock, random, Arena::ofShared);
    }

    /** As the other, in memory of these arenas, each of which is closed. */
    Keyspace(Journal journal, LongSupplier clock, RandomGenerator random, Supplier<Arena> arenas) {
        this.journal = journal;
        this.clock = clock;
        this.random = random;
        this.store = new Store(new KeyHash(random.nextLong(), random.nextLong()), journal, arenas);
        this.lookup = new Lookup(store);
        this.changes = new Changes(journal, store, lookup, clock);
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
            store.item().forget();
            try {
                return action.execute(request, reply);
            } catch (LogCorruptException damaged) {
                journal.abandon();
                throw damaged;
            }
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
        return new Counts(store.size(), size, sum);
    }

    /** How many keys were removed because their time had passed, since the start. */
    long expiredKeys() {
        return expired;
    }

    /** What recording all entries again takes in the journal; a long record counts twice. */
    @Override
    public long liveBytes() {
        return store.liveness().liveBytes();
    }

    /** By how much that is more than the records that hold the entries in full now. */
    @Override
    public long owedBytes() {
        return store.liveness().owedBytes();
    }

    /** Bytes taken from the system for keys and values. */
    long memoryBytes() {
        return store.memoryBytes();
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

    Replay replay() {
        return replay;
    }

    /**
     * Removes keys whose time has passed, and goes on with a change of the table's size.
     *
     * @param budget how many keys at most
     * @return how many keys were removed; less than the budget: no more are due, or the journal takes no more now
     */
    int expireCycle(long nowMillis, int budget) {
        for (int i = 0; i < budget && store.step(); i++) {
            // one bucket each
        }
        ExpiryHeap expiries = store.expiries();
        int removed = 0;
        while (removed < budget && expiries.size() > 0 && expiries.time(0) < nowMillis) {
            try {
                if (!removeExpired(expiries.entry(0))) {
                    break;
                }
            } catch (LogCorruptException itsDamage) {
                // Its time stays passed. It must not keep the others from being removed.
                journal.abandon();
                expiries.remove(0);
                damage = damage == null ? itsDamage : damage;
            }
            removed++;
        }
        return removed;
    }

    /** Why a key whose time has passed could not be removed: what is known of it is damaged. Null while all is well. */
    @Nullable
    LogCorruptException damage() {
        return damage;
    }

    private boolean removeExpired(long entry) {
        Entries entries = store.entries();
        MemorySegment memory = entries.memory(entry);
        int keyLength = entries.keyLength(entry);
        long keyHash = store.hash(memory, entries.keyOffset(entry), keyLength);
        long position = store.find(keyHash, memory, entries.keyOffset(entry), keyLength);
        if (position == 0) {
            throw Item.damaged(entries.base(entry), "of a key whose last record is not found any more");
        }
        return removeExpired(keyHash, position);
    }

    /** Removes the key that the item shows. */
    private boolean removeExpired(long keyHash, long position) {
        Item item = store.item();
        if (journal.claimToRemove((int) EffectFormat.delLength(item.keyLength())) < 0) {
            return false; // busy, full or failed: its time stays passed
        }
        changes.removeShown(keyHash, position);
        expired++;
        return true;
    }

    @Override
    public long relocate(LogCursor record) {
        return relocate(record.segment(), record.offset(), LogPlace.payload(record.end(), record.length()));
    }

    /** As {@link Relocation#relocate}: when what was appended is durable, the record need not be kept any more. */
    long relocate(MemorySegment record, long offset, long position) {
        return relocation.relocate(record, offset, position);
    }

    /** As {@link Relocation#rebase}. */
    long rebase(long position) {
        return relocation.rebase(position);
    }

    // ---- looking up ---------------------------------------------------------------------------------------

    /** The position of the key in argument {@code i}, or 0 if it is absent. The reply depends on what this saw. */
    long lookup(Request request, int i) {
        return present(lookup.find(request, i));
    }

    /** Has what these requests will look up on its way to the caches, for all of them at once. Changes nothing. */
    void foresee(Request[] requests, int count) {
        for (int i = 0; i < count; i++) {
            Request request = requests[i];
            boolean hasKey = request.count() > 1 && request.length(1) <= FORESEEN_KEY;
            hashes[i] = hasKey ? store.hash(request.segment(), request.offset(1), request.length(1)) : 0;
            if (hasKey) {
                request.keyHash(hashes[i]);
            }
            hints[i] = request.hint();
        }
        touched += store.foresee(hashes, hints, count);
        for (int i = 0; i < count; i++) {
            boolean mayChange = requests[i].count() > 2;
            touched += mayChange && hashes[i] != 0 && store.liveness().mayBeBase(hashes[i]) ? 1 : 0;
        }
    }

    /** The position, or 0 if the key's time has passed; then it is removed if the journal takes that. */
    long present(long position) {
        if (position == 0) {
            // What the journal lost may have been the key's, or its removal.
            saw = Math.max(saw, journal.isFailed() ? journal.appended() : changes.removed());
            return 0;
        }
        Item item = store.item(position);
        saw = Math.max(saw, item.end());
        if (!isPast(item)) {
            return position;
        }
        if (removeExpired(item.hash(), position)) {
            lookup.gone(position);
        }
        saw = Math.max(saw, changes.removed());
        return 0;
    }

    /** Bytes that a key takes, in memory and in the journal. */
    long usage(long position) {
        Item item = store.item(position);
        long entry = item.entry();
        return POINTER + item.bytesAtBase() + (entry == 0 ? 0 : store.entries().capacity(entry) + POINTER);
    }

    /** As {@link Store#shown}. */
    Item shown(long position) {
        return store.shown(position);
    }

    /** The key with that position, until it changes. */
    Item item(long position) {
        return store.item(position);
    }

    /** Whether the time of a key has passed. */
    boolean isPast(Item item) {
        return item.isPast(clock);
    }

    /** How long the value of a key is; 0 for no key. */
    int valueLength(long position) {
        return position == 0 ? 0 : store.item(position).valueLength();
    }

    /** When a key expires, in milliseconds since 1970; {@link Entries#NEVER}, also for no key. */
    long expireAt(long position) {
        return position == 0 ? Entries.NEVER : store.item(position).expireAt();
    }

    /** The reply depends on all keys: on everything recorded so far. */
    void sawAll() {
        saw = Math.max(saw, journal.appended());
    }

    // ---- replying without a change ------------------------------------------------------------------------

    /** What the reply has to wait for. */
    long waitFor() {
        return saw > journal.durable() ? sawAppended() : 0;
    }

    /** What was seen, unless nobody has appended it: then nobody would ever have to wait no longer. */
    private long sawAppended() {
        if (saw > journal.appended()) {
            throw Item.damaged(store.item().position(), "that ends at " + saw + ", and nothing was appended there");
        }
        return saw;
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

    /** Replies the value of a key; nil for 0. */
    long value(ReplySink reply, long position) {
        if (isLost(reply)) {
            return 0;
        }
        writeValue(reply, position);
        return waitFor();
    }

    /** Writes the value of a key, nil for 0, with no regard to what was seen. */
    void writeValue(ReplySink reply, long position) {
        if (position == 0) {
            reply.nullBulk();
        } else {
            Item item = store.item(position);
            reply.bulk(item.valueSegment(), item.valueOffset(), item.valueLength());
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
        if (!reserve(keyLength, valueLength, 0, reply) || isTooLong(length, reply)) {
            return 0;
        }
        return claimed(journal.claim((int) length, growth(keyLength, valueLength), 0), reply);
    }

    /** Claims room for a record that changes the time to live of the key looked up last; see {@link #claim}. */
    long claimExpire(int keyLength, ReplySink reply) {
        if (!reserve(keyLength, 0, 0, reply)) {
            return 0;
        }
        return claimed(journal.claim((int) EffectFormat.expireLength(keyLength), 0, 0), reply);
    }

    /**
     * Claims room for a record that changes a part of the value of the key looked up last, if it is there, and for such
     * a value in memory; see {@link #claim}.
     */
    long claimSplice(long length, int keyLength, long valueLength, ReplySink reply) {
        if (!reserve(keyLength, valueLength, valueLength, reply)) {
            return 0;
        }
        long more = growth(keyLength, valueLength);
        return claimed(journal.claim((int) length, more, more), reply);
    }

    /** By how many bytes more is alive when the key looked up last gets a value of that length. */
    private long growth(int keyLength, long valueLength) {
        Liveness liveness = store.liveness();
        long after = liveness.liveBytes(keyLength, (int) valueLength);
        long found = lookup.found();
        long before = found == 0 ? 0 : liveness.liveBytes(keyLength, item(found).valueLength());
        return Math.max(0, after - before);
    }

    private boolean reserve(int keyLength, long valueLength, long room, ReplySink reply) {
        int limit = journal.maxRecordBytes();
        if (valueLength > limit || EffectFormat.setLength(keyLength, valueLength) > limit) {
            reply.error(TOO_LONG);
            return false;
        }
        if (!store.reserve(lookup.hash(), lookup.found(), keyLength, (int) room)) {
            reply.error(NO_MEMORY);
            return false;
        }
        return true;
    }

    /** What commands do to keys. */
    Changes changes() {
        return changes;
    }

    Journal journal() {
        return journal;
    }

    @Override
    public void close() {
        store.close();
    }
}
