package io.sietch.persistent;

import static io.sietch.persistent.Layouts.INT;
import static io.sietch.persistent.Layouts.LONG;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * Reads the checkpoint that a log's mark shows. Whatever is wrong with it makes it unusable, and the log is replayed
 * from its head.
 *
 * <p>Why entries of different moments do: each was what its key had at some moment after {@code begin}, and everything
 * from there on is replayed. So a key that changed since gets what it has by that. What an entry shows may have been
 * cleaned away: then its key has a later record, and the entry is left out.
 *
 * <p>Threads: that of the log.
 */
public final class IndexCheckpointReader {
    /** Why the log has to be replayed from its head. */
    public static final class Unusable extends Exception {
        private static final long serialVersionUID = 1;

        Unusable(String message) {
            super(message);
        }
    }

    /** Receives what the checkpoint holds. */
    public interface Target {
        /** Whether these bytes are a head as {@link IndexCheckpoint.Owner#writeHead} writes it, of so many bytes. */
        boolean isHead(MemorySegment record, long at, int bytes);

        /**
         * An entry.
         *
         * @param hash as much of it as the index knows
         * @param position that it shows
         * @param other the position of another record that it needs; {@link IndexCheckpoint#NOTHING} if it needs none
         * @param detail what was told with that
         */
        void load(long hash, long position, long other, long detail);

        /** What is alive in a segment, and when the first of that expires. */
        void count(long segment, long first, long second, long earliest);
    }

    private final LogCore log;
    private final Target target;
    private final LogCursor cursor;
    private final long firstSegment;
    private final long mark;
    private final long begin;
    private final KeyHash hash;
    private final long total;
    private final long base;
    private final long lines;
    private final long sumsAt;
    private final int records;
    private final long last;
    private long[] segments;
    private int segmentsRead;
    private final int segmentWords;

    /**
     * The checkpoint that the log's mark shows.
     *
     * @throws Unusable if there is none, or it was made from what is not there any more
     */
    public IndexCheckpointReader(LogCore log, Target target) throws Unusable {
        this.log = log;
        this.target = target;
        this.mark = log.marked();
        if (mark == 0) {
            throw new Unusable("there is none");
        }
        this.cursor = log.cursor(log.head());
        this.firstSegment = log.geometry().segmentOf(log.head());
        long at = moveTo(mark);
        MemorySegment end = cursor.segment();
        require(IndexCheckpointFormat.isEnd(end, at), mark);
        this.begin = end.get(LONG, at + IndexCheckpointFormat.BEGIN);
        long secret = at + IndexCheckpointFormat.SECRET;
        this.hash = new KeyHash(end.get(LONG, secret), end.get(LONG, secret + Long.BYTES));
        this.total = end.get(LONG, at + IndexCheckpointFormat.TOTAL);
        this.base = end.get(LONG, at + IndexCheckpointFormat.BASE);
        this.lines = end.get(LONG, at + IndexCheckpointFormat.LINES);
        this.sumsAt = end.get(LONG, at + IndexCheckpointFormat.SUMS_AT);
        this.records = end.get(INT, at + IndexCheckpointFormat.NUMBER);
        this.last = end.get(LONG, at + IndexCheckpointFormat.PREVIOUS);
        this.segmentWords = IndexCheckpointFormat.segmentWordsOf(end.get(LONG, at + IndexCheckpointFormat.MAGIC));
        int segmentsHere = end.get(INT, at + IndexCheckpointFormat.COUNT) * segmentWords;
        this.segments = new long[segmentsHere];
        readSegments(end, at + IndexCheckpointFormat.END_BYTES, segmentsHere);
        require(begin >= 0 && begin <= sumsAt && sumsAt <= mark && records >= 0, mark);
        if (sumsAt < log.head() || log.durable() - base >= IndexPart.WINDOW) {
            throw new Unusable("what the last was made from was cleaned away: it is of position " + sumsAt
                    + ", and the log begins at " + log.head());
        }
        require(total >= 0 && total <= log.durable() / LogFormat.RECORD_ALIGNMENT, mark);
    }

    /** How many entries it has. */
    public long entries() {
        return total;
    }

    /** Nothing that it shows is before this position. */
    public long firstPosition() {
        return log.geometry().positionOf(firstSegment, 0);
    }

    /** From here on the log is to be replayed over the entries. */
    public long replayFrom() {
        // What was before the head is not there to be replayed, and of what is there nothing depends on it.
        return Math.max(begin, log.head());
    }

    /** What is replayed before this position is in the sums already. */
    public long countedTo() {
        return sumsAt;
    }

    /** By which keys are in the index. */
    public KeyHash hash() {
        return hash;
    }

    long begin() {
        return begin;
    }

    private static void require(boolean holds, long position) throws Unusable {
        if (!holds) {
            throw new Unusable("its mark shows no whole checkpoint: there is none at position " + position);
        }
    }

    /** Moves to a record of the checkpoint; returns where in the segment it is. */
    private long moveTo(long position) throws Unusable {
        if (position < log.head() && position > 0) {
            throw new Unusable("the last was cleaned away: it has a part at position " + position
                    + ", and the log begins at " + log.head());
        }
        require(position >= log.head() && position < log.durable(), position);
        try {
            cursor.restart(position);
            require(cursor.next() && cursor.start() == position, position);
        } catch (LogCorruptException e) {
            throw new Unusable("the last is damaged: " + e.getMessage());
        }
        int bytes = cursor.length() - IndexCheckpoint.HEAD_BYTES;
        require(bytes >= IndexCheckpointFormat.WORDS, position);
        require(target.isHead(cursor.segment(), cursor.offset(), bytes), position);
        long at = cursor.offset() + IndexCheckpoint.HEAD_BYTES;
        require(IndexCheckpointFormat.bytesAt(cursor.segment(), at) == bytes, position);
        return at;
    }

    /**
     * Brings the entries into an index that is empty, and all of it to the target. If they are not all right, some are
     * there.
     */
    public void load(LogIndex index) throws Unusable {
        load(index.index());
    }

    void load(TableIndex index) throws Unusable {
        if (index.lines() > lines) {
            throw new Unusable("the last was made with index parts of " + lines + " lines, and more are wanted now: "
                    + index.lines());
        }
        // The entries come in the order of their tags, and of their lines: in an index that is to grow, all would be in
        // one place.
        index.reserve(total);
        long seen = 0;
        long position = last;
        for (int number = records - 1; number >= 0; number--) {
            long at = moveTo(position);
            MemorySegment record = cursor.segment();
            require(record.get(LONG, at + IndexCheckpointFormat.BEGIN) == begin, position);
            require(record.get(INT, at + IndexCheckpointFormat.NUMBER) == number, position);
            int count = record.get(INT, at + IndexCheckpointFormat.COUNT);
            long magic = record.get(LONG, at + IndexCheckpointFormat.MAGIC);
            require(!IndexCheckpointFormat.isEnd(record, at), position);
            if (magic == IndexCheckpointFormat.PART) {
                seen += loadWords(record, at + IndexCheckpointFormat.WORDS, count);
            } else {
                require(count % segmentWords == 0, position);
                readSegments(record, at + IndexCheckpointFormat.WORDS, count);
            }
            position = record.get(LONG, at + IndexCheckpointFormat.PREVIOUS);
        }
        require(position == 0 && seen == total, mark);
        for (int i = 0; i < segmentsRead; i += segmentWords) {
            if (segments[i] >= firstSegment) {
                boolean expiring = segmentWords == IndexCheckpointFormat.SEGMENT_WORDS;
                target.count(
                        segments[i],
                        segments[i + 1],
                        segments[i + 2],
                        expiring ? segments[i + 3] : SegmentExpiries.NONE);
            }
        }
    }

    private void readSegments(MemorySegment record, long at, int count) {
        if (segmentsRead + count > segments.length) {
            segments = Arrays.copyOf(segments, 2 * segments.length + count);
        }
        for (int i = 0; i < count; i++) {
            segments[segmentsRead++] = record.get(LONG, at + (long) i * Long.BYTES);
        }
    }

    private int loadWords(MemorySegment part, long at, int count) throws Unusable {
        long end = at + (long) count * Long.BYTES;
        int home = 0;
        int entries = 0;
        for (long from = at; from < end; from += Long.BYTES) {
            long word = part.get(LONG, from);
            int newHome = IndexPart.homeOfWord(word);
            if (newHome >= 0) {
                home = newHome;
                continue;
            }
            entries++;
            long other = IndexCheckpoint.NOTHING;
            long detail = 0;
            if (IndexPart.isDetailed(word)) {
                require(from + (1 + IndexCheckpointFormat.DETAIL_WORDS) * Long.BYTES <= end, mark);
                other = part.get(LONG, from + Long.BYTES);
                detail = part.get(LONG, from + 2 * Long.BYTES);
                from += IndexCheckpointFormat.DETAIL_WORDS * Long.BYTES;
            }
            long position = IndexPart.position(word, base);
            if (isThere(position) && (other == IndexCheckpoint.NOTHING || isThere(other))) {
                target.load(IndexPart.hashOf(home, word), position, other, detail);
            }
        }
        return entries;
    }

    private boolean isThere(long position) throws Unusable {
        require(position > 0 && position < log.durable(), position);
        return log.geometry().segmentOf(position) >= firstSegment;
    }
}
