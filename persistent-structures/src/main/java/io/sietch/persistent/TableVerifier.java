package io.sietch.persistent;

/**
 * Verifies a table a slice at a time, while it is changed and cleaned: reads every record with its checksum, replays
 * them beside the index that is in use, and compares the two in both directions. So it finds a key whose index entry is
 * missing, or shows an item that is not its newest, or none; and a size or a number of bytes that is wrong. It takes as
 * much memory again as the index. Until it is closed no segment is used again, so writers of a table that is almost
 * full may have to wait for it.
 *
 * <p>Words: the <em>replayed</em> contents are this verifier's. Before each slice of comparing they are brought to
 * where the table is, so both are always of one moment.
 *
 * <p>Threads: that of the table; but {@link #close} from any.
 */
public final class TableVerifier implements Verifier {
    private static final int SLICE_BYTES = 256 << 10;
    private static final int SLICE_LINES = 256;

    private final TableCore table;
    private final LogCore log;
    private final TableIndex index;
    private final TableContents replayed;
    private final TableItem item;
    private final TableIndex.Walk known = new TableIndex.Walk();
    private final TableIndex.Walk wanted = new TableIndex.Walk();

    /** Stays at the beginning, so that all segments do. */
    private final LogCursor hold;

    private final LogCursor cursor;
    private final LogScrub scrub;
    private final long from;
    private final long base;

    /** The items of the record at hand that were not replayed yet. */
    private long next;

    private long end;
    private boolean lacking;
    private boolean done;

    TableVerifier(TableCore table, TableIndex index, TableIndex fresh) {
        this.table = table;
        this.log = table.log();
        this.index = index;
        this.replayed = new TableContents(log, fresh, table.hash(), table.clock());
        this.item = new TableItem(log);
        this.from = log.head();
        this.base = log.geometry().positionOf(log.geometry().segmentOf(from), 0);
        this.hold = log.pinnedCursor(from);
        this.cursor = log.pinnedCursor(from);
        this.scrub = new LogScrub(cursor);
    }

    @Override
    public boolean step() {
        try {
            return !done && compareSlice();
        } catch (LogCorruptException damaged) {
            // Damaged since it was read here with its checksum, or since the table was opened.
            scrub.found(damaged.position(), String.valueOf(damaged.getMessage()));
            done = true;
        }
        return false;
    }

    private boolean compareSlice() {
        if (!replaySlice()) {
            return true;
        }
        if (lacking || !scrub.damages().isEmpty()) {
            // What is damaged is missing in what was replayed, and would be told a second time for each of its keys.
            done = true;
        } else if (!known.isAtEnd()) {
            walk(index, known, this::checkKnown);
        } else if (!wanted.isAtEnd()) {
            walk(replayed.index(), wanted, this::checkWanted);
        } else {
            checkSums();
            done = true;
        }
        return !done;
    }

    @Override
    public long readBytes() {
        return next - from;
    }

    @Override
    public Verification result() {
        return scrub.result(replayed.index().size());
    }

    // ---- replaying ----------------------------------------------------------------------------------------------

    /** Replays about a slice. Returns whether that brought it to where the table is. */
    private boolean replaySlice() {
        long applied = table.applied();
        long begun = next;
        while (next < end || !scrub.isTooMuch() && takeRecord()) {
            if (next >= applied) {
                return true;
            }
            item.moveTo(next);
            replayed.apply(item, table.hashOf(item), base);
            next += item.itemBytes();
            if (begun > 0 && next - begun > SLICE_BYTES) {
                return false;
            }
            begun = begun == 0 ? next : begun;
        }
        return true;
    }

    private boolean takeRecord() {
        while (scrub.next()) {
            long to = cursor.offset() + cursor.length();
            String wrong = TableRecordFormat.firstWrong(cursor.segment(), cursor.offset(), to);
            if (wrong == null) {
                next = cursor.start() + LogFormat.RECORD_PAYLOAD;
                end = next + cursor.length();
                return true;
            }
            scrub.found(cursor.start(), wrong);
            lacking = true;
        }
        return false;
    }

    // ---- comparing ----------------------------------------------------------------------------------------------

    private void walk(TableIndex of, TableIndex.Walk walk, LogIndex.Visitor visitor) {
        for (int i = 0; i < SLICE_LINES && !walk.isAtEnd(); i++) {
            of.next(walk, base, visitor);
        }
    }

    /** An entry of the index: there is such an item, and it is the newest of its key. */
    private void checkKnown(long position) {
        if (!isItem(position)) {
            scrub.found(
                    position,
                    "the index shows an item where none is; the log has " + log.head() + " to " + table.applied());
            return;
        }
        item.moveTo(position);
        if (!replayed.index().contains(table.hashOf(item), position)) {
            scrub.found(position, "the index shows an item that is not the newest of its key");
        }
    }

    private boolean isItem(long position) {
        if (position < from || position >= table.applied()) {
            return false;
        }
        try {
            return item.moveTo(position).isPut();
        } catch (LogCorruptException damaged) {
            return false;
        }
    }

    /** The newest item of a key: the index shows it. */
    private void checkWanted(long position) {
        item.moveTo(position);
        if (!index.contains(table.hashOf(item), position)) {
            scrub.found(position, "the index does not show the newest item of its key");
        }
    }

    private void checkSums() {
        TableFigures own = replayed.figures();
        if (index.size() != replayed.index().size()
                || table.figures().keyAndValueBytes() != own.keyAndValueBytes()
                || table.figures().itemBytes() != own.itemBytes()) {
            scrub.found(
                    from,
                    "the table counts " + index.size() + " keys of "
                            + table.figures().keyAndValueBytes() + " bytes, and its log has "
                            + replayed.index().size() + " of " + own.keyAndValueBytes());
        }
    }

    @Override
    public void close() {
        hold.close();
        cursor.close();
    }
}
