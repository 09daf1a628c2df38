package io.sietch.persistent;

import java.security.SecureRandom;
import java.util.function.LongSupplier;

/**
 * How a table is set up.
 *
 * @param spaceAmplification how many bytes the log may hold for each byte of keys and values that are there; beyond
 *     that, the oldest part is cleaned. At least 1.25. The smaller, the more is written for it: cleaning appends at
 *     most {@code 1 / (spaceAmplification - 1)} bytes for each byte that it frees
 * @param seeds draws the secret of the hash function, which is new each time the table is opened
 * @param indexLines cache lines in each part of the index, a power of two from 16 to 4096
 */
public record TableOptions(double spaceAmplification, LongSupplier seeds, int indexLines) {
    /** Twice as many bytes as are needed. */
    public static final TableOptions DEFAULTS = new TableOptions(2.0, new SecureRandom()::nextLong, TableIndex.LINES);

    public TableOptions {
        if (!(spaceAmplification >= 1.25)) {
            throw new IllegalArgumentException(
                    "a space amplification of " + spaceAmplification + ": must be at least 1.25");
        }
        if (indexLines < 16 || indexLines > TableIndex.LINES || Integer.bitCount(indexLines) != 1) {
            throw new IllegalArgumentException(
                    "index parts of " + indexLines + " lines: must be a power of two from 16 to " + TableIndex.LINES);
        }
    }

    public TableOptions withSpaceAmplification(double newSpaceAmplification) {
        return new TableOptions(newSpaceAmplification, seeds, indexLines);
    }

    public TableOptions withSeeds(LongSupplier newSeeds) {
        return new TableOptions(spaceAmplification, newSeeds, indexLines);
    }

    public TableOptions withIndexLines(int newIndexLines) {
        return new TableOptions(spaceAmplification, seeds, newIndexLines);
    }
}
