package io.sietch.net;

/**
 * A few ranges of sequence numbers that neither overlap nor touch, in order. What both ends know of data beyond a hole:
 * the receiver what it holds, the sender what was reported to it. Everything lies within 2^31 of each other.
 */
final class SequenceRanges {
    private final int[] lefts;
    private final int[] rights;
    private int size;

    SequenceRanges(int capacity) {
        lefts = new int[capacity];
        rights = new int[capacity];
    }

    int size() {
        return size;
    }

    int left(int i) {
        return lefts[i];
    }

    int right(int i) {
        return rights[i];
    }

    boolean isEmpty() {
        return size == 0;
    }

    void clear() {
        size = 0;
    }

    /**
     * Adds what lies from {@code left} up to, not including, {@code right}.
     *
     * @return false if that would need one range more than there is room for
     */
    boolean add(int left, int right) {
        int first = 0;
        while (first < size && rights[first] - left < 0) {
            first++;
        }
        int last = first;
        int from = left;
        int to = right;
        while (last < size && lefts[last] - right <= 0) {
            from = lefts[last] - from < 0 ? lefts[last] : from;
            to = rights[last] - to > 0 ? rights[last] : to;
            last++;
        }
        if (first == last && size == lefts.length) {
            return false;
        }
        int moved = first + 1 - last;
        System.arraycopy(lefts, last, lefts, first + 1, size - last);
        System.arraycopy(rights, last, rights, first + 1, size - last);
        size += moved;
        lefts[first] = from;
        rights[first] = to;
        return true;
    }

    /** Forgets what lies before a number. */
    void removeBefore(int sequence) {
        int gone = 0;
        while (gone < size && rights[gone] - sequence <= 0) {
            gone++;
        }
        System.arraycopy(lefts, gone, lefts, 0, size - gone);
        System.arraycopy(rights, gone, rights, 0, size - gone);
        size -= gone;
        if (size > 0 && lefts[0] - sequence < 0) {
            lefts[0] = sequence;
        }
    }

    /** How many numbers it holds. */
    int total() {
        int total = 0;
        for (int i = 0; i < size; i++) {
            total += rights[i] - lefts[i];
        }
        return total;
    }

    /** The first number from {@code sequence} on that is not held. */
    int firstGap(int sequence) {
        int at = sequence;
        for (int i = 0; i < size; i++) {
            if (lefts[i] - at <= 0 && rights[i] - at > 0) {
                at = rights[i];
            }
        }
        return at;
    }

    /** Where the next range begins at or after a number; {@code none} if there is none. */
    int nextLeft(int sequence, int none) {
        for (int i = 0; i < size; i++) {
            if (lefts[i] - sequence >= 0) {
                return lefts[i];
            }
        }
        return none;
    }
}
