package io.sietch.persistent;

/**
 * What a log knows about itself before it has read a single record.
 *
 * @param areaId the area that it belongs to
 * @param sequence counts the updates
 * @param salt see {@link LogGeometry}
 * @param epoch the life of the log: one more at each opening for writing
 * @param head the first position still kept
 * @param proven everything before it is durable, whatever recovery finds
 * @param mark a position that the log's owner wants to find again at opening; 0 if it noted none
 * @param segmentBytes see {@link LogGeometry}
 * @param blockBytes see {@link LogGeometry}
 * @param commitBytes see {@link LogGeometry}
 * @param slots slots in use; the area may have grown since
 * @param closed whether the log was closed, with nothing after {@code proven}
 */
record LogSuperblock(
        long areaId,
        long sequence,
        long salt,
        long epoch,
        long head,
        long proven,
        long mark,
        int segmentBytes,
        int blockBytes,
        int commitBytes,
        int slots,
        boolean closed) {
    /** Copies on the medium, each in a block of its own. */
    static final int COPIES = 4;

    /** Copies that must agree. Two of four: any two may be lost, and one that a crash left alone decides nothing. */
    static final int QUORUM = 2;

    /** Whether this is not what formatting wrote: at that time all copies were durable. */
    boolean isUsed() {
        return epoch > 1 || head > 0 || proven > 0 || closed;
    }

    LogGeometry geometry() {
        return new LogGeometry(areaId, salt, blockBytes, segmentBytes, commitBytes);
    }

    LogSuperblock opened(long newSequence, long newEpoch, long provenTo, int newSlots) {
        return new LogSuperblock(
                areaId,
                newSequence,
                salt,
                newEpoch,
                head,
                provenTo,
                mark,
                segmentBytes,
                blockBytes,
                commitBytes,
                newSlots,
                false);
    }

    LogSuperblock updated(long newHead, long provenTo, long newMark, int newSlots, boolean close) {
        return new LogSuperblock(
                areaId,
                sequence + 1,
                salt,
                epoch,
                newHead,
                provenTo,
                newMark,
                segmentBytes,
                blockBytes,
                commitBytes,
                newSlots,
                close);
    }
}
