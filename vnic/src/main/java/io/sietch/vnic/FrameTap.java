package io.sietch.vnic;

import java.lang.foreign.MemorySegment;

/** Sees every frame that a {@link Switch} is about to deliver, and may take it away: for captures and for tests. */
@FunctionalInterface
public interface FrameTap {
    /**
     * A frame is about to be delivered.
     *
     * @param number of the frame, counted from 0
     * @return false if it shall be lost
     */
    boolean pass(long number, MemorySegment memory, long offset, int length);
}
