package io.sietch.persistent;

/** Compares the key that is looked for with one in the log. */
public interface KeyProbe {
    /** Whether the item at this position has the key that is looked for. If so, the probe stays at the item. */
    boolean isKeyAt(long position);
}
