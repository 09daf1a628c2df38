package io.sietch.persistent;

import io.sietch.vsic.Vsa;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * Which slot each living segment is in, and where it ends.
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>The living segments are the numbers {@code first} to {@code last}; a number whose slot is unknown (-1) was
 *       lost.
 *   <li>Each slot holds at most one living segment, or one that is {@link #hold held} beyond its life; the others are
 *       free.
 *   <li>The entry of a living segment changes only in its end, once, before its successor is written to.
 * </ol>
 *
 * <p>Threads: changed by the log's owner. Other threads may look up a living segment that they have pinned and know to
 * be written, through the log's volatile {@code written} position.
 */
final class SegmentTable {
    static final long OPEN = -1;

    /** Entries by segment number modulo a power of two. Replaced as a whole when slots are added. */
    private static final class Entries {
        final int[] slot;
        final long[] end;
        final MemorySegment[] views;
        private final int mask;

        Entries(int slots) {
            int length = Integer.highestOneBit(2 * slots - 1);
            this.slot = new int[length];
            this.end = new long[length];
            this.mask = length - 1;
            this.views = new MemorySegment[slots];
            Arrays.fill(slot, -1);
            Arrays.fill(end, OPEN);
        }

        int index(long segment) {
            return (int) segment & mask;
        }
    }

    private final LogGeometry geometry;
    private final Vsa area;
    private final BitSet used = new BitSet();

    /** How often each slot is held; and which of these hold no living segment any more. */
    private int[] holds;

    private final BitSet outlived = new BitSet();
    private volatile Entries entries;
    private int slots;
    private int usableSlots;
    private int free;
    private long first;
    private long last;

    /** A table without living segments; the next one is {@code next}. */
    SegmentTable(LogGeometry geometry, Vsa area, int slots, long next) {
        this.geometry = geometry;
        this.area = area;
        this.slots = slots;
        this.usableSlots = slots;
        this.free = slots;
        this.holds = new int[slots];
        this.first = next;
        this.last = next - 1;
        this.entries = new Entries(slots);
        lookUpViews(entries);
    }

    private void lookUpViews(Entries target) {
        for (int slot = 0; slot < slots; slot++) {
            target.views[slot] = area.view(geometry.slotOffset(slot), geometry.segmentBytes());
        }
    }

    long first() {
        return first;
    }

    /** The segment being written, {@code first() - 1} if there is none. */
    long last() {
        return last;
    }

    int slots() {
        return slots;
    }

    int freeSlots() {
        return free;
    }

    boolean isLiving(long segment) {
        return segment >= first && segment <= last;
    }

    /** The slot of a living segment; -1 if it was lost. */
    int slotOf(long segment) {
        Entries now = entries;
        return now.slot[now.index(segment)];
    }

    /** The end of the last commit in a living segment, or {@link #OPEN} while it may still grow. */
    long endOf(long segment) {
        Entries now = entries;
        return now.end[now.index(segment)];
    }

    /** The window on the slot of a living segment; null if it was lost. */
    @Nullable
    MemorySegment windowOf(long segment) {
        Entries now = entries;
        int slot = now.slot[now.index(segment)];
        return slot < 0 ? null : now.views[slot];
    }

    /** The window on a slot. */
    MemorySegment view(int slot) {
        return entries.views[slot];
    }

    /** Puts the next segment in the lowest free slot, and ends its predecessor. There must be a free slot. */
    int open(long segment, long previousEnd) {
        assert free > 0 && segment == last + 1;
        int slot = used.nextClearBit(0);
        assert slot < usableSlots;
        place(segment, slot, previousEnd);
        return slot;
    }

    /** Puts the next segment in the slot where recovery found it; -1 if it was lost. */
    void place(long segment, int slot, long previousEnd) {
        Entries now = entries;
        if (segment - 1 >= first) {
            now.end[now.index(segment - 1)] = previousEnd;
        }
        int index = now.index(segment);
        now.slot[index] = slot;
        now.end[index] = OPEN;
        last = segment;
        if (slot >= 0) {
            assert !used.get(slot);
            used.set(slot);
            free--;
        }
    }

    /** Undoes {@link #open} of a segment that nothing was written to. */
    void undoOpen() {
        Entries now = entries;
        int index = now.index(last);
        release(now.slot[index]);
        now.slot[index] = -1;
        last--;
        if (last >= first) {
            now.end[now.index(last)] = OPEN;
        }
    }

    /**
     * Frees the slots of all segments before {@code segment}.
     *
     * @return how many
     */
    int freeBefore(long segment) {
        int freed = 0;
        Entries now = entries;
        while (first < segment && first < last) {
            int index = now.index(first);
            if (now.slot[index] >= 0) {
                release(now.slot[index]);
                freed++;
            }
            now.slot[index] = -1;
            first++;
        }
        return freed;
    }

    private void release(int slot) {
        if (holds[slot] > 0) {
            outlived.set(slot);
            return;
        }
        used.clear(slot);
        free++;
    }

    /** Keeps the slots of some living segments from being used again, whatever becomes of the segments. */
    HeldSegments hold(long from, long to) {
        int[] slots = new int[(int) (to - from + 1)];
        MemorySegment[] views = new MemorySegment[slots.length];
        for (int i = 0; i < slots.length; i++) {
            assert isLiving(from + i);
            slots[i] = slotOf(from + i);
            views[i] = slots[i] < 0 ? MemorySegment.NULL : view(slots[i]);
            if (slots[i] >= 0) {
                holds[slots[i]]++;
            }
        }
        return new HeldSegments(geometry, from, slots, views);
    }

    /** They are not held any more. */
    void letGo(HeldSegments held) {
        for (int slot : held.slots()) {
            if (slot >= 0 && --holds[slot] == 0 && outlived.get(slot)) {
                outlived.clear(slot);
                release(slot);
            }
        }
    }

    /** Whether a living segment is held. */
    boolean isHeld(long segment) {
        int slot = slotOf(segment);
        return slot >= 0 && holds[slot] > 0;
    }

    /** How many slots are taken only because they are held. */
    int outlived() {
        return outlived.cardinality();
    }

    /** Learns of more slots. They are not used before {@link #useSlots}. Looks up all windows anew. */
    void extend(int newSlots) {
        Entries old = entries;
        slots = newSlots;
        holds = Arrays.copyOf(holds, Math.max(holds.length, newSlots));
        Entries more = new Entries(newSlots);
        for (long segment = first; segment <= last; segment++) {
            more.slot[more.index(segment)] = old.slot[old.index(segment)];
            more.end[more.index(segment)] = old.end[old.index(segment)];
        }
        lookUpViews(more);
        entries = more;
    }

    /** Makes the first {@code count} slots available: the superblock tells of them durably. */
    void useSlots(int count) {
        free += count - usableSlots;
        usableSlots = count;
    }
}
