package io.sietch.persistent;

import java.util.Locale;

/**
 * What opening a table took.
 *
 * @param loadedKeys how many keys were taken over from a checkpoint of the index
 * @param replayedFrom from this position on the log was replayed: its head, if there was no checkpoint to go on from
 * @param replayedBytes how much that was
 * @param whyFromHead why there was no such checkpoint; empty if there was one, or nothing to open
 */
public record TableOpening(long loadedKeys, long replayedFrom, long replayedBytes, String whyFromHead) {
    static final TableOpening NONE = new TableOpening(0, 0, 0, "");

    /** In a sentence. */
    @Override
    public String toString() {
        return String.format(Locale.ROOT, "%,d keys from a checkpoint, %,d bytes replayed", loadedKeys, replayedBytes)
                + (whyFromHead.isEmpty() ? "" : ": " + whyFromHead);
    }
}
