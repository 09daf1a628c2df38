package io.sietch.persistent;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Reading with codecs: the same of a table and of a snapshot.
 *
 * @param buffers for the bytes of keys
 * @param reading begins to read
 * @param glance for those who read one value; null where there is none
 */
record TableReads<K, V>(
        Codec<K> keys,
        Codec<V> values,
        RequestBuffer.Pool buffers,
        Supplier<TableReader> reading,
        @Nullable TableGlance glance) {

    /** A value, and where its item is. */
    record Found<V>(long position, V value) {}

    @Nullable
    Found<V> find(K key) {
        RequestBuffer buffer = buffers.take().key(keys, key);
        try (TableReader reader = reading.get()) {
            if (!reader.find(buffer.memory(), buffer.keyOffset(), buffer.keyLength())) {
                return null;
            }
            TableItem item = reader.item();
            return new Found<>(item.position(), value(item));
        } finally {
            buffers.give(buffer);
        }
    }

    private V value(TableItem item) {
        return values.decode(item.segment(), item.valueOffset(), item.valueLength());
    }

    @Nullable
    @SuppressWarnings("unchecked") // a glance gives what the codec made
    V get(K key) {
        Object seen = glance == null ? TableGlance.UNSURE : glance.look(keys, key, values);
        if (seen != TableGlance.UNSURE) {
            return (V) seen;
        }
        Found<V> found = find(key);
        return found == null ? null : found.value;
    }

    /** When a key will not be there any more; null if it is not there, or stays. */
    @Nullable
    Instant expiry(K key) {
        RequestBuffer buffer = buffers.take().key(keys, key);
        try (TableReader reader = reading.get()) {
            boolean there = reader.find(buffer.memory(), buffer.keyOffset(), buffer.keyLength());
            long expiry = there ? reader.item().expiry() : TableRecordFormat.NEVER;
            return expiry == TableRecordFormat.NEVER ? null : Instant.ofEpochMilli(expiry);
        } finally {
            buffers.give(buffer);
        }
    }

    boolean containsKey(K key) {
        return read(key, (memory, offset, length) -> {});
    }

    boolean read(K key, PersistentTable.ValueVisitor visitor) {
        RequestBuffer buffer = buffers.take().key(keys, key);
        try (TableReader reader = reading.get()) {
            boolean there = reader.find(buffer.memory(), buffer.keyOffset(), buffer.keyLength());
            if (there) {
                TableItem item = reader.item();
                visitor.visit(item.segment(), item.valueOffset(), item.valueLength());
            }
            return there;
        } finally {
            buffers.give(buffer);
        }
    }

    Iterator<Map.Entry<K, V>> iterator() {
        return new Entries();
    }

    private final class Entries implements Iterator<Map.Entry<K, V>> {
        private final TableIndex.Walk walk = new TableIndex.Walk();
        private final Deque<Map.Entry<K, V>> next = new ArrayDeque<>();

        @Override
        public boolean hasNext() {
            while (next.isEmpty() && !walk.isAtEnd()) {
                try (TableReader reader = reading.get()) {
                    reader.next(walk, position -> {
                        TableItem item = reader.item().moveTo(position);
                        K key = keys.decode(item.segment(), item.keyOffset(), item.keyLength());
                        next.add(Map.entry(key, value(item)));
                    });
                }
            }
            return !next.isEmpty();
        }

        @Override
        public Map.Entry<K, V> next() {
            if (!hasNext()) {
                throw new NoSuchElementException();
            }
            return next.removeFirst();
        }
    }
}
