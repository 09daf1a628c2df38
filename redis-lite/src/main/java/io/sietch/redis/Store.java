package io.sietch.redis;

import io.sietch.persistent.IndexHint;
import io.sietch.persistent.KeyHash;
import io.sietch.persistent.LogIndex;
import io.sietch.persistent.LogPlace;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * The keys with their values and times to live. The journal is the database: an index tells where the last record of
 * each key is, and a value is read where it was recorded. Memory holds more only of keys that expire, or that were
 * changed in part since they were recorded in full. It changes as it is told, and records nothing. One thread.
 *
 * <p>Words: a <i>position</i> is where in the journal a key's last record is, and names the key, 0 for none. An
 * <i>entry</i> is what memory holds of it, see {@link Entries}.
 *
 * <ol>
 *   <li>The index has one position for each key, and there is a SET, an EXPIRE or a SPLICE.
 *   <li>A key has an entry unless that is a SET which does not expire.
 *   <li>The base of each key is known to {@link Liveness}, so it is not trimmed; and which keys have an entry.
 * </ol>
 *
 * <p>The methods that change a key change the one that was found last, which {@link #item()} shows; or make it, if it
 * was not found.
 */
final class Store implements AutoCloseable {
    private static final int CACHE_LINE = 64; // most records are in two

    private final Journal journal;
    private final LogPlace[] foreseen = new LogPlace[RequestBatch.MAX];
    private final LogIndex index;
    private final Entries entries;
    private final KeyTable table;
    private final ExpiryHeap expiries;
    private final Liveness liveness;
    private final Item item;
    private final IndexHint noHint = new IndexHint();
    private IndexHint hint = noHint; // at what was found last

    Store(KeyHash hash, Journal journal, Supplier<Arena> arenas) {
        this.journal = journal;
        this.index = new LogIndex(arenas);
        this.entries = new Entries(arenas);
        this.table = new KeyTable(entries, hash);
        this.expiries = new ExpiryHeap(entries);
        this.liveness = new Liveness(journal);
        this.item = new Item(journal, entries, table);
        Arrays.setAll(foreseen, i -> new LogPlace());
    }

    Entries entries() {
        return entries;
    }

    ExpiryHeap expiries() {
        return expiries;
    }

    Liveness liveness() {
        return liveness;
    }

    /** How many keys there are. */
    long size() {
        return index.size();
    }

    /** Bytes of memory taken, outside the heap and for what is alive. */
    long memoryBytes() {
        return index.memoryBytes() + entries.memoryBytes() + liveness.memoryBytes();
    }

    // ---- finding ------------------------------------------------------------------------------------------

    long hash(MemorySegment key, long offset, int length) {
        return table.hash(key, offset, length);
    }

    /** Where the key's last record is, or 0; {@link #item()} shows the key then. */
    long find(long hash, MemorySegment key, long offset, int length) {
        noHint.forget();
        return find(hash, key, offset, length, noHint);
    }

    /** As the other, and looks first where the hint says. */
    long find(long hash, MemorySegment key, long offset, int length, IndexHint where) {
        hint = where;
        return index.find(hash, journal.head(), item.wanting(key, offset, length), where) ? item.position() : 0;
    }

    /** What was found, or looked at, last. */
    Item item() {
        return item;
    }

    /** The key with that position. */
    Item item(long position) {
        return item.position() == position ? item : item.moveTo(position);
    }

    /**
     * The key with a position that the index has shown.
     *
     * @throws io.sietch.persistent.LogCorruptException if it is another than the index was told of
     */
    Item shown(long position) {
        Item shown = item(position);
        if (!index.contains(shown.hash(), position)) {
            throw Item.damaged(position, "of another key than was written there");
        }
        return shown;
    }

    /**
     * Reads where the keys with these hashes are likely to be, first of the index and then of the journal, one after
     * the other in such a way that no read waits for the one before.
     *
     * @param hashes a key's each, or 0; will be the likely positions, or 0
     * @param hints will say where the entries of those keys are
     * @return something made of all that was read
     */
    long foresee(long[] hashes, IndexHint[] hints, int count) {
        long sum = 0;
        for (int i = 0; i < count; i++) {
            sum += index.touch(hashes[i]);
        }
        long head = journal.head();
        int likely = 0;
        for (int i = 0; i < count; i++) {
            hashes[i] = hashes[i] == 0 ? 0 : index.likely(hashes[i], head, hints[i]);
            if (hashes[i] != 0) {
                journal.locate(hashes[i], foreseen[likely++]);
            }
        }
        // Nothing but these reads, so that many of them are under way at once.
        for (int i = 0; i < likely; i++) {
            MemorySegment memory = foreseen[i].segment();
            long at = foreseen[i].offset();
            long end = memory.byteSize() - 1;
            sum += memory.get(ValueLayout.JAVA_BYTE, at)
                    ^ memory.get(ValueLayout.JAVA_BYTE, Math.min(at + CACHE_LINE, end));
        }
        return sum;
    }

    /** As {@link LogIndex#scan}. */
    long scan(long cursor, LogIndex.Visitor visitor) {
        return index.scan(cursor, journal.head(), visitor);
    }

    /** Any key, or 0 if there is none. */
    long random(RandomGenerator random) {
        return index.random(random, journal.head());
    }

    // ---- changing -----------------------------------------------------------------------------------------

    /**
     * Sees to it that the key found last, or not found, can be changed.
     *
     * @param room bytes of a value that is to be in memory
     * @return whether there is memory for it
     */
    boolean reserve(long hash, long found, int keyLength, int room) {
        try {
            if (found == 0) {
                index.makeRoom(hash);
            }
            return entries.reserve(keyLength, room);
        } catch (OutOfMemoryError e) {
            return false;
        }
    }

    /**
     * Sets a key to what a record says.
     *
     * @param found the position that the key has, 0 for none
     * @param expireAt milliseconds since 1970 or {@link Entries#NEVER}
     * @param position of the SET that says so
     */
    void put(
            long hash,
            long found,
            MemorySegment key,
            long keyOffset,
            int keyLength,
            long expireAt,
            int valueLength,
            long position) {
        long entry = 0;
        if (found == 0) {
            index.insert(hash, position);
        } else {
            entry = item.entry();
            liveness.removed(item);
            index.replace(hash, found, position, hint);
        }
        liveness.added(position, keyLength, valueLength);
        if (expireAt != Entries.NEVER) {
            long target = withoutValue(hash, entry, key, keyOffset, keyLength);
            entries.setValue(target, valueLength, false);
            entries.setBase(target, position, Liveness.recordBytes(keyLength, valueLength));
            setTime(target, expireAt);
            liveness.entered(entry == 0 ? 0 : found, position);
        } else if (entry != 0) {
            drop(hash, entry);
            liveness.left(found);
        }
    }

    /** Removes a key. */
    void remove(long hash, long found) {
        long entry = item.entry();
        liveness.removed(item);
        index.remove(hash, found);
        if (entry != 0) {
            drop(hash, entry);
            liveness.left(found);
        }
    }

    /** Gives a key another time to live, or none. */
    void expire(long hash, long found, long expireAt, long position) {
        index.replace(hash, found, position, hint);
        setTime(entryFor(hash, item.entry()), expireAt);
        liveness.entered(found, position);
    }

    /** Overwrites a part of a value, which grows with zeros if it must. */
    void splice(long hash, long found, int at, MemorySegment source, long sourceOffset, int length, long position) {
        int before = item.valueLength();
        int after = Math.max(before, at + length);
        index.replace(hash, found, position, hint);
        long entry = valueHere(hash, entryFor(hash, item.entry()), after);
        MemorySegment memory = entries.memory(entry);
        long value = entries.valueOffset(entry);
        if (at > before) {
            memory.asSlice(value + before, at - before).fill((byte) 0);
        }
        MemorySegment.copy(source, sourceOffset, memory, value + at, length);
        entries.setValue(entry, after, true);
        liveness.changed(item.base(), item.keyLength(), before, after);
        liveness.entered(found, position);
    }

    /** Tells that a SET holds the key as it is now. */
    void rebase(long hash, long found, long position) {
        MemorySegment key = item.keySegment();
        put(hash, found, key, item.keyOffset(), item.keyLength(), item.expireAt(), item.valueLength(), position);
    }

    /** Removes everything. */
    void clear() {
        index.clear();
        table.clear();
        expiries.clear();
        entries.clear();
        liveness.clear();
        item.forget();
    }

    // ---- from one opening to the next ---------------------------------------------------------------------

    LogIndex index() {
        return index;
    }

    /** By which keys are in the index. */
    KeyHash hash() {
        return table.hash();
    }

    /** Hashes keys otherwise from now on; there are none. */
    void hashBy(KeyHash hash) {
        table.hashBy(hash);
    }

    /**
     * Takes a key over that is not there.
     *
     * @param hash as much of it as the index needs
     * @param position of its last record, which says all of it
     */
    void load(long hash, long position) {
        index.insert(hash, position);
    }

    /**
     * Takes a key over that is not there and has an entry, with the value at its base.
     *
     * @return false if there is no such record at its base; it is not taken over as it should be then
     */
    boolean load(long hash, long position, long base, long expireAt) {
        item.moveTo(base);
        index.insert(hash, position);
        boolean sound = item.isSet() && index.contains(item.hash(), position);
        if (sound) {
            liveness.entered(0, position);
            setTime(entryFor(item.hash(), 0), expireAt);
        }
        item.forget();
        return sound;
    }

    // ---- entries ------------------------------------------------------------------------------------------

    /** The entry that the item's key has, or a new one, with the value at its base. */
    private long entryFor(long hash, long entry) {
        if (entry != 0) {
            return entry;
        }
        long made = entries.create(item.keySegment(), item.keyOffset(), item.keyLength(), 0);
        table.add(hash, made);
        entries.setValue(made, item.valueLength(), false);
        entries.setBase(made, item.base(), item.bytesAtBase());
        return made;
    }

    /** The entry with room for a value; the one that it has is here then. */
    private long valueHere(long hash, long entry, int room) {
        if (entries.hasValue(entry) && entries.fits(entry, room)) {
            return entry;
        }
        long target = entries.create(item.keySegment(), item.keyOffset(), item.keyLength(), room);
        int kept = item.valueLength();
        MemorySegment.copy(
                item.valueSegment(), item.valueOffset(), entries.memory(target), entries.valueOffset(target), kept);
        entries.setValue(target, kept, true);
        entries.setBase(target, entries.base(entry), entries.bytesAtBase(entry));
        substitute(hash, entry, target);
        return target;
    }

    /** The entry, 0 for none yet, or one in its place that takes no room for a value. */
    private long withoutValue(long hash, long entry, MemorySegment key, long keyOffset, int keyLength) {
        if (entry != 0 && entries.fits(entry, 0)) {
            return entry;
        }
        long target = entries.create(key, keyOffset, keyLength, 0);
        if (entry == 0) {
            table.add(hash, target);
        } else {
            substitute(hash, entry, target);
        }
        return target;
    }

    /** Puts an entry in the place of another with the same key, which is freed; its time to live goes with it. */
    private void substitute(long hash, long entry, long replacement) {
        table.replace(hash, entry, replacement);
        int slot = entries.slot(entry);
        if (slot >= 0) {
            entries.setExpireAt(replacement, entries.expireAt(entry));
            expiries.moved(slot, replacement);
        }
        entries.free(entry);
    }

    private void drop(long hash, long entry) {
        table.remove(hash, entry);
        int slot = entries.slot(entry);
        if (slot >= 0) {
            expiries.remove(slot);
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

    /** Goes on with a change of the size of the table of entries; false: there is none. */
    boolean step() {
        return table.step();
    }

    @Override
    public void close() {
        index.close();
        entries.slab().close();
    }
}
