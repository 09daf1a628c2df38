package io.sietch.persistent;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.AbstractMap;
import java.util.AbstractSet;
import java.util.Iterator;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/**
 * A {@link PersistentTable} as a map. {@code compute} and its kin are those of {@link ConcurrentMap}, upon the methods
 * here.
 */
final class TableMap<K, V> extends AbstractMap<K, V> implements ConcurrentMap<K, V> {
    private final PersistentTable<K, V> table;

    TableMap(PersistentTable<K, V> table) {
        this.table = table;
    }

    /** Something that a table does. */
    private interface Call<T extends @Nullable Object> {
        T run() throws IOException;
    }

    private static <T extends @Nullable Object> T unchecked(Call<T> call) {
        try {
            return call.run();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A map may be asked for anything; what is no key of this one shows when the codec is given it. */
    @SuppressWarnings("unchecked")
    private K key(@Nullable Object key) {
        return (K) Objects.requireNonNull(key);
    }

    @SuppressWarnings("unchecked")
    private V value(@Nullable Object value) {
        return (V) Objects.requireNonNull(value);
    }

    @Override
    public int size() {
        return (int) Math.min(Integer.MAX_VALUE, table.size());
    }

    @Override
    public boolean containsKey(@Nullable Object key) {
        return table.containsKey(key(key));
    }

    @Override
    public @Nullable V get(@Nullable Object key) {
        return table.get(key(key));
    }

    @Override
    public V getOrDefault(@Nullable Object key, V otherwise) {
        V value = get(key);
        return value == null ? otherwise : value;
    }

    @Override
    public @Nullable V put(K key, V value) {
        return unchecked(() -> table.getAndPut(key(key), value(value)));
    }

    @Override
    public @Nullable V remove(@Nullable Object key) {
        return unchecked(() -> table.getAndRemove(key(key)));
    }

    @Override
    public @Nullable V putIfAbsent(K key, V value) {
        return unchecked(() -> table.putIfAbsent(key(key), value(value)));
    }

    @Override
    public boolean remove(@Nullable Object key, @Nullable Object value) {
        K wanted = key(key);
        return value != null && unchecked(() -> table.remove(wanted, value(value)));
    }

    @Override
    public boolean replace(K key, V oldValue, V newValue) {
        return unchecked(() -> table.replace(key(key), value(oldValue), value(newValue)));
    }

    @Override
    public @Nullable V replace(K key, V value) {
        return unchecked(() -> table.replace(key(key), value(value)));
    }

    @Override
    public void clear() {
        unchecked(() -> {
            table.clear();
            return null;
        });
    }

    @Override
    public Set<Entry<K, V>> entrySet() {
        return new Entries();
    }

    private final class Entries extends AbstractSet<Entry<K, V>> {
        @Override
        public int size() {
            return TableMap.this.size();
        }

        @Override
        public void clear() {
            TableMap.this.clear();
        }

        @Override
        public boolean contains(@Nullable Object object) {
            return object instanceof Entry<?, ?> entry
                    && entry.getKey() != null
                    && entry.getValue() != null
                    && entry.getValue().equals(get(entry.getKey()));
        }

        @Override
        public boolean remove(@Nullable Object object) {
            return object instanceof Entry<?, ?> entry
                    && entry.getKey() != null
                    && TableMap.this.remove(entry.getKey(), entry.getValue());
        }

        @Override
        public Iterator<Entry<K, V>> iterator() {
            return new EntryIterator(table.iterator());
        }
    }

    private final class EntryIterator implements Iterator<Entry<K, V>> {
        private final Iterator<Map.Entry<K, V>> entries;
        private @Nullable K last;

        EntryIterator(Iterator<Map.Entry<K, V>> entries) {
            this.entries = entries;
        }

        @Override
        public boolean hasNext() {
            return entries.hasNext();
        }

        @Override
        public Entry<K, V> next() {
            Map.Entry<K, V> entry = entries.next();
            last = entry.getKey();
            return new WriteThroughEntry(entry.getKey(), entry.getValue());
        }

        @Override
        public void remove() {
            if (last == null) {
                throw new IllegalStateException("there is nothing to remove");
            }
            TableMap.this.remove(last);
            last = null;
        }
    }

    /** An entry whose value can be set in the table. */
    private final class WriteThroughEntry extends SimpleEntry<K, V> {
        private static final long serialVersionUID = 1;

        WriteThroughEntry(K key, V value) {
            super(key, value);
        }

        @Override
        public V setValue(V value) {
            TableMap.this.put(getKey(), value);
            return super.setValue(value);
        }
    }
}
