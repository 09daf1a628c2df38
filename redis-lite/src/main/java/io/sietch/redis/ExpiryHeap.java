package io.sietch.redis;

import java.util.Arrays;

/**
 * The entries with a time to live, the one that expires first on top: a binary heap in pages. Each entry knows its
 * slot. One thread.
 */
final class ExpiryHeap {
    private static final int PAGE_SHIFT = 11;
    private static final int PAGE = 1 << PAGE_SHIFT;

    private final Entries entries;
    private long[][] pages = new long[4][]; // slot s: time at 2s, entry at 2s + 1
    private int size;

    ExpiryHeap(Entries entries) {
        this.entries = entries;
    }

    int size() {
        return size;
    }

    /** When the entry in that slot expires. */
    long time(int slot) {
        return pages[slot >>> PAGE_SHIFT][(slot & PAGE - 1) * 2];
    }

    /** The entry in that slot. */
    long entry(int slot) {
        return pages[slot >>> PAGE_SHIFT][(slot & PAGE - 1) * 2 + 1];
    }

    private void set(int slot, long time, long entry) {
        long[] page = pages[slot >>> PAGE_SHIFT];
        page[(slot & PAGE - 1) * 2] = time;
        page[(slot & PAGE - 1) * 2 + 1] = entry;
        entries.setSlot(entry, slot);
    }

    void add(long entry, long time) {
        int page = size >>> PAGE_SHIFT;
        if (page == pages.length) {
            pages = Arrays.copyOf(pages, page * 2);
        }
        if (pages[page] == null) {
            pages[page] = new long[2 * PAGE];
        }
        rise(size++, time, entry);
    }

    void remove(int slot) {
        entries.setSlot(entry(slot), -1);
        size--;
        if (slot < size) {
            place(slot, time(size), entry(size));
        }
    }

    /** Changes the time of the entry in that slot. */
    void update(int slot, long time) {
        place(slot, time, entry(slot));
    }

    /** Tells that the entry in that slot is elsewhere now. */
    void moved(int slot, long entry) {
        set(slot, time(slot), entry);
    }

    void clear() {
        size = 0;
        pages = new long[4][];
    }

    private void place(int slot, long time, long entry) {
        if (slot > 0 && time < time((slot - 1) / 2)) {
            rise(slot, time, entry);
        } else {
            sink(slot, time, entry);
        }
    }

    private void rise(int from, long time, long entry) {
        int slot = from;
        while (slot > 0) {
            int parent = (slot - 1) / 2;
            if (time(parent) <= time) {
                break;
            }
            set(slot, time(parent), entry(parent));
            slot = parent;
        }
        set(slot, time, entry);
    }

    private void sink(int from, long time, long entry) {
        int slot = from;
        while (slot < size / 2) {
            int child = 2 * slot + 1;
            if (child + 1 < size && time(child + 1) < time(child)) {
                child++;
            }
            if (time(child) >= time) {
                break;
            }
            set(slot, time(child), entry(child));
            slot = child;
        }
        set(slot, time, entry);
    }
}
