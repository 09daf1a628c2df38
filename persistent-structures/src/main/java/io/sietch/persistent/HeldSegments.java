package io.sietch.persistent;

import java.lang.foreign.MemorySegment;

/**
 * Segments of a log that stay on the medium, and can be read on any thread, until they are let go; also when the log
 * was trimmed behind them meanwhile, and whatever comes after them.
 *
 * @param slots where each segment is, from the first on; not to be changed
 * @param views the window on each; not to be changed
 */
record HeldSegments(LogGeometry geometry, long first, int[] slots, MemorySegment[] views) {
    /** The window in which a position lies, at {@link LogGeometry#offsetInSlot}. */
    MemorySegment window(long position) {
        return views[(int) (geometry.segmentOf(position) - first)];
    }
}
