package io.sietch.persistent;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Where in the log the newest item of each key is: a hash table outside the heap that grows by halving one part at a
 * time, so that no operation is long. A slot has eight bytes; with what is empty, a key takes 10 to 19.
 *
 * <p>Words: a hash's <em>tag</em> tells by its highest bits which {@link IndexPart} the entry is in, and by the rest,
 * kept in the slot, spares looking at other keys. Whether the key is the right one is decided by the item, see
 * {@link KeyProbe}.
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>Each tag belongs to one part, whose depth is at most that of the directory.
 *   <li>A part is changed only while it is in the directory. Its memory is used again when nobody who may have seen it
 *       there is still reading.
 *   <li>A part that was in the directory when the index was {@link #freeze frozen} is not changed until that is over: a
 *       copy takes its place first. An array of parts is never changed.
 * </ol>
 *
 * <p>Threads: changed by one, read by any that has entered the {@link ReadEpochs}.
 */
final class TableIndex {
    /** Is shown an entry: its home line, and its slot as it would be there. */
    interface SlotVisitor {
        void visit(int home, long slot);
    }

    /** Where a walk over all entries is: each entry that is there all the time is shown once, whatever grows. */
    static final class Walk {
        private static final int LINE_SHIFT = 32;
        private static final int DEPTH_SHIFT = 24;

        private int tag;
        private int depth;
        private int line;

        /** Where a walk is as one number: 0 at its begin, and at its end. */
        long cursor() {
            return isAtEnd() ? 0 : (long) line << LINE_SHIFT | (long) depth << DEPTH_SHIFT | tag;
        }

        /** Goes to where {@link #cursor} was; to anywhere if the number is another. */
        void moveTo(long cursor, int lines) {
            tag = (int) cursor & (1 << IndexPart.TAG_BITS) - 1;
            depth = Math.min(Math.max((int) (cursor >>> DEPTH_SHIFT) & 0xff, leastDepth(tag)), IndexPart.TAG_BITS);
            line = (int) (cursor >>> LINE_SHIFT) & lines - 1;
        }

        /** How many of a tag's highest bits there are at least up to the last one that is set. */
        private static int leastDepth(int tag) {
            return Math.max(0, IndexPart.TAG_BITS - Integer.numberOfTrailingZeros(tag));
        }

        boolean isAtEnd() {
            return tag == 1 << IndexPart.TAG_BITS;
        }
    }

    /** Lines of a part: 256 KiB, which are copied in a fraction of a millisecond. */
    static final int LINES = 4096;

    private static final int FULL_PERCENT = 80;
    private static final int SPLIT_PERCENT = 55;
    private static final int RESERVE_PERCENT = 70;

    /** Memory that was a part's. */
    private record Retired(MemorySegment memory, long epoch) {}

    /** A part that was replaced and is shown by the index as it was frozen before this generation. */
    private record Kept(IndexPart part, long until) {
        boolean isIn(Frozen frozen) {
            return part.generation <= frozen.generation && frozen.generation < until;
        }
    }

    /** The index as it was; any thread that knows it is not thawed. */
    static final class Frozen {
        private final IndexPart[] directory;
        private final int lines;
        private final long size;
        private final long generation;

        private Frozen(TableIndex index) {
            this.directory = index.directory;
            this.lines = index.lines;
            this.size = index.size;
            this.generation = index.generation;
        }

        long size() {
            return size;
        }

        /** As that of the index. */
        boolean find(long hash, long base, KeyProbe probe) {
            return partOf(directory, hash).find(hash, base, probe) >= 0;
        }

        /** As that of the index. */
        void next(Walk walk, long base, LogIndex.Visitor visitor) {
            nextSlots(directory, lines, walk, (home, slot) -> visitor.visit(IndexPart.position(slot, base)));
        }
    }

    private static final long NEVER = -1;

    private final int lines;
    private final ReadEpochs epochs;
    private final SegmentAllocator system;
    private final Deque<Retired> retired = new ArrayDeque<>();
    private volatile IndexPart[] directory;
    private volatile long size;

    private final List<Frozen> frozen = new ArrayList<>();
    private final List<Kept> kept = new ArrayList<>();
    private long generation;
    private long frozenLast = NEVER;
    private long copies;

    /**
     * @param lines of a part, a power of two
     * @param system gives the parts their memory, zeroed
     */
    TableIndex(int lines, ReadEpochs epochs, SegmentAllocator system) {
        this.system = system;
        this.lines = lines;
        this.epochs = epochs;
        this.directory = new IndexPart[] {new IndexPart(memory(), 0, 0, 0)};
    }

    int lines() {
        return lines;
    }

    /** Whether it is as it was made: nothing in it, and in the least of memory. */
    boolean isNew() {
        return size == 0 && directory.length == 1 && retired.isEmpty() && frozen.isEmpty() && kept.isEmpty();
    }

    /** The number of entries. */
    long size() {
        return size;
    }

    /** The memory of the parts in bytes, of those included that wait to be used again. Own thread. */
    long memoryBytes() {
        return (retired.size() + kept.size() + countParts(directory)) * lines * IndexPart.LINE_BYTES;
    }

    private static long countParts(IndexPart[] all) {
        long parts = 0;
        for (int i = 0; i < all.length; i += span(all, all[i])) {
            parts++;
        }
        return parts;
    }

    /** In how many places of the directory a part is. */
    private static int span(IndexPart[] all, IndexPart part) {
        return all.length >>> part.depth;
    }

    private static IndexPart partOf(IndexPart[] all, long hash) {
        return partOfTag(all, IndexPart.tagOf(hash));
    }

    private static IndexPart partOfTag(IndexPart[] all, int tag) {
        int depth = Integer.numberOfTrailingZeros(all.length);
        return all[tag >>> IndexPart.TAG_BITS - depth];
    }

    /** Whether the key has an entry; the probe is then at its item. */
    boolean find(long hash, long base, KeyProbe probe) {
        return partOf(directory, hash).find(hash, base, probe) >= 0;
    }

    /** Brings where a key's entry would be into the cache; what is returned only says that it was read. */
    long touch(long hash) {
        return partOf(directory, hash).touch(hash);
    }

    /** As the other, and looks first where the hint says; if there is an entry, the hint is of that afterwards. */
    boolean find(long hash, long base, KeyProbe probe, IndexHint hint) {
        IndexPart part = partOf(directory, hash);
        if (hint.holdsIn(part) && probe.isKeyAt(IndexPart.position(hint.slot(), base))) {
            return true;
        }
        long at = part.find(hash, base, probe);
        if (at >= 0) {
            hint.set(part, at);
        }
        return at >= 0;
    }

    /**
     * The position that most likely is that of the key's item, and a hint at its entry; 0 if nothing is known of it.
     */
    long first(long hash, long base, IndexHint hint) {
        IndexPart part = partOf(directory, hash);
        long at = part.first(hash);
        if (at < 0) {
            hint.forget();
            return 0;
        }
        hint.set(part, at);
        return IndexPart.position(hint.slot(), base);
    }

    /** Whether there is an entry with this hash and this position. */
    boolean contains(long hash, long position) {
        return partOf(directory, hash).find(hash, position) >= 0;
    }

    /**
     * Lets a key show a position.
     *
     * @return whether it had an entry; the probe is then at the item that it showed before
     */
    boolean put(long hash, long position, long base, KeyProbe probe) {
        IndexPart part = partOf(directory, hash);
        long at = part.find(hash, base, probe);
        if (at >= 0) {
            changeable(part).move(at, position);
            return true;
        }
        insert(hash, position);
        return false;
    }

    /** Lets the entry with this hash and position, which is there and maybe where the hint says, show another one. */
    void replace(long hash, long position, long newPosition, IndexHint hint) {
        IndexPart part = partOf(directory, hash);
        boolean isThere = hint.holdsIn(part) && IndexPart.shows(hint.slot(), position);
        changeable(part).move(isThere ? hint.at() : part.find(hash, position), newPosition);
    }

    /**
     * Sees to it that the next {@link #insert} of this hash needs no memory, unless there are snapshots.
     *
     * @throws OutOfMemoryError if there is none; nothing has changed then
     */
    void makeRoom(long hash) {
        IndexPart part = partOf(directory, hash);
        while (isFull(part) || !part.hasRoom(hash)) {
            replace(part);
            part = partOf(directory, hash);
        }
    }

    /** Puts an entry in for a key that has none. */
    void insert(long hash, long position) {
        IndexPart part = partOf(directory, hash);
        while (isFull(part) || !changeable(part).insert(hash, position)) {
            replace(partOf(directory, hash));
            part = partOf(directory, hash);
        }
        setSize(size + 1);
    }

    private static boolean isFull(IndexPart part) {
        return part.used * 100L >= part.slots() * (long) FULL_PERCENT;
    }

    /** Takes a key's entry out. Returns whether there was one; the probe is then at its item. */
    boolean remove(long hash, long base, KeyProbe probe) {
        IndexPart part = partOf(directory, hash);
        return remove(part, part.find(hash, base, probe));
    }

    /** Takes the entry with this hash and this position out, if there is one. */
    boolean remove(long hash, long position) {
        IndexPart part = partOf(directory, hash);
        return remove(part, part.find(hash, position));
    }

    private boolean remove(IndexPart part, long at) {
        if (at >= 0) {
            changeable(part).remove(at);
            setSize(size - 1);
        }
        return at >= 0;
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // one thread writes
    private void setSize(long newSize) {
        size = newSize;
    }

    /** Takes all entries out. */
    void clear() {
        IndexPart[] old = directory;
        directory = new IndexPart[] {new IndexPart(memory(), 0, 0, generation)};
        size = 0;
        long epoch = epochs.advance();
        for (int i = 0; i < old.length; i += span(old, old[i])) {
            retire(old[i], epoch);
        }
    }

    /** Makes room for so many entries in one go; it is empty. So they may come in any order, be it their own. */
    void reserve(long entries) {
        int depth = 0;
        while (depth < IndexPart.TAG_BITS
                && entries * 100 > ((long) lines * IndexPart.SLOTS << depth) * RESERVE_PERCENT) {
            depth++;
        }
        retire(directory[0], epochs.advance());
        IndexPart[] parts = new IndexPart[1 << depth];
        for (int i = 0; i < parts.length; i++) {
            parts[i] = new IndexPart(memory(), depth, i, generation);
        }
        directory = parts;
    }

    // ---- staying as it was --------------------------------------------------------------------------------------

    /** The index as it is now, and stays until it is thawed. What is changed meanwhile is copied once, part by part. */
    Frozen freeze() {
        Frozen now = new Frozen(this);
        frozen.add(now);
        frozenLast = generation++;
        return now;
    }

    /** Nobody looks at this any more. */
    void thaw(Frozen old) {
        frozen.remove(old);
        frozenLast = frozen.isEmpty() ? NEVER : frozen.getLast().generation;
        long epoch = epochs.advance();
        for (Kept part : kept) {
            if (!isKept(part)) {
                retired.add(new Retired(part.part.memory, epoch));
            }
        }
        kept.removeIf(part -> !isKept(part));
    }

    private boolean isKept(Kept part) {
        for (Frozen each : frozen) {
            if (part.isIn(each)) {
                return true;
            }
        }
        return false;
    }

    /** How many parts had to be copied before they could be changed. */
    long copies() {
        return copies;
    }

    /** A part of the directory, or the copy that has taken its place. */
    private IndexPart changeable(IndexPart part) {
        if (part.generation > frozenLast) {
            return part;
        }
        IndexPart copy = part.copy(memory(), generation);
        IndexPart[] next = directory.clone();
        place(next, copy);
        directory = next;
        retire(part, epochs.advance());
        copies++;
        return copy;
    }

    /** A part is not in the directory any more. */
    private void retire(IndexPart part, long epoch) {
        if (part.generation <= frozenLast) {
            kept.add(new Kept(part, generation));
        } else {
            retired.add(new Retired(part.memory, epoch));
        }
    }

    // ---- growing ------------------------------------------------------------------------------------------------

    /** Puts two parts in the place of one that has run full, or one, if most of what fills it are tombstones. */
    private void replace(IndexPart full) {
        boolean split = full.live * 100L >= full.slots() * (long) SPLIT_PERCENT || full.live == full.used;
        if (split || !replaceByOne(full)) {
            replaceByTwo(full);
        }
        retire(full, epochs.advance());
    }

    private boolean replaceByOne(IndexPart full) {
        IndexPart fresh = new IndexPart(memory(), full.depth, full.prefix, generation);
        if (!full.copyTo(fresh, fresh)) {
            retired.add(new Retired(fresh.memory, 0));
            return false;
        }
        IndexPart[] next = directory.clone();
        place(next, fresh);
        directory = next;
        return true;
    }

    private void replaceByTwo(IndexPart full) {
        if (full.depth == IndexPart.TAG_BITS) {
            throw new IllegalStateException("the index of a table is full at " + size + " keys");
        }
        IndexPart zero = new IndexPart(memory(), full.depth + 1, full.prefix << 1, generation);
        IndexPart one = new IndexPart(memory(), full.depth + 1, full.prefix << 1 | 1, generation);
        if (!full.copyTo(zero, one)) {
            throw new AssertionError("fewer entries in as many lines found no room");
        }
        IndexPart[] next =
                full.depth < Integer.numberOfTrailingZeros(directory.length) ? directory.clone() : doubled(directory);
        place(next, zero);
        place(next, one);
        directory = next;
    }

    private static IndexPart[] doubled(IndexPart[] all) {
        IndexPart[] twice = new IndexPart[all.length * 2];
        for (int i = 0; i < twice.length; i++) {
            twice[i] = all[i / 2];
        }
        return twice;
    }

    private static void place(IndexPart[] all, IndexPart part) {
        int span = span(all, part);
        Arrays.fill(all, part.prefix * span, (part.prefix + 1) * span, part);
    }

    /** Zeroed memory for a part: used before if nobody reads it any more. */
    private MemorySegment memory() {
        Retired oldest = retired.peek();
        if (oldest != null && epochs.passed(oldest.epoch)) {
            retired.remove();
            epochs.reuse();
            return oldest.memory.fill((byte) 0);
        }
        return system.allocate((long) lines * IndexPart.LINE_BYTES, IndexPart.LINE_BYTES);
    }

    // ---- walking ------------------------------------------------------------------------------------------------

    /** Shows the next few entries of a walk, possibly none. */
    void next(Walk walk, long base, LogIndex.Visitor visitor) {
        nextSlots(walk, (home, slot) -> visitor.visit(IndexPart.position(slot, base)));
    }

    /** As {@link #next}, showing the slots. */
    void nextSlots(Walk walk, SlotVisitor visitor) {
        nextSlots(directory, lines, walk, visitor);
    }

    private static void nextSlots(IndexPart[] all, int lines, Walk walk, SlotVisitor visitor) {
        if (walk.line == 0) {
            // Not beyond the part; and not beyond what is left, where a clear put a larger part in its place.
            walk.depth = Math.max(partOfTag(all, walk.tag).depth, Walk.leastDepth(walk.tag));
        }
        int span = 1 << IndexPart.TAG_BITS - walk.depth;
        int prefix = walk.tag / span;
        for (int tag = walk.tag; tag < walk.tag + span; ) {
            IndexPart part = partOfTag(all, tag);
            part.show(walk.line, walk.depth, prefix, visitor);
            tag += 1 << IndexPart.TAG_BITS - part.depth;
        }
        if (++walk.line == lines) {
            walk.line = 0;
            walk.tag += span;
        }
    }

    /** The position of any entry, 0 if there is none. Which one is not exactly even: lone ones come more often. */
    long random(RandomGenerator random, long base) {
        if (size == 0) {
            return IndexPart.NONE;
        }
        IndexPart[] all = directory;
        int at = random.nextInt(all.length);
        while (all[at].live == 0) {
            at = at + 1 & all.length - 1;
        }
        return all[at].random(random, base);
    }
}
