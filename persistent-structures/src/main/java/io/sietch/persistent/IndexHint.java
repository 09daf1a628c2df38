package io.sietch.persistent;

/**
 * Where in a {@link LogIndex} the entry of a key was when somebody looked: so that looking it up after that, or
 * changing it, need not search for it once more. A hint may be old, or of another key: whoever uses it looks whether
 * the entry is still there, and whether it is the right one. It is for one index.
 *
 * <p>Threads: one.
 */
public final class IndexHint {
    private static final long NONE = 0;

    private long at;
    private long slot = NONE;

    /** Of nothing. */
    public IndexHint() {}

    /** It is of nothing any more. */
    public void forget() {
        slot = NONE;
    }

    void set(IndexPart part, long newAt) {
        at = newAt;
        slot = part.get(newAt);
    }

    /** Whether the part has the entry, in the same place. */
    boolean holdsIn(IndexPart part) {
        return slot != NONE && part.get(at) == slot;
    }

    /** Where in its part the entry is. */
    long at() {
        return at;
    }

    /** What the entry is. */
    long slot() {
        return slot;
    }
}
