package io.sietch.persistent;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.time.Instant;
import java.util.Iterator;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentMap;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * A durable hash table for many threads: when a change returns, it survives a crash.
 *
 * <p>What is read is durable, too: a change is seen by others when it can no longer be lost, and changes are seen in
 * one order by all. Readers take no lock and wait for nobody; a reader's value is made straight from the bytes in the
 * table's log.
 *
 * <p>Changes are handed to the table's thread, and what gathers there while the medium is busy becomes durable
 * together; so many threads that wait, or one that does not wait for each change, get far more done than one that does.
 * An update that depends on what is there ({@link #compute} and its kin) is tried again if somebody else changed the
 * key meanwhile.
 *
 * <p>There is no size to choose: the table grows, and space comes back by itself, see {@link TableOptions}. Where it
 * may not grow, changes fail with {@link LogFullException} until keys are removed.
 *
 * <p>Threads: all methods from any thread; but those that wait throw {@link IllegalStateException} on the table's own
 * thread, that of callbacks and dependents of futures. Virtual threads that wait are parked, and keep no carrier; they
 * are the cheapest way to have many durable changes under way. Keys and values are never null.
 */
public final class PersistentTable<K, V> implements Iterable<Map.Entry<K, V>>, AutoCloseable {
    private final Codec<K> keys;
    private final Codec<V> values;
    private final TableCore table;
    private final PersistentLog log;
    private final LogRunner runner;
    private final RequestBuffer.Pool buffers = new RequestBuffer.Pool();
    private final TableGlance glance;
    private final TableReads<K, V> reads;
    private volatile boolean closed;

    /** A time to live that is not told from a longer one: some hundred million years would not fit. */
    private static final Duration LONGEST = Duration.ofDays(365_000_000);

    /** Sees a value where it lies. */
    @FunctionalInterface
    public interface ValueVisitor {
        /**
         * The value is {@code length} bytes at {@code offset} of a read-only memory. Neither is to be kept. To be done
         * soon: meanwhile no space of the table is used again.
         */
        void visit(MemorySegment memory, long offset, int length);
    }

    PersistentTable(TableCore table, PersistentLog log, LogRunner runner, Codec<K> keys, Codec<V> values) {
        this.table = table;
        this.log = log;
        this.runner = runner;
        this.keys = keys;
        this.values = values;
        this.glance = new TableGlance(table);
        this.reads = new TableReads<>(keys, values, buffers, () -> checked(table.read()), glance);
    }

    // ---- reading ------------------------------------------------------------------------------------------------

    /**
     * The value of a key, or null if it is not there. As all reading here, it trusts what was checked when the table
     * was opened, or when it was written.
     *
     * @throws InternalError if the medium cannot supply a page of it, as of a file that somebody has cut; other keys
     *     may be readable
     */
    public @Nullable V get(K key) {
        return reads.get(key);
    }

    /** Whether a key is there. */
    public boolean containsKey(K key) {
        return reads.containsKey(key);
    }

    /**
     * Shows the value of a key without copying it.
     *
     * @return whether it is there
     */
    public boolean read(K key, ValueVisitor visitor) {
        return reads.read(key, visitor);
    }

    private TableReader checked(TableReader reader) {
        if (closed) {
            reader.close();
            throw new IllegalStateException("table \"" + name() + "\" is closed");
        }
        return reader;
    }

    /** What opening it took. */
    public TableOpening opening() {
        return table.opening();
    }

    /** How many keys there are. Those that have expired count until they are removed, which is not long. */
    public long size() {
        return table.size();
    }

    /**
     * All entries, in no order. A key that is there all the time, whatever its value, is shown once; one that comes or
     * goes meanwhile may be shown.
     */
    @Override
    public Iterator<Map.Entry<K, V>> iterator() {
        return reads.iterator();
    }

    /**
     * The table as it is at this moment, to be read while it is changed. Waits for the table's thread, for nothing
     * else.
     *
     * @return to be closed
     */
    public TableSnapshot<K, V> snapshot() throws IOException {
        refuseOnOwnThread();
        FrozenTable frozen = whileOpen(table::freeze);
        return new TableSnapshot<>(
                frozen, new TableReads<>(keys, values, buffers, () -> checked(frozen.read()), null), runner::wake);
    }

    private void refuseOnOwnThread() {
        if (runner.isCurrent()) {
            throw new IllegalStateException("the thread of table \"" + name() + "\" cannot wait for its own work");
        }
    }

    // ---- changing -----------------------------------------------------------------------------------------------

    /**
     * Gives a key a value, and waits until that is durable. An interrupt does not end the wait.
     *
     * @throws LogFullException if there is no room
     * @throws LogFailedException if the medium has failed, or the table is closed
     * @throws LogBusyException if too much was handed over already and the medium did not keep up
     * @throws IllegalArgumentException if key and value together are longer than {@link #maxItemBytes}
     */
    public void put(K key, V value) throws IOException {
        changeIf(TableRequestFormat.ALWAYS, key, value);
    }

    /**
     * Gives a key a value for a time, and waits until that is durable, as {@link #put(Object, Object)}. When the time
     * has passed by the clock of the {@link TableOptions}, also while the table is closed, the key is not there for
     * anybody who asks; it is removed a little later: after at most half of its time more, or a second, and where
     * others have been in its segment of the log for longer, half of their time. Any other change that gives the key a
     * value lets it stay.
     *
     * @param timeToLive from now, in milliseconds, rounded down
     */
    public void put(K key, V value, Duration timeToLive) throws IOException {
        RequestBuffer buffer = buffers.take();
        try {
            waitFor(buffer.key(keys, key).addPut(values, value, expiry(timeToLive)), TableRequestFormat.ALWAYS);
        } finally {
            buffers.give(buffer);
        }
    }

    /** As {@link #put(Object, Object, Duration)}, without waiting. */
    public CompletableFuture<@Nullable Void> putAsync(K key, V value, Duration timeToLive) {
        Completion completion = new Completion();
        putAsync(key, value, timeToLive, completion);
        return completion.thenApply(done -> null);
    }

    /** As {@link #putAsync(Object, Object, Duration)}, telling a callback, whose position means nothing. */
    public void putAsync(K key, V value, Duration timeToLive, AppendCallback callback) {
        putAsync(key, value, expiry(timeToLive), callback);
    }

    /** When what is put now for a time will not be there any more. */
    long expiry(Duration timeToLive) {
        long now = table.clock().millis();
        long millis = timeToLive.compareTo(LONGEST) >= 0 ? LONGEST.toMillis() : timeToLive.toMillis();
        return Math.addExact(now, millis);
    }

    /** When a key will not be there any more; null if it stays, or is not there. */
    public @Nullable Instant expiry(K key) {
        return reads.expiry(key);
    }

    /** As {@link #put(Object, Object)}, without waiting. */
    public CompletableFuture<@Nullable Void> putAsync(K key, V value) {
        Completion completion = new Completion();
        putAsync(key, value, completion);
        return completion.thenApply(done -> null);
    }

    /** As {@link #putAsync(Object, Object)}, telling a callback, whose position means nothing. */
    public void putAsync(K key, V value, AppendCallback callback) {
        putAsync(key, value, TableRecordFormat.NEVER, callback);
    }

    private void putAsync(K key, V value, long expiry, AppendCallback callback) {
        RequestBuffer buffer = buffers.take();
        try {
            handOver(buffer.key(keys, key).addPut(values, value, expiry), TableRequestFormat.ALWAYS, callback);
        } finally {
            buffers.give(buffer);
        }
    }

    /** Removes a key, and waits until that is durable. Returns whether it was there. */
    public boolean remove(K key) throws IOException {
        return changeIf(TableRequestFormat.IF_THERE, key, null);
    }

    /** As {@link #remove}, without waiting. */
    public CompletableFuture<Boolean> removeAsync(K key) {
        Completion completion = new Completion();
        RequestBuffer buffer = buffers.take();
        try {
            handOver(buffer.key(keys, key).addRemove(), TableRequestFormat.IF_THERE, completion);
        } finally {
            buffers.give(buffer);
        }
        return completion;
    }

    /** Removes all keys, and waits until that is durable. */
    public void clear() throws IOException {
        RequestBuffer buffer = buffers.take();
        try {
            waitFor(buffer.addClear(), TableRequestFormat.ALWAYS);
        } finally {
            buffers.give(buffer);
        }
    }

    /** Completes when every change that was handed over before is durable and seen by readers. */
    public CompletableFuture<@Nullable Void> sync() {
        return log.sync().thenApply(position -> null);
    }

    /** Changes that survive a crash all together or not at all. To be filled, then committed. */
    public TableBatch<K, V> batch() {
        return new TableBatch<>(this, keys, values);
    }

    // ---- changing what depends on what is there -------------------------------------------------------------------

    /**
     * Gives a key a value if it is not there.
     *
     * @return the value that is there, or null if it was not
     */
    public @Nullable V putIfAbsent(K key, V value) throws IOException {
        while (true) {
            TableReads.Found<V> found = reads.find(key);
            if (found != null) {
                return found.value();
            }
            if (changeIf(TableRequestFormat.ABSENT, key, value)) {
                return null;
            }
        }
    }

    /**
     * Gives a key another value, if it is there.
     *
     * @return the value before, or null if it is not there
     */
    public @Nullable V replace(K key, V value) throws IOException {
        while (true) {
            TableReads.Found<V> found = reads.find(key);
            if (found == null) {
                return null;
            }
            if (changeIf(found.position(), key, value)) {
                return found.value();
            }
        }
    }

    /** Gives a key another value if it has this one. Returns whether it did. */
    public boolean replace(K key, V expected, V value) throws IOException {
        return changeIfEqual(key, expected, value);
    }

    /** Removes a key if it has this value. Returns whether it did. */
    public boolean remove(K key, V expected) throws IOException {
        return changeIfEqual(key, expected, null);
    }

    private boolean changeIfEqual(K key, V expected, @Nullable V value) throws IOException {
        while (true) {
            TableReads.Found<V> found = reads.find(key);
            if (found == null || !found.value().equals(expected)) {
                return false;
            }
            if (changeIf(found.position(), key, value)) {
                return true;
            }
        }
    }

    /** Gives a key a value, and returns the one before, or null. */
    public @Nullable V getAndPut(K key, V value) throws IOException {
        TableReads.Found<V> found = reads.find(key);
        while (!changeIf(positionOf(found), key, value)) {
            found = reads.find(key);
        }
        return found == null ? null : found.value();
    }

    /** Removes a key, and returns its value, or null. */
    public @Nullable V getAndRemove(K key) throws IOException {
        while (true) {
            TableReads.Found<V> found = reads.find(key);
            if (found == null || changeIf(found.position(), key, null)) {
                return found == null ? null : found.value();
            }
        }
    }

    /**
     * Gives a key the value that a function makes of the one it has.
     *
     * @param function gets null if the key is not there, and gives null to remove it; is called again if somebody else
     *     changed the key meanwhile
     * @return the new value
     */
    public @Nullable V compute(K key, BiFunction<? super K, ? super @Nullable V, ? extends @Nullable V> function)
            throws IOException {
        while (true) {
            TableReads.Found<V> found = reads.find(key);
            V value = function.apply(key, found == null ? null : found.value());
            if (value == null && found == null || changeIf(positionOf(found), key, value)) {
                return value;
            }
        }
    }

    private long positionOf(TableReads.@Nullable Found<V> found) {
        return found == null ? TableRequestFormat.ABSENT : found.position();
    }

    /**
     * Puts, or removes where the value is null, if the condition holds. Returns whether it did, when all is durable.
     */
    private boolean changeIf(long condition, K key, @Nullable V value) throws IOException {
        RequestBuffer buffer = buffers.take().key(keys, key);
        try {
            return waitFor(value == null ? buffer.addRemove() : buffer.addPut(values, value), condition);
        } finally {
            buffers.give(buffer);
        }
    }

    // ---- handing over -------------------------------------------------------------------------------------------

    private boolean waitFor(RequestBuffer request, long condition) throws IOException {
        checkLength(request);
        TableRequestFormat.writeCondition(request.memory(), condition);
        return log.appendAndWait(request.memory(), 0, request.length()) != PersistentLog.UNDONE;
    }

    private void handOver(RequestBuffer request, long condition, AppendCallback callback) {
        checkLength(request);
        TableRequestFormat.writeCondition(request.memory(), condition);
        log.append(request.memory(), 0, request.length(), callback);
    }

    private void checkLength(RequestBuffer request) {
        if (request.length() > log.maxRecordBytes()) {
            throw new IllegalArgumentException("keys and values of " + (request.length() - TableRequestFormat.RECORD)
                    + " bytes together: table \"" + name() + "\" takes up to " + maxItemBytes());
        }
    }

    void commit(RequestBuffer batch) throws IOException {
        waitFor(batch, TableRequestFormat.ALWAYS);
    }

    CompletableFuture<@Nullable Void> commitAsync(RequestBuffer batch) {
        Completion completion = new Completion();
        handOver(batch, TableRequestFormat.ALWAYS, completion);
        return completion.thenApply(done -> null);
    }

    /** A change whose end is told by a future: whether anything was to be done. */
    private static final class Completion extends CompletableFuture<Boolean> implements AppendCallback {
        @Override
        public void completed(long position, @Nullable IOException failure) {
            if (failure == null) {
                complete(position != PersistentLog.UNDONE);
            } else {
                completeExceptionally(failure);
            }
        }
    }

    // ---- the whole ----------------------------------------------------------------------------------------------

    /**
     * The table as a map. Its methods wait until what they did is durable, and throw
     * {@link java.io.UncheckedIOException} where those of the table throw an {@link IOException}.
     */
    public ConcurrentMap<K, V> asMap() {
        return new TableMap<>(this);
    }

    public String name() {
        return log.name();
    }

    /** The longest key and value that are taken together, with eight bytes of their own and padding to eight. */
    public int maxItemBytes() {
        return log.maxRecordBytes() - TableRequestFormat.RECORD;
    }

    /** What the table holds, and what cleaning has cost. */
    public TableFigures figures() {
        return table.figures();
    }

    /** What the log below has done since it was opened. */
    public LogMetrics metrics() {
        return log.metrics();
    }

    /**
     * Looks at everything: each record's checksum, and for each key whether what readers find is its newest record.
     * Others read and write meanwhile; but space that is cleaned comes back only afterwards, so it is not for a table
     * that is almost full. Takes as long as reading the whole table, and as much memory again as its index.
     */
    public Verification verify() throws IOException {
        refuseOnOwnThread();
        return Verification.of(table::verifier, this::whileOpen);
    }

    /** Runs on the table's thread, which also closes it. */
    private <T> T whileOpen(LogRunner.Call<T> body) throws IOException {
        return runner.call(() -> {
            if (closed) {
                throw new IllegalStateException("table \"" + name() + "\" is closed");
            }
            return body.run();
        });
    }

    /** This table, for those who use the codecs that it was opened with. */
    @SuppressWarnings("unchecked") // equal codecs are of the same types
    <A, B> PersistentTable<A, B> withCodecs(Codec<A> otherKeys, Codec<B> otherValues) {
        if (!keys.equals(otherKeys) || !values.equals(otherValues)) {
            throw new IllegalStateException("table \"" + name() + "\" is open already with other codecs, " + keys
                    + " and " + values + ", and cannot be used with " + otherKeys + " and " + otherValues);
        }
        return (PersistentTable<A, B>) this;
    }

    Hosted hosted() {
        return log.hosted();
    }

    /**
     * Makes everything that was handed over durable, waits for readers, and closes. Using the table from now on fails.
     *
     * @throws LogFailedException if what was handed over could not be made durable
     * @throws LogCorruptException if what was written last is damaged; the table is closed
     */
    @Override
    public void close() throws IOException {
        if (closed) {
            return;
        }
        closed = true;
        glance.end();
        long epoch = runner.call(table.epochs()::advance);
        while (!table.epochs().passed(epoch)) {
            Thread.yield();
        }
        try {
            runner.call(() -> {
                table.finishCheckpoint();
                return true;
            });
        } finally {
            log.close();
        }
    }

    @Override
    public String toString() {
        return "PersistentTable[" + name() + "]";
    }
}
