package io.sietch.crash;

/** A set of numbers that only grows: for millions of hashes, without an object for each. */
final class LongSet {
    private static final int FIRST_CAPACITY = 1 << 10;

    // Open addressing with linear probing; at most half of the places are taken. 0 means free.
    private long[] places = new long[FIRST_CAPACITY];
    private int taken;
    private boolean hasZero;

    int size() {
        return taken + (hasZero ? 1 : 0);
    }

    /** Says whether the number is new. */
    boolean add(long number) {
        if (number == 0) {
            boolean isNew = !hasZero;
            hasZero = true;
            return isNew;
        }
        if (!put(number)) {
            return false;
        }
        if (2 * ++taken > places.length) {
            long[] old = places;
            places = new long[2 * old.length];
            for (long each : old) {
                if (each != 0) {
                    put(each);
                }
            }
        }
        return true;
    }

    private boolean put(long number) {
        int mask = places.length - 1;
        int at = (int) RandomChoices.mix(number) & mask;
        while (places[at] != 0) {
            if (places[at] == number) {
                return false;
            }
            at = (at + 1) & mask;
        }
        places[at] = number;
        return true;
    }
}
