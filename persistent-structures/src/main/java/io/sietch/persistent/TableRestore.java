package io.sietch.persistent;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Opens a table in its log: from the last checkpoint of its index if there is one that can be used. */
final class TableRestore {
    /** What a checkpoint holds goes to a table's contents. */
    private static final class Loading implements IndexCheckpointReader.Target {
        private @Nullable TableContents contents;
        private long countedTo;

        private TableContents contents() {
            return Objects.requireNonNull(contents);
        }

        @Override
        public boolean isHead(MemorySegment record, long at, int bytes) {
            return TableRecordFormat.kind(record, at) == TableRecordFormat.CHECKPOINT
                    && TableRecordFormat.keyLength(record, at) == 0
                    && TableRecordFormat.valueLength(record, at) == bytes;
        }

        @Override
        public void load(long hash, long position, long other, long detail) {
            contents().load(hash, position);
        }

        @Override
        public void count(long segment, long data, long items, long earliest) {
            contents().count(segment, data, items, countedTo);
            contents().expiries().addTo(segment, earliest);
        }
    }

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
        try {
            return fromCheckpoint(log, options);
        } catch (IndexCheckpointReader.Unusable unusable) {
            return fromHead(log, options, String.valueOf(unusable.getMessage()));
        }
    }

    private static TableCore fromCheckpoint(LogCore log, TableOptions options)
            throws IndexCheckpointReader.Unusable, LogFormatException {
        Loading loading = new Loading();
        IndexCheckpointReader last = new IndexCheckpointReader(log, loading);
        TableCore table = new TableCore(log, options, last.hash());
        loading.contents = table.contents();
        loading.countedTo = last.countedTo();
        last.load(table.index());
        long keys = table.size();
        table.contents().replay(last.replayFrom(), table.hash(), table.base());
        table.opened(new TableOpening(keys, last.replayFrom(), log.appended() - last.replayFrom(), ""));
        return table;
    }

    private static TableCore fromHead(LogCore log, TableOptions options, String why) throws IOException {
        LongSupplier seeds = options.seeds();
        TableCore table = new TableCore(log, options, new KeyHash(seeds.getAsLong(), seeds.getAsLong()));
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
