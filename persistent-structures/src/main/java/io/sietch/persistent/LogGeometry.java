package io.sietch.persistent;

import static io.sietch.persistent.Layouts.alignUp;

/**
 * Where things lie in a log's area, and which position belongs to which place.
 *
 * <p>The area is cut into <em>slots</em> of {@code segmentBytes}. The superblock's copies take the first blocks of slot
 * 0. A slot holds one <em>segment</em> at a time: a header block, then commits. Segments are numbered 0, 1, 2 … for
 * life, and {@code position = segment * segmentBytes + offset in the slot}, so positions only grow while slots are used
 * again.
 *
 * @param areaId the area's number
 * @param salt drawn when the log was formatted; makes it infeasible to forge a checksum
 * @param blockBytes the alignment of superblocks, segment headers and buffers: at least 4 KiB
 * @param segmentBytes a power of two
 * @param commitBytes the unit in which writes may tear, and the alignment of commits: the medium's block, from a cache
 *     line to {@code blockBytes}
 */
record LogGeometry(long areaId, long salt, int blockBytes, int segmentBytes, int commitBytes) {
    static final int BLOCK_MIN = 4096;
    static final int COMMIT_MIN = LogFormat.HEADER_LENGTH;
    static final int SEGMENT_MIN = 64 << 10;
    static final int SEGMENT_MAX = 1 << 30;
    static final int SEGMENT_DEFAULT_MAX = 128 << 20;

    /**
     * The segment size for an area where none was asked for: a sixteenth, so that trim gives space back in good time.
     */
    static int defaultSegmentBytes(long areaBytes) {
        long sixteenth = Long.highestOneBit(Math.max(1, areaBytes / 16));
        return Math.clamp(sixteenth, SEGMENT_MIN, SEGMENT_DEFAULT_MAX);
    }

    static int blockBytes(int areaBlockBytes) {
        return Math.max(BLOCK_MIN, areaBlockBytes);
    }

    static int commitBytes(int areaBlockBytes) {
        return Math.max(COMMIT_MIN, areaBlockBytes);
    }

    /** What checksums are bound to. */
    long identity() {
        return Checksum.mix(areaId) ^ salt;
    }

    long segmentOf(long position) {
        return position >> Integer.numberOfTrailingZeros(segmentBytes);
    }

    int offsetInSlot(long position) {
        return (int) (position & (segmentBytes - 1));
    }

    long positionOf(long segment, int offset) {
        return segment * segmentBytes + offset;
    }

    /** Where the segment header of a slot lies: in slot 0 behind the superblock. */
    int headerOffset(int slot) {
        return slot == 0 ? LogSuperblock.COPIES * blockBytes : 0;
    }

    int firstCommitOffset(int slot) {
        return headerOffset(slot) + blockBytes;
    }

    long slotOffset(int slot) {
        return (long) slot * segmentBytes;
    }

    /**
     * The position that no commit of the segment may reach: the last end stays inside, so that ends tell their segment.
     */
    long limitOf(long segment) {
        return (segment + 1) * segmentBytes - LogFormat.RECORD_ALIGNMENT;
    }

    /** Where the commit after one with this end starts, if it is in the same segment. */
    long nextCommit(long end) {
        return alignUp(end, commitBytes);
    }

    boolean fitsInSegment(long commit, int bodyLength) {
        return bodyLength >= 0
                && bodyLength % LogFormat.RECORD_ALIGNMENT == 0
                && commit + LogFormat.HEADER_LENGTH + bodyLength <= limitOf(segmentOf(commit));
    }

    /** The longest record that fits in every slot. */
    int maxRecordBytes() {
        int room = segmentBytes
                - firstCommitOffset(0)
                - LogFormat.HEADER_LENGTH
                - LogFormat.RECORD_PAYLOAD
                - LogFormat.RECORD_ALIGNMENT;
        return Math.min(LogFormat.RECORD_MAX, room);
    }
}
