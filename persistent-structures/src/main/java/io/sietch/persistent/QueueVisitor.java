package io.sietch.persistent;

import java.lang.foreign.MemorySegment;

/** Sees the items of a queue where they lie. */
@FunctionalInterface
public interface QueueVisitor {
    /**
     * Called for each item, in order.
     *
     * @param redelivered whether it was, or may have been, handed out before
     * @param segment the memory that its value lies in; not to be kept
     * @param offset where in it
     * @param length of the value in bytes
     */
    void visit(long id, boolean redelivered, MemorySegment segment, long offset, int length);
}
