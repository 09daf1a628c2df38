package io.sietch.persistent;

/** Items that are appended and not durable, in order: the hash of the key and the position of each. A growing ring. */
final class PendingItems {
    private static final int WORDS = 2;

    private long[] ring = new long[1024 * WORDS];
    private int first;
    private int words;

    boolean isEmpty() {
        return words == 0;
    }

    void add(long hash, long position) {
        if (words == ring.length) {
            long[] larger = new long[ring.length * 2];
            System.arraycopy(ring, first, larger, 0, ring.length - first);
            System.arraycopy(ring, 0, larger, ring.length - first, first);
            ring = larger;
            first = 0;
        }
        int at = first + words & ring.length - 1;
        ring[at] = hash;
        ring[at + 1] = position;
        words += WORDS;
    }

    long firstHash() {
        return ring[first];
    }

    long firstPosition() {
        return ring[first + 1];
    }

    void removeFirst() {
        first = first + WORDS & ring.length - 1;
        words -= WORDS;
    }
}
