package io.sietch.vsa;

import io.sietch.vsic.Extent;

/**
 * Allocation units that lie together.
 *
 * @param start number of the first unit, counted from the front of the medium
 * @param count how many, positive
 */
record Run(int start, int count) {
    Run {
        if (start < 0 || count <= 0 || start > Integer.MAX_VALUE - count) {
            throw new IllegalArgumentException("run of " + count + " units at unit " + start);
        }
    }

    /** The first unit after this run. */
    int end() {
        return start + count;
    }

    Extent extent(int unitBytes) {
        return new Extent((long) start * unitBytes, (long) count * unitBytes);
    }
}
