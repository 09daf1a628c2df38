package io.sietch.persistent;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.random.RandomGenerator;

/**
 * A part of a {@link TableIndex}: a fixed number of lines, each a cache line of eight slots, outside the heap. An entry
 * lies in its <em>home</em> line or, where lines are full, in one of the next few.
 *
 * <pre>
 *  slot
 *    63            44 43   40 39                      0
 *    +---------------+-------+-------------------------+
 *    | tag           | lines | position / 8            |
 *    +---------------+-------+-------------------------+
 * </pre>
 *
 * <p>The tag is a part of the key's hash, "lines" is how far the entry is from home, the position is that of the item,
 * modulo 8 TiB: which is enough, as no log is that long at a time.
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>Where an entry is not at home, all lines from home up to it have no empty slot. A line that was once full never
 *       has one again: what is removed there leaves a tombstone.
 *   <li>A slot changes in one step, and an entry never moves. So a reader finds an entry that is there all the time,
 *       and which one of two versions it finds of one that changes is a matter of the moment.
 *   <li>A part that was replaced is not changed any more; nor is one that a {@link TableIndex.Frozen} shows.
 * </ol>
 *
 * <p>Threads: changed by one, read by any.
 */
final class IndexPart {
    static final int TAG_BITS = 20;
    static final int SLOTS = 8;
    static final int LINE_BYTES = SLOTS * Long.BYTES;

    /** No item is at such a position. */
    static final long NONE = 0;

    private static final int UNIT_SHIFT = 3;
    private static final int UNIT_BITS = 40;
    private static final long UNIT_MASK = (1L << UNIT_BITS) - 1;
    private static final int TAG_SHIFT = Long.SIZE - TAG_BITS;
    private static final long ONE_LINE = 1L << UNIT_BITS;
    private static final int MAX_LINES = (1 << TAG_SHIFT - UNIT_BITS) - 1;
    private static final long EMPTY = 0;

    /** Its position is that of no item. */
    private static final long TOMBSTONE = ONE_LINE;

    /** The longest log, in bytes, whose positions can be told apart. */
    static final long WINDOW = 1L << UNIT_BITS + UNIT_SHIFT;

    private static final VarHandle SLOT =
            ValueLayout.JAVA_LONG.withOrder(ByteOrder.nativeOrder()).varHandle();

    /** Of a slot, which is aligned: the check of that is left out. */
    private static final ValueLayout.OfLong PLAIN = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.nativeOrder());

    final MemorySegment memory;

    /** How many of the tag's highest bits all entries share, and these bits. */
    final int depth;

    final int prefix;

    /** Of the index, when it was made. */
    final long generation;

    private final int lineMask;

    /** Owner: slots that hold an entry, and slots that hold an entry or a tombstone. */
    int live;

    int used;

    /** Over memory that is zero. */
    IndexPart(MemorySegment memory, int depth, int prefix, long generation) {
        this.memory = memory;
        this.depth = depth;
        this.prefix = prefix;
        this.generation = generation;
        this.lineMask = (int) (memory.byteSize() / LINE_BYTES) - 1;
    }

    /** One that is the same, over other memory. */
    IndexPart copy(MemorySegment target, long newGeneration) {
        MemorySegment.copy(memory, 0, target, 0, memory.byteSize());
        IndexPart copy = new IndexPart(target, depth, prefix, newGeneration);
        copy.live = live;
        copy.used = used;
        return copy;
    }

    /** The tag of a hash: its lowest bits, shown as the highest of a slot. */
    static int tagOf(long hash) {
        return (int) hash & (1 << TAG_BITS) - 1;
    }

    /** What an index knows of the hash of an entry. */
    static long hashOf(int home, long slot) {
        return (long) home << TAG_BITS | slot >>> TAG_SHIFT;
    }

    /** A word that is no entry, and tells a home line. */
    static long homeWord(int home) {
        return (long) home << TAG_SHIFT;
    }

    /** The home line that a word tells; -1 if it is an entry. */
    static int homeOfWord(long word) {
        return (word & UNIT_MASK) == 0 ? (int) (word >>> TAG_SHIFT) : -1;
    }

    /** A slot at home that shows another position, and says whether more follows it. */
    static long slotAt(long slot, long position, boolean detailed) {
        return slot & ~UNIT_MASK | unit(position) | (detailed ? ONE_LINE : 0);
    }

    /** Whether a slot at home says that more follows it. */
    static boolean isDetailed(long slot) {
        return (slot & ONE_LINE) != 0;
    }

    private int homeOf(long hash) {
        return (int) (hash >>> TAG_BITS) & lineMask;
    }

    int slots() {
        return (lineMask + 1) * SLOTS;
    }

    int lines() {
        return lineMask + 1;
    }

    /** The slot at a place. */
    long get(long at) {
        return (long) SLOT.getAcquire(memory, at);
    }

    private void set(long at, long slot) {
        SLOT.setRelease(memory, at, slot);
    }

    private static long unit(long position) {
        return position >>> UNIT_SHIFT & UNIT_MASK;
    }

    /** The position that a slot shows, in a log none of whose living positions is before {@code base}. */
    static long position(long slot, long base) {
        return base + ((slot - (base >>> UNIT_SHIFT) & UNIT_MASK) << UNIT_SHIFT);
    }

    /** Whether a slot shows this very position. */
    static boolean shows(long slot, long position) {
        return (slot & UNIT_MASK) == unit(position);
    }

    /**
     * Finds the entry of a key.
     *
     * @return where its slot is, or -1
     */
    long find(long hash, long base, KeyProbe probe) {
        int home = homeOf(hash);
        long wanted = (long) tagOf(hash) << TAG_SHIFT;
        for (int away = 0; away <= MAX_LINES; away++) {
            long line = (home + away & lineMask) * (long) LINE_BYTES;
            for (int rest = matches(memory, line, wanted); rest != 0; rest &= rest - 1) {
                long at = line + Integer.numberOfTrailingZeros(rest) * (long) Long.BYTES;
                long slot = get(at);
                if (isMatch(slot, wanted) != 0) {
                    if (probe.isKeyAt(position(slot, base))) {
                        return at;
                    }
                    requireSameTag(hash, probe, position(slot, base));
                }
            }
            if (!isFull(line)) {
                return -1;
            }
            wanted += ONE_LINE;
        }
        return -1;
    }

    /** Two keys met in one place: so far their hashes agree, if the one in the log is what was written there. */
    private static void requireSameTag(long hash, KeyProbe probe, long position) {
        if (tagOf(probe.hashOfOther(hash)) != tagOf(hash)) {
            throw new LogCorruptException(
                    position,
                    "the data are damaged: at position " + position + " is another key than was written there");
        }
    }

    /**
     * Which slots of a line may be the wanted one, as bits. Without a branch: which slot it is nobody can foretell, and
     * a processor that had to would not look at what comes next while it waits for the line. Read plainly, which leaves
     * the compiler free to check the bounds once: whoever is interested in a slot reads it anew.
     */
    private static int matches(MemorySegment memory, long line, long wanted) {
        int matches = 0;
        for (int i = 0; i < SLOTS; i++) {
            matches |= isMatch(memory.get(PLAIN, line + i * (long) Long.BYTES), wanted) << i;
        }
        return matches;
    }

    /** 1 if the slot is an entry with the wanted tag, so many lines from home; else 0. */
    private static int isMatch(long slot, long wanted) {
        long differing = (slot ^ wanted) >>> UNIT_BITS;
        return (int) ((differing - 1 & -(slot & UNIT_MASK)) >>> Long.SIZE - 1);
    }

    private boolean isFull(long line) {
        for (long at = line; at < line + LINE_BYTES; at += Long.BYTES) {
            if (get(at) == EMPTY) {
                return false;
            }
        }
        return true;
    }

    /** Reads something of the home line. */
    long touch(long hash) {
        return get(homeOf(hash) * (long) LINE_BYTES);
    }

    /**
     * Where the first entry with this tag is; -1 if there is none. It is {@link #find} with a probe that takes any key,
     * without the call.
     */
    long first(long hash) {
        int home = homeOf(hash);
        long wanted = (long) tagOf(hash) << TAG_SHIFT;
        for (int away = 0; away <= MAX_LINES; away++) {
            long line = (home + away & lineMask) * (long) LINE_BYTES;
            int matches = matches(memory, line, wanted);
            if (matches != 0) {
                return line + Integer.numberOfTrailingZeros(matches) * (long) Long.BYTES;
            }
            if (!isFull(line)) {
                return -1;
            }
            wanted += ONE_LINE;
        }
        return -1;
    }

    /** Finds the entry with this hash that shows this very position. */
    long find(long hash, long position) {
        int home = homeOf(hash);
        long wanted = (long) tagOf(hash) << TAG_SHIFT | unit(position);
        for (int away = 0; away <= MAX_LINES; away++) {
            long line = (home + away & lineMask) * (long) LINE_BYTES;
            boolean full = true;
            for (long at = line; at < line + LINE_BYTES; at += Long.BYTES) {
                long slot = get(at);
                full &= slot != EMPTY;
                if (slot == wanted) {
                    return at;
                }
            }
            if (!full) {
                return -1;
            }
            wanted += ONE_LINE;
        }
        return -1;
    }

    /** Lets an entry show another position. */
    void move(long at, long position) {
        set(at, get(at) & ~UNIT_MASK | unit(position));
    }

    /** Takes an entry out. */
    void remove(long at) {
        long line = at & -LINE_BYTES;
        boolean full = true;
        for (long other = line; other < line + LINE_BYTES; other += Long.BYTES) {
            full &= get(other) != EMPTY;
        }
        set(at, full ? TOMBSTONE : EMPTY);
        live--;
        if (!full) {
            used--;
        }
    }

    /** Whether {@link #insert} finds room. */
    boolean hasRoom(long hash) {
        int home = homeOf(hash);
        for (int away = 0; away <= MAX_LINES; away++) {
            long line = (home + away & lineMask) * (long) LINE_BYTES;
            for (long at = line; at < line + LINE_BYTES; at += Long.BYTES) {
                if ((get(at) & UNIT_MASK) == 0) {
                    return true;
                }
            }
        }
        return false;
    }

    /** Puts an entry in whose key is not there. False: there is no room near its home. */
    boolean insert(long hash, long position) {
        return insert(homeOf(hash), (long) tagOf(hash) << TAG_SHIFT | unit(position));
    }

    private boolean insert(int home, long atHome) {
        long slot = atHome;
        for (int away = 0; away <= MAX_LINES; away++) {
            long line = (home + away & lineMask) * (long) LINE_BYTES;
            for (long at = line; at < line + LINE_BYTES; at += Long.BYTES) {
                long old = get(at);
                if (old == EMPTY || old == TOMBSTONE) {
                    set(at, slot);
                    live++;
                    used += old == EMPTY ? 1 : 0;
                    return true;
                }
            }
            slot += ONE_LINE;
        }
        return false;
    }

    /**
     * Puts all entries into one part or two that follow this one; where there are two, the next bit of the tag decides.
     *
     * @return false if there was no room near the home of one
     */
    boolean copyTo(IndexPart zero, IndexPart one) {
        long bit = 1L << Long.SIZE - 1 - depth;
        for (int line = 0; line <= lineMask; line++) {
            for (int i = 0; i < SLOTS; i++) {
                long slot = get(line * (long) LINE_BYTES + i * (long) Long.BYTES);
                if ((slot & UNIT_MASK) != 0) {
                    int away = (int) (slot >>> UNIT_BITS) & MAX_LINES;
                    IndexPart target = (slot & bit) == 0 ? zero : one;
                    if (!target.insert(line - away & lineMask, slot - away * ONE_LINE)) {
                        return false;
                    }
                }
            }
        }
        return true;
    }

    /** Shows the entries at home in a line whose tags begin with these bits, as they would be in that line. */
    void show(int home, int wantedDepth, int wantedPrefix, TableIndex.SlotVisitor visitor) {
        for (int away = 0; away <= MAX_LINES; away++) {
            long line = (home + away & lineMask) * (long) LINE_BYTES;
            boolean full = true;
            for (long at = line; at < line + LINE_BYTES; at += Long.BYTES) {
                long slot = get(at);
                full &= slot != EMPTY;
                if ((slot & UNIT_MASK) != 0
                        && (slot >>> UNIT_BITS & MAX_LINES) == away
                        && slot >>> 1 >>> Long.SIZE - 1 - wantedDepth == wantedPrefix) {
                    visitor.visit(home, slot - away * ONE_LINE);
                }
            }
            if (!full) {
                return;
            }
        }
    }

    /** The position of any of the entries; there is one. */
    long random(RandomGenerator random, long base) {
        int at = random.nextInt(slots());
        while ((get(at * (long) Long.BYTES) & UNIT_MASK) == 0) {
            // A lone entry is soon found from anywhere near; looking elsewhere again and again might take long.
            at = at + 1 & slots() - 1;
        }
        return position(get(at * (long) Long.BYTES), base);
    }
}
