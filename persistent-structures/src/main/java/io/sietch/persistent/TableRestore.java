package io.sietch.persistent;

import java.io.IOException;
import java.util.function.LongSupplier;

/** Opens a table in its log: from the last checkpoint of its index if there is one that can be used. */
final class TableRestore {
    private TableRestore() {}

    /** As {@link TableCore#open}. */
    static TableCore open(LogCore log, TableOptions options) throws IOException {
        if (log.segments() < TableCore.MIN_SEGMENTS || log.areaBytes() > IndexPart.WINDOW) {
            throw new IllegalArgumentException("a log of " + log.segments() + " segments in " + log.areaBytes()
                    + " bytes: a table needs at least " + TableCore.MIN_SEGMENTS + " segments, and at most "
                    + IndexPart.WINDOW + " bytes");
        }
        if (log.tail() instanceof LogTail.Corrupt corrupt) {
            throw new LogFormatException("the table is damaged: " + corrupt.detail());
        }
        String whyFromHead = "there is none";
        if (log.marked() > 0) {
            try {
                return fromCheckpoint(new TableCheckpointReader(log, log.marked()), log, options);
            } catch (TableCheckpointReader.Unusable unusable) {
                whyFromHead = String.valueOf(unusable.getMessage());
            }
        }
        return fromHead(log, options, whyFromHead);
    }

    private static TableCore fromCheckpoint(TableCheckpointReader last, LogCore log, TableOptions options)
            throws TableCheckpointReader.Unusable, LogFormatException {
        TableCore table = new TableCore(log, options, last.secret0(), last.secret1());
        last.load(table.contents(), table.base());
        long keys = table.size();
        // What was before the head is not there to be replayed, and of what is there nothing depends on it.
        long from = Math.max(last.begin(), log.head());
        table.contents().replay(from, table.hash(), table.base());
        table.opened(new TableOpening(keys, from, log.appended() - from, ""));
        return table;
    }

    private static TableCore fromHead(LogCore log, TableOptions options, String why) throws IOException {
        LongSupplier seeds = options.seeds();
        TableCore table = new TableCore(log, options, seeds.getAsLong(), seeds.getAsLong());
        boolean isTable = table.contents().replay(log.head(), table.hash(), table.base());
        long replayed = log.appended() - log.head();
        if (!isTable && log.appended() > 0) {
            throw new LogFormatException("the log holds records, but no table: it was written by something else");
        }
        if (!isTable && !log.isReadOnly()) {
            table.appendFormat();
            log.awaitDurable();
            if (log.isFailed()) {
                throw new LogFailedException("the device failed while a table was made");
            }
        }
        table.opened(new TableOpening(0, log.head(), replayed, replayed == 0 ? "" : why));
        return table;
    }
}
