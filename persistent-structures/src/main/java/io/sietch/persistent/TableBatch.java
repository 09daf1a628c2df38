package io.sietch.persistent;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Changes of a table that survive a crash all together or not at all; made in the order in which they were added.
 * Readers on other threads may see the first ones a moment before the last.
 *
 * <p>Threads: one at a time. May be used again after a commit, empty.
 */
public final class TableBatch<K, V> {
    private final PersistentTable<K, V> table;
    private final Codec<K> keys;
    private final Codec<V> values;
    private final RequestBuffer buffer = new RequestBuffer().begin();

    TableBatch(PersistentTable<K, V> table, Codec<K> keys, Codec<V> values) {
        this.table = table;
        this.keys = keys;
        this.values = values;
    }

    /**
     * Adds that a key is given a value.
     *
     * @throws IllegalArgumentException if the batch would be longer than {@link PersistentTable#maxItemBytes}; it is as
     *     before
     */
    public TableBatch<K, V> put(K key, V value) {
        int before = buffer.length();
        buffer.key(keys, key).addPut(values, value);
        return checked(before);
    }

    /**
     * Adds that a key is given a value for a time, as {@link PersistentTable#put(Object, Object, Duration)}.
     *
     * @param timeToLive from now
     */
    public TableBatch<K, V> put(K key, V value, Duration timeToLive) {
        int before = buffer.length();
        buffer.key(keys, key).addPut(values, value, table.expiry(timeToLive));
        return checked(before);
    }

    /** Adds that a key is removed. Throws as {@link #put}. */
    public TableBatch<K, V> remove(K key) {
        int before = buffer.length();
        buffer.key(keys, key).addRemove();
        return checked(before);
    }

    private TableBatch<K, V> checked(int before) {
        int bytes = buffer.length() - TableRequestFormat.RECORD;
        if (bytes > table.maxItemBytes()) {
            buffer.cutTo(before);
            throw new IllegalArgumentException("a batch of " + bytes + " bytes: table \"" + table.name()
                    + "\" takes up to " + table.maxItemBytes() + "; nothing was added");
        }
        return this;
    }

    /** Makes all changes, and waits until they are durable. Fails as {@link PersistentTable#put}. */
    public void commit() throws IOException {
        if (buffer.hasItems()) {
            table.commit(buffer);
            buffer.begin();
        }
    }

    /** As {@link #commit}, without waiting. */
    public CompletableFuture<@Nullable Void> commitAsync() {
        if (!buffer.hasItems()) {
            return CompletableFuture.completedFuture(null);
        }
        CompletableFuture<@Nullable Void> done = table.commitAsync(buffer);
        buffer.begin();
        return done;
    }
}
