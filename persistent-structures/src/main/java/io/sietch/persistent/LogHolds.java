package io.sietch.persistent;

/**
 * Keeps segments of a log as they are, though it is trimmed behind them; what comes after them may be used again
 * meanwhile.
 *
 * <p>Threads: that of the log.
 */
final class LogHolds {
    private final LogCore log;
    private final LogGeometry geometry;
    private final SegmentTable table;

    LogHolds(LogCore log, LogGeometry geometry, SegmentTable table) {
        this.log = log;
        this.geometry = geometry;
        this.table = table;
    }

    /** Keeps all segments from the head to what is written. */
    HeldSegments hold() {
        long first = geometry.segmentOf(log.head());
        return table.hold(first, Math.max(first, Math.min(table.last(), geometry.segmentOf(log.written()))));
    }

    /** What was held is used again when it is free. Nobody reads it any more. */
    void letGo(HeldSegments held) {
        table.letGo(held);
    }

    /** Whether the segment at the head stays even if it is trimmed. */
    boolean isHeadHeld() {
        long head = geometry.segmentOf(log.head());
        return table.isLiving(head) && table.isHeld(head);
    }

    /** Bytes of segments that were trimmed and are not free because they are held. */
    long bytes() {
        return (long) table.outlived() * geometry.segmentBytes();
    }
}
