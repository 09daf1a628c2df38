package io.sietch.persistent;

import java.lang.foreign.Arena;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * Where in a log the newest record of each key is, for an owner that has keys and records of its own: a hash table
 * outside the heap of 8 bytes a slot (10 to 19 a key) that grows a part at a time. It knows neither keys nor records; a
 * {@link KeyProbe} compares them.
 *
 * <p>Positions are multiples of 8 and not 0. None may be before the {@code base} that a call names, nor 8 TiB behind
 * it: what the log begins with is one.
 *
 * <p>Threads: one.
 */
public final class LogIndex implements AutoCloseable {
    /** Receives positions; must not change the index. */
    @FunctionalInterface
    public interface Visitor {
        /** An entry shows this position. */
        void visit(long position);
    }

    /** Lines of a part: 32 KiB, so that an empty index is small, and no part is long in the copying. */
    private static final int LINES = 512;

    private final ReadEpochs nobody = new ReadEpochs();
    private final TableIndex.Walk walk = new TableIndex.Walk();
    private final Supplier<Arena> arenas;
    private Arena arena;
    private TableIndex index;

    /** An empty one. */
    public LogIndex() {
        this(Arena::ofShared);
    }

    /**
     * An empty one in memory of these arenas.
     *
     * @param arenas makes one now and one with each {@link #clear}; each is closed
     */
    public LogIndex(Supplier<Arena> arenas) {
        this.arenas = arenas;
        this.arena = arenas.get();
        this.index = new TableIndex(LINES, nobody, arena);
    }

    TableIndex index() {
        return index;
    }

    /** How many keys have an entry. */
    public long size() {
        return index.size();
    }

    /** Bytes of memory outside the heap. */
    public long memoryBytes() {
        return index.memoryBytes();
    }

    /**
     * Whether a key has an entry; the probe is then at its record.
     *
     * @param hint where to look first; if there is an entry, it is of that afterwards
     */
    public boolean find(long hash, long base, KeyProbe probe, IndexHint hint) {
        return index.find(hash, base, probe, hint);
    }

    /** Brings where a key's entry would be into the cache; what is returned only says that it was read. */
    public long touch(long hash) {
        return index.touch(hash);
    }

    /** Whether an entry with this hash shows this position. */
    public boolean contains(long hash, long position) {
        return index.contains(hash, position);
    }

    /**
     * The position that most likely is that of a key's record; 0 if nothing is known of it.
     *
     * @param hint will be of the entry that says so
     */
    public long likely(long hash, long base, IndexHint hint) {
        return index.first(hash, base, hint);
    }

    /**
     * Sees to it that the next {@link #insert} of this hash needs no memory.
     *
     * @throws OutOfMemoryError if there is none; nothing has changed then
     */
    public void makeRoom(long hash) {
        index.makeRoom(hash);
    }

    /** Adds an entry for a key that has none. */
    public void insert(long hash, long position) {
        index.insert(hash, position);
    }

    /**
     * Lets an entry that is there show another position.
     *
     * @param hint where to look first
     */
    public void replace(long hash, long position, long newPosition, IndexHint hint) {
        index.replace(hash, position, newPosition, hint);
    }

    /** Takes the entry with this hash and position out; false if there is none. */
    public boolean remove(long hash, long position) {
        return index.remove(hash, position);
    }

    /** Takes all entries out, and gives their memory back. */
    public void clear() {
        if (index.isNew()) {
            return; // closing a shared arena makes every thread of the process stop for it
        }
        Arena old = arena;
        arena = arenas.get();
        index = new TableIndex(LINES, nobody, arena);
        old.close();
    }

    /**
     * Shows a few entries, possibly none. Who goes on from 0 to 0 is shown each entry once that is there all the time,
     * whatever is added, moved and removed meanwhile.
     *
     * @param cursor 0, or what the last call returned
     * @return where to go on; 0: that was all
     */
    public long scan(long cursor, long base, Visitor visitor) {
        if (index.size() == 0) {
            return 0;
        }
        walk.moveTo(cursor, index.lines());
        index.next(walk, base, visitor);
        return walk.cursor();
    }

    /** The position of any entry; 0 if there is none. */
    public long random(RandomGenerator random, long base) {
        return index.random(random, base);
    }

    /** Gives the memory back. */
    @Override
    public void close() {
        arena.close();
    }
}
