package io.sietch.persistent;

import java.util.Arrays;

/**
 * The items that were handed out for a time, and those that came back and wait to be handed out again: where each lies.
 * A hash table with open addressing, and a heap of those that came back; nothing is allocated after it was made.
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>An entry is leased or returned; the heap holds exactly the ids of the returned ones.
 *   <li>{@code lowest}, if known, is the place of the entry with the lowest position.
 * </ol>
 */
final class QueueLeases {
    private static final long NONE = 0;
    private static final int UNKNOWN = -1;

    private final int capacity;
    private final int mask;
    private final long[] ids;
    private final long[] positions;
    private final boolean[] returned;
    private final long[] heap;
    private int heapSize;
    private int count;
    private int lowest = UNKNOWN;

    QueueLeases(int capacity) {
        this.capacity = capacity;
        int places = Integer.highestOneBit(Math.max(2, capacity)) << 2;
        this.mask = places - 1;
        this.ids = new long[places];
        this.positions = new long[places];
        this.returned = new boolean[places];
        this.heap = new long[capacity];
    }

    int count() {
        return count;
    }

    boolean isFull() {
        return count >= capacity;
    }

    private int placeOf(long id) {
        int place = (int) Checksum.mix(id) & mask;
        while (ids[place] != id && ids[place] != NONE) {
            place = (place + 1) & mask;
        }
        return place;
    }

    /** Adds a leased item. */
    void lease(long id, long position) {
        assert count < capacity;
        int place = placeOf(id);
        assert ids[place] == NONE : "leased twice: " + id;
        ids[place] = id;
        positions[place] = position;
        returned[place] = false;
        count++;
        if (count == 1) {
            lowest = place;
        } else if (lowest != UNKNOWN && position < positions[lowest]) {
            lowest = place;
        }
    }

    boolean isLeased(long id) {
        int place = placeOf(id);
        return ids[place] == id && !returned[place];
    }

    /** Where the record of an entry starts. */
    long position(long id) {
        int place = placeOf(id);
        assert ids[place] == id;
        return positions[place];
    }

    /** The record of an entry is now elsewhere. */
    void move(long id, long position) {
        positions[placeOf(id)] = position;
        lowest = UNKNOWN;
    }

    /** A leased item comes back. */
    void giveBack(long id) {
        int place = placeOf(id);
        assert ids[place] == id && !returned[place];
        returned[place] = true;
        int at = heapSize++;
        while (at > 0 && heap[(at - 1) >>> 1] > id) {
            heap[at] = heap[(at - 1) >>> 1];
            at = (at - 1) >>> 1;
        }
        heap[at] = id;
    }

    boolean hasReturned() {
        return heapSize > 0;
    }

    /** The oldest item that came back. */
    long firstReturned() {
        return heap[0];
    }

    /** All that came back, oldest first. */
    long[] returned() {
        long[] all = Arrays.copyOf(heap, heapSize);
        Arrays.sort(all);
        return all;
    }

    /** The oldest item that came back is handed out again. */
    void leaseReturned() {
        returned[placeOf(popReturned())] = false;
    }

    private long popReturned() {
        long first = heap[0];
        long moved = heap[--heapSize];
        int at = 0;
        while (true) {
            int child = 2 * at + 1;
            if (child + 1 < heapSize && heap[child + 1] < heap[child]) {
                child++;
            }
            if (child >= heapSize || heap[child] >= moved) {
                break;
            }
            heap[at] = heap[child];
            at = child;
        }
        heap[at] = moved;
        return first;
    }

    /** Forgets an item, which is leased or the oldest that came back. */
    void remove(long id) {
        int place = placeOf(id);
        assert ids[place] == id;
        if (returned[place]) {
            assert heap[0] == id;
            popReturned();
        }
        lowest = UNKNOWN;
        count--;
        closeGap(place);
    }

    private void closeGap(int freed) {
        int gap = freed;
        int next = (gap + 1) & mask;
        while (ids[next] != NONE) {
            int home = (int) Checksum.mix(ids[next]) & mask;
            if (((next - home) & mask) >= ((next - gap) & mask)) {
                ids[gap] = ids[next];
                positions[gap] = positions[next];
                returned[gap] = returned[next];
                gap = next;
            }
            next = (next + 1) & mask;
        }
        ids[gap] = NONE;
    }

    /** Sees an entry. */
    @FunctionalInterface
    interface Visitor {
        void visit(long id, long position);
    }

    /** Shows all entries, in no order. */
    void forEach(Visitor visitor) {
        for (int place = 0; place <= mask; place++) {
            if (ids[place] != NONE) {
                visitor.visit(ids[place], positions[place]);
            }
        }
    }

    /** The lowest position of an entry; {@link Long#MAX_VALUE} if there is none. */
    long lowestPosition() {
        return count == 0 ? Long.MAX_VALUE : positions[lowest()];
    }

    /** The id of the entry with the lowest position; there must be one. */
    long lowestId() {
        return ids[lowest()];
    }

    private int lowest() {
        if (lowest == UNKNOWN) {
            for (int place = 0; place <= mask; place++) {
                if (ids[place] != NONE && (lowest == UNKNOWN || positions[place] < positions[lowest])) {
                    lowest = place;
                }
            }
        }
        return lowest;
    }

    @Override
    public String toString() {
        return count + " leased or returned: "
                + Arrays.toString(Arrays.stream(ids).filter(id -> id != NONE).toArray());
    }
}
