package io.sietch.persistent;

import java.lang.foreign.MemorySegment;

/** Acknowledged ids that no record tells of yet, as ranges: in order, a million of them are one. */
final class AckRanges {
    /** A record of this many ranges still fits in one block of 4 KiB. */
    static final int MAX = 240;

    private final long[] first = new long[MAX];
    private final long[] last = new long[MAX];
    private int count;

    int count() {
        return count;
    }

    boolean isEmpty() {
        return count == 0;
    }

    /** Whether the next id might find no room. */
    boolean isFull() {
        return count == MAX;
    }

    void add(long id) {
        if (count > 0 && last[count - 1] + 1 == id) {
            last[count - 1] = id;
        } else {
            first[count] = id;
            last[count] = id;
            count++;
        }
    }

    void write(MemorySegment segment, long at) {
        for (int i = 0; i < count; i++) {
            QueueRecordFormat.writeRange(segment, at, i, first[i], last[i]);
        }
    }

    void addTo(IdSet ids) {
        for (int i = 0; i < count; i++) {
            ids.addRange(first[i], last[i]);
        }
    }

    void clear() {
        count = 0;
    }
}
