package io.sietch.persistent;

import static io.sietch.persistent.Layouts.INT;
import static io.sietch.persistent.Layouts.LONG;

import java.lang.foreign.MemorySegment;

/**
 * Reads the checkpoint that a log's mark shows. Whatever is wrong with it makes it unusable, and the log is replayed
 * from its head.
 *
 * <p>Why entries of different moments do: each was the newest item of its key at some moment after {@code begin}, and
 * everything from there on is replayed. So a key that changed since gets its item by that. What an entry shows may have
 * been cleaned away: then its key has a later record, and the entry is left out.
 */
final class TableCheckpointReader {
    /** Why the log has to be replayed from its head. */
    static final class Unusable extends Exception {
        private static final long serialVersionUID = 1;

        Unusable(String message) {
            super(message);
        }
    }

    private final LogCore log;
    private final LogCursor cursor;
    private final long firstSegment;
    private final long begin;
    private final long secret0;
    private final long secret1;
    private final long total;
    private final long base;
    private final long lines;
    private final long sumsAt;
    private final long[] parts;
    private final long[] segments;
    private final boolean expiring;

    /** The checkpoint that ends at a position. */
    TableCheckpointReader(LogCore log, long mark) throws Unusable {
        this.log = log;
        this.cursor = log.cursor(log.head());
        this.firstSegment = log.geometry().segmentOf(log.head());
        long at = moveTo(mark, TableCheckpointFormat.END);
        MemorySegment end = cursor.segment();
        this.begin = end.get(LONG, at + TableCheckpointFormat.BEGIN);
        this.secret0 = end.get(LONG, at + TableCheckpointFormat.SECRET);
        this.secret1 = end.get(LONG, at + TableCheckpointFormat.SECRET + Long.BYTES);
        this.total = end.get(LONG, at + TableCheckpointFormat.TOTAL);
        this.base = end.get(LONG, at + TableCheckpointFormat.BASE);
        this.lines = end.get(LONG, at + TableCheckpointFormat.LINES);
        this.sumsAt = end.get(LONG, at + TableCheckpointFormat.SUMS_AT);
        this.parts = new long[end.get(INT, at + TableCheckpointFormat.NUMBER)];
        this.expiring = end.get(LONG, at + TableCheckpointFormat.MAGIC) == TableCheckpointFormat.END_EXPIRING;
        int words = end.get(INT, at + TableCheckpointFormat.COUNT) * segmentWords();
        this.segments = new long[words];
        for (int i = 0; i < words; i++) {
            segments[i] = end.get(LONG, at + TableCheckpointFormat.SEGMENTS + (long) i * Long.BYTES);
        }
        require(begin >= 0 && begin <= sumsAt && sumsAt <= mark, mark);
        if (sumsAt < log.head() || log.durable() - base >= IndexPart.WINDOW) {
            throw new Unusable("what the last was made from was cleaned away: it is of position " + sumsAt
                    + ", and the log begins at " + log.head());
        }
        long previous = end.get(LONG, at + TableCheckpointFormat.PREVIOUS);
        for (int i = parts.length - 1; i >= 0; i--) {
            parts[i] = previous;
            at = moveTo(previous, TableCheckpointFormat.PART);
            require(cursor.segment().get(LONG, at + TableCheckpointFormat.BEGIN) == begin, previous);
            require(cursor.segment().get(INT, at + TableCheckpointFormat.NUMBER) == i, previous);
            previous = cursor.segment().get(LONG, at + TableCheckpointFormat.PREVIOUS);
        }
    }

    private int segmentWords() {
        return TableCheckpointFormat.segmentBytes(expiring) / Long.BYTES;
    }

    long begin() {
        return begin;
    }

    long secret0() {
        return secret0;
    }

    long secret1() {
        return secret1;
    }

    private static void require(boolean holds, long position) throws Unusable {
        if (!holds) {
            throw new Unusable("its mark shows no whole checkpoint: there is none at position " + position);
        }
    }

    /** Moves to a record of the checkpoint; returns where in the segment it is. */
    private long moveTo(long position, long magic) throws Unusable {
        if (position < log.head() && position > 0) {
            throw new Unusable("the last was cleaned away: it has a part at position " + position
                    + ", and the log begins at " + log.head());
        }
        require(position >= log.head() && position < log.durable(), position);
        try {
            cursor.restart(position);
            require(cursor.next() && cursor.start() == position, position);
            TableRecordFormat.check(cursor.segment(), cursor.offset(), cursor.offset() + cursor.length());
        } catch (LogFormatException | LogCorruptException e) {
            throw new Unusable("the last is damaged: " + e.getMessage());
        }
        long at = cursor.offset() + TableRecordFormat.KEY;
        require(TableRecordFormat.kind(cursor.segment(), cursor.offset()) == TableRecordFormat.CHECKPOINT, position);
        long found = cursor.segment().get(LONG, at + TableCheckpointFormat.MAGIC);
        boolean isEnd = magic == TableCheckpointFormat.END;
        require(isEnd ? TableCheckpointFormat.isEnd(found) : found == magic, position);
        int count = cursor.segment().get(INT, at + TableCheckpointFormat.COUNT);
        int bytes = isEnd
                ? TableCheckpointFormat.endBytes(count, found == TableCheckpointFormat.END_EXPIRING)
                : TableCheckpointFormat.partBytes(count);
        require(bytes == TableRecordFormat.valueLength(cursor.segment(), cursor.offset()), position);
        return at;
    }

    /** Brings the entries into contents that are empty. If they are not all right, some are there. */
    void load(TableContents contents, long newBase) throws Unusable {
        if (contents.index().lines() > lines) {
            throw new Unusable("the last was made with index parts of " + lines + " lines, and more are wanted now: "
                    + contents.index().lines());
        }
        // The entries come in the order of their tags, and of their lines: in an index that is to grow, all would be in
        // one place.
        require(total >= 0 && total <= log.durable() / TableRecordFormat.KEY, log.marked());
        contents.index().reserve(total);
        long seen = 0;
        for (long part : parts) {
            long at = moveTo(part, TableCheckpointFormat.PART);
            int count = cursor.segment().get(INT, at + TableCheckpointFormat.COUNT);
            seen += loadWords(contents, newBase, at + TableCheckpointFormat.WORDS, count);
        }
        require(seen == total, log.marked());
        for (int i = 0; i < segments.length; i += segmentWords()) {
            if (segments[i] >= firstSegment) {
                contents.count(segments[i], segments[i + 1], segments[i + 2], sumsAt);
                contents.expiries().addTo(segments[i], expiring ? segments[i + 3] : SegmentExpiries.NONE);
            }
        }
    }

    private int loadWords(TableContents contents, long newBase, long at, int count) throws Unusable {
        MemorySegment part = cursor.segment();
        int home = 0;
        int entries = 0;
        for (long from = at; from < at + (long) count * Long.BYTES; from += Long.BYTES) {
            long word = part.get(LONG, from);
            int newHome = IndexPart.homeOfWord(word);
            if (newHome >= 0) {
                home = newHome;
                continue;
            }
            entries++;
            long position = IndexPart.position(word, base);
            if (log.geometry().segmentOf(position) >= firstSegment) {
                require(position < log.durable(), position);
                contents.load(IndexPart.hashOf(home, word), position, newBase);
            }
        }
        return entries;
    }
}
