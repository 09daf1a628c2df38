package io.sietch.redis;

import io.sietch.persistent.KeyHash;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Finds entries by key: chains of entries in a power of two of buckets. One thread.
 *
 * <p>Words: the bucket of an entry is given by the low bits of its hash. A <i>link</i> is a reference to an entry and
 * above it the highest bits of that entry's hash, so that a walk seldom touches an entry with another key.
 *
 * <p>While the table changes its size there are two sets of buckets. Each operation moves one bucket, so that no
 * operation is long; entries of buckets below {@code moved} are in the new set, new entries too.
 */
final class KeyTable {
    private static final long MIN_BUCKETS = 16;
    private static final int SPARSE = 8; // shrinks when less than one in so many buckets is needed
    private static final int EMPTY_BUCKETS_A_STEP = 10;
    private static final long REFERENCE = (1L << Slab.REFERENCE_BITS) - 1;

    private final Entries entries;
    private KeyHash hash;
    private Buckets buckets = new Buckets(MIN_BUCKETS);
    private @Nullable Buckets newBuckets;
    private long moved;
    private long size;

    KeyTable(Entries entries, KeyHash hash) {
        this.entries = entries;
        this.hash = hash;
    }

    long hash(MemorySegment key, long offset, int length) {
        return hash.of(key, offset, length);
    }

    KeyHash hash() {
        return hash;
    }

    /** Hashes otherwise from now on; no entry is there. */
    void hashBy(KeyHash newHash) {
        hash = newHash;
    }

    private long hashOf(long entry) {
        return hash.of(entries.memory(entry), entries.keyOffset(entry), entries.keyLength(entry));
    }

    /** The entry with that key, or 0. */
    long find(long hash, MemorySegment key, long offset, int length) {
        if (newBuckets != null) {
            step();
        }
        long entry = find(buckets, hash, key, offset, length);
        return entry == 0 && newBuckets != null ? find(newBuckets, hash, key, offset, length) : entry;
    }

    private long find(Buckets in, long hash, MemorySegment key, long offset, int length) {
        long link = in.get(hash & in.size() - 1);
        while (link != 0) {
            long entry = link & REFERENCE;
            if ((link ^ hash) >>> Slab.REFERENCE_BITS == 0 && entries.isKey(entry, key, offset, length)) {
                return entry;
            }
            link = entries.link(entry);
        }
        return 0;
    }

    /** Adds an entry whose key is not there. */
    void add(long hash, long entry) {
        if (newBuckets == null && size >= buckets.size()) {
            resize(buckets.size() * 2);
        }
        push(newBuckets == null ? buckets : newBuckets, hash, entry);
        size++;
    }

    private void push(Buckets to, long hash, long entry) {
        long index = hash & to.size() - 1;
        entries.setLink(entry, to.get(index));
        to.set(index, link(hash, entry));
    }

    private static long link(long hash, long entry) {
        return hash & ~REFERENCE | entry;
    }

    /** Takes an entry out. */
    void remove(long hash, long entry) {
        redirect(hash, entry, entries.link(entry));
        size--;
        if (newBuckets == null && buckets.size() > MIN_BUCKETS && size < buckets.size() / SPARSE) {
            resize(Math.max(MIN_BUCKETS, Long.highestOneBit(Math.max(1, size)) * 2));
        }
    }

    /** Puts an entry with the same key in the place of another. */
    void replace(long hash, long entry, long replacement) {
        entries.setLink(replacement, entries.link(entry));
        redirect(hash, entry, link(hash, replacement));
    }

    /** Makes whatever links to {@code entry} link elsewhere. */
    private void redirect(long hash, long entry, long link) {
        if (!redirect(buckets, hash, entry, link) && (newBuckets == null || !redirect(newBuckets, hash, entry, link))) {
            throw new IllegalStateException("entry " + entry + " is in no bucket");
        }
    }

    private boolean redirect(Buckets in, long hash, long entry, long link) {
        long index = hash & in.size() - 1;
        long at = in.get(index) & REFERENCE;
        if (at == entry) {
            in.set(index, link);
            return true;
        }
        while (at != 0) {
            long next = entries.link(at) & REFERENCE;
            if (next == entry) {
                entries.setLink(at, link);
                return true;
            }
            at = next;
        }
        return false;
    }

    private void resize(long newSize) {
        newBuckets = new Buckets(newSize);
        moved = 0;
    }

    /** Moves one bucket to the new set; false: there was nothing to do. */
    boolean step() {
        Buckets to = newBuckets;
        if (to == null) {
            return false;
        }
        for (int empty = 0; empty < EMPTY_BUCKETS_A_STEP && moved < buckets.size(); empty++) {
            long link = buckets.get(moved);
            buckets.set(moved, 0);
            buckets.drop(++moved);
            if (link != 0) {
                while (link != 0) {
                    long entry = link & REFERENCE;
                    link = entries.link(entry);
                    push(to, hashOf(entry), entry);
                }
                break;
            }
        }
        if (moved == buckets.size()) {
            buckets = to;
            newBuckets = null;
        }
        return true;
    }

    /** Forgets all entries. */
    void clear() {
        buckets = new Buckets(MIN_BUCKETS);
        newBuckets = null;
        size = 0;
    }
}
