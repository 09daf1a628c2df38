package io.sietch.redis;

import org.jspecify.annotations.Nullable;

/**
 * A power of two of words, 0 at first, in pages that come with the first word written to them, so that making a large
 * table takes no time and no memory.
 */
final class Buckets {
    private static final int PAGE_SHIFT = 13;

    private final long size;
    private final int pageWords;
    private final long[] @Nullable [] pages;

    Buckets(long size) {
        this.size = size;
        this.pageWords = (int) Math.min(size, 1 << PAGE_SHIFT);
        this.pages = new long[Math.toIntExact(Math.max(1, size >>> PAGE_SHIFT))][];
        assert Long.bitCount(size) == 1;
    }

    long size() {
        return size;
    }

    long get(long index) {
        long[] page = pages[(int) (index >>> PAGE_SHIFT)];
        return page == null ? 0 : page[(int) index & pageWords - 1];
    }

    void set(long index, long word) {
        int number = (int) (index >>> PAGE_SHIFT);
        long[] page = pages[number];
        if (page == null) {
            if (word == 0) {
                return;
            }
            page = new long[pageWords];
            pages[number] = page;
        }
        page[(int) index & pageWords - 1] = word;
    }

    /** Tells that no word below {@code index} will be asked for again: whole pages there are given back. */
    void drop(long index) {
        int passed = (int) (index >>> PAGE_SHIFT) - 1;
        if (passed >= 0 && (index & pageWords - 1) == 0) {
            pages[passed] = null;
        }
    }
}
