package io.sietch.persistent;

import org.roaringbitmap.longlong.Roaring64Bitmap;

/**
 * A set of ids from 0 on, mostly long ranges of them.
 *
 * <p>{@link Roaring64Bitmap#addRange} goes over its last 65,536 ids in steps as long as the range's part of them, so a
 * range of one id costs as much as 65,536: milliseconds, for each record of a log. Short parts are added one by one.
 */
final class IdSet {
    /** The library counts in containers of so many ids. */
    private static final long CONTAINER_MASK = 0xffff;

    /** Up to so many ids are added one by one: about what the steps over a container would cost. */
    private static final long SHORT = 1024;

    private final Roaring64Bitmap ids = new Roaring64Bitmap();

    /** Adds the ids from {@code first} to {@code last}, both included. */
    void addRange(long first, long last) {
        long end = last + 1;
        long tail = Math.min(end - first, end & CONTAINER_MASK);
        long middle = tail < SHORT ? end - tail : end;
        if (first < middle) {
            ids.addRange(first, middle);
        }
        for (long id = middle; id < end; id++) {
            ids.addLong(id);
        }
    }

    boolean contains(long id) {
        return ids.contains(id);
    }

    /** How many of the ids from {@code first} to {@code last}, both included, are in it. */
    long countOf(long first, long last) {
        if (last - first < SHORT) {
            long found = 0;
            for (long id = first; id <= last; id++) {
                found += ids.contains(id) ? 1 : 0;
            }
            return found;
        }
        return ids.rankLong(last) - (first == 0 ? 0 : ids.rankLong(first - 1));
    }

    long count() {
        return ids.getLongCardinality();
    }

    void removeAll(IdSet others) {
        ids.andNot(others.ids);
    }
}
