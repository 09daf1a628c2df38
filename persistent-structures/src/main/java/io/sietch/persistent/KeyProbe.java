package io.sietch.persistent;

/** Compares the key that is looked for with one in the log. */
@FunctionalInterface
public interface KeyProbe {
    /**
     * Whether the item at this position has the key that is looked for. If so, the probe stays at the item.
     *
     * @throws LogCorruptException if there is no item: it was damaged since its log was opened
     */
    boolean isKeyAt(long position);

    /**
     * The hash of the key that was looked at last, and was another than the one that is looked for. It is asked for
     * seldom: an index leads to another key only if the hashes have much in common. If these have not, the key is not
     * the one that was there when the index was told of it, and looking up throws a {@link LogCorruptException}.
     *
     * @param wanted the hash of the key that is looked for; to be returned by who does not look for damage
     */
    default long hashOfOther(long wanted) {
        return wanted;
    }
}
