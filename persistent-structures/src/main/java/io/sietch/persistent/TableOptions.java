package io.sietch.persistent;

import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.function.LongSupplier;

/**
 * How a table is set up.
 *
 * @param spaceAmplification how many bytes the log may hold for each byte of keys and values that are there; beyond
 *     that, the oldest part is cleaned. At least 1.25. The smaller, the more is written for it: cleaning appends at
 *     most {@code 1 / (spaceAmplification - 1)} bytes for each byte that it frees
 * @param seeds draws the secret of the hash function, which is new each time the table is opened
 * @param checkpointBytes how much is appended at least before the index is copied into the log again: what has to be
 *     replayed at opening is about that, or 30 bytes for each key if that is more. {@link Long#MAX_VALUE} for never
 * @param indexLines cache lines in each part of the index, a power of two from 16 to 4096
 * @param clock tells what time it is, for entries with a time to live
 */
public record TableOptions(
        double spaceAmplification, LongSupplier seeds, long checkpointBytes, int indexLines, InstantSource clock) {
    /** Twice as many bytes as are needed. */
    public static final TableOptions DEFAULTS =
            new TableOptions(2.0, new SecureRandom()::nextLong, 64 << 20, TableIndex.LINES, InstantSource.system());

    public TableOptions {
        if (!(spaceAmplification >= 1.25)) {
            throw new IllegalArgumentException(
                    "a space amplification of " + spaceAmplification + ": must be at least 1.25");
        }
        if (checkpointBytes < 4096) {
            throw new IllegalArgumentException("a checkpoint each " + checkpointBytes + " bytes: at least 4096");
        }
        if (indexLines < 16 || indexLines > TableIndex.LINES || Integer.bitCount(indexLines) != 1) {
            throw new IllegalArgumentException(
                    "index parts of " + indexLines + " lines: must be a power of two from 16 to " + TableIndex.LINES);
        }
    }

    public TableOptions withSpaceAmplification(double newSpaceAmplification) {
        return new TableOptions(newSpaceAmplification, seeds, checkpointBytes, indexLines, clock);
    }

    public TableOptions withSeeds(LongSupplier newSeeds) {
        return new TableOptions(spaceAmplification, newSeeds, checkpointBytes, indexLines, clock);
    }

    public TableOptions withCheckpointBytes(long newCheckpointBytes) {
        return new TableOptions(spaceAmplification, seeds, newCheckpointBytes, indexLines, clock);
    }

    public TableOptions withIndexLines(int newIndexLines) {
        return new TableOptions(spaceAmplification, seeds, checkpointBytes, newIndexLines, clock);
    }

    public TableOptions withClock(InstantSource newClock) {
        return new TableOptions(spaceAmplification, seeds, checkpointBytes, indexLines, newClock);
    }
}
