package io.sietch.redis;

import io.sietch.persistent.KeyHash;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The data: keys with their values and times to live, in memory alone. What requests do and what replaying the journal
 * does are these same few changes. Entries are named by references that are valid until the next change of the same
 * entry. One thread.
 *
 * <ol>
 *   <li>An entry is in the {@link ExpiryHeap} exactly while it has a time to live.
 *   <li>{@code base <= position} for each entry: see {@link Entries}.
 *   <li>A change that runs out of memory has changed nothing.
 * </ol>
 */
final class Store implements AutoCloseable {
    private final Entries entries;
    private final ExpiryHeap expiries;
    private final KeyTable table;

    Store(KeyHash hash, int maxRecordBytes) {
        this.entries = new Entries(maxRecordBytes);
        this.expiries = new ExpiryHeap(entries);
        this.table = new KeyTable(entries, hash);
    }

    Entries entries() {
        return entries;
    }

    KeyTable table() {
        return table;
    }

    ExpiryHeap expiries() {
        return expiries;
    }

    /**
     * Sets a key.
     *
     * @param entry the entry that the key has, 0 for none
     * @param value must not be the entry's own memory
     * @param expireAt milliseconds since 1970 or {@link Entries#NEVER}
     * @param position of the record that says so, which is the entry's base too
     */
    void put(
            long hash,
            long entry,
            MemorySegment key,
            long keyOffset,
            int keyLength,
            long expireAt,
            MemorySegment value,
            long valueOffset,
            int valueLength,
            long position) {
        boolean extended = expireAt != Entries.NEVER;
        long target = entry;
        if (entry == 0) {
            target = entries.create(key, keyOffset, keyLength, valueLength, extended);
            table.add(hash, target);
        } else if (!entries.fits(entry, valueLength, extended)) {
            target = entries.create(key, keyOffset, keyLength, valueLength, extended);
            substitute(hash, entry, target, extended);
        } else {
            entries.setValueLength(entry, valueLength);
        }
        MemorySegment.copy(value, valueOffset, entries.memory(target), entries.valueOffset(target), valueLength);
        entries.setPosition(target, position);
        if (extended) {
            entries.setBase(target, position);
            setTime(target, expireAt);
        }
    }

    /**
     * Puts an entry in the place of another with the same key, which is freed; its time to live goes with it if it can.
     */
    private void substitute(long hash, long entry, long replacement, boolean extended) {
        table.replace(hash, entry, replacement);
        int slot = entries.slot(entry);
        if (slot >= 0) {
            if (extended) {
                entries.setExpireAt(replacement, entries.expireAt(entry));
                expiries.moved(slot, replacement);
            } else {
                expiries.remove(slot);
            }
        }
        entries.free(entry);
    }

    private void setTime(long entry, long expireAt) {
        int slot = entries.slot(entry);
        entries.setExpireAt(entry, expireAt);
        if (expireAt == Entries.NEVER) {
            if (slot >= 0) {
                expiries.remove(slot);
            }
        } else if (slot >= 0) {
            expiries.update(slot, expireAt);
        } else {
            expiries.add(entry, expireAt);
        }
    }

    /** Removes an entry. */
    void remove(long hash, long entry) {
        table.remove(hash, entry);
        int slot = entries.slot(entry);
        if (slot >= 0) {
            expiries.remove(slot);
        }
        entries.free(entry);
    }

    /** Gives an entry another time to live, or none. */
    void expire(long hash, long entry, long expireAt, long position) {
        long base = entries.base(entry);
        long bytes = entries.bytesAtBase(entry);
        long target = reshape(hash, entry, entries.valueLength(entry));
        entries.setPosition(target, position);
        entries.setBase(target, base, bytes);
        setTime(target, expireAt);
    }

    /** Overwrites a part of a value, which grows with zeros if it must. */
    void splice(long hash, long entry, int at, MemorySegment source, long sourceOffset, int length, long position) {
        long base = entries.base(entry);
        long bytes = entries.bytesAtBase(entry);
        int before = entries.valueLength(entry);
        int after = Math.max(before, at + length);
        long target = reshape(hash, entry, after);
        entries.setValueLength(target, after);
        MemorySegment memory = entries.memory(target);
        long value = entries.valueOffset(target);
        if (at > before) {
            memory.asSlice(value + before, at - before).fill((byte) 0);
        }
        MemorySegment.copy(source, sourceOffset, memory, value + at, length);
        entries.setPosition(target, position);
        entries.setBase(target, base, bytes);
    }

    /** The entry with an extension and with room for that value; the value that it has is kept. */
    private long reshape(long hash, long entry, int valueLength) {
        if (entries.fits(entry, valueLength, true)) {
            return entry;
        }
        MemorySegment memory = entries.memory(entry);
        int kept = entries.valueLength(entry);
        long target = entries.create(memory, entries.keyOffset(entry), entries.keyLength(entry), valueLength, true);
        entries.setValueLength(target, kept);
        MemorySegment.copy(
                memory, entries.valueOffset(entry), entries.memory(target), entries.valueOffset(target), kept);
        substitute(hash, entry, target, true);
        return target;
    }

    /**
     * Moves value and time to live of {@code from} to another key.
     *
     * @param to the entry that the other key has, 0 for none
     */
    void rename(
            long fromHash,
            long from,
            long toHash,
            long to,
            MemorySegment key,
            long keyOffset,
            int keyLength,
            long position) {
        put(
                toHash,
                to,
                key,
                keyOffset,
                keyLength,
                entries.expireAt(from),
                entries.memory(from),
                entries.valueOffset(from),
                entries.valueLength(from),
                position);
        remove(fromHash, from);
    }

    /** Tells that the entry as it is now is in the journal in full. */
    void rebase(long entry, long position) {
        entries.setPosition(entry, position);
        if (entries.isExtended(entry)) {
            entries.setBase(entry, position);
        }
    }

    /** Removes everything. */
    void clear() {
        table.clear();
        expiries.clear();
        entries.clear();
    }

    /** A copy of a key. */
    byte[] key(long entry) {
        return entries.memory(entry)
                .asSlice(entries.keyOffset(entry), entries.keyLength(entry))
                .toArray(ValueLayout.JAVA_BYTE);
    }

    @Override
    public void close() {
        entries.slab().close();
    }
}
