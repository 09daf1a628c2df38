package io.sietch.crash.log;

import io.sietch.crash.Deed;
import io.sietch.persistent.LogCore;
import java.util.ArrayList;
import java.util.List;

/**
 * What a log holds.
 *
 * @param head the first position that is kept
 * @param end the END position of the last record
 * @param records from head to end
 */
record LogState(long head, long end, List<Record> records) {
    static final LogState EMPTY = new LogState(0, 0, List.of());

    /** A record and where it lies. */
    record Record(long start, long end, int length, long digest) {
        static Record of(LogOp.Append append) {
            LogOp.Payload payload = append.payload();
            return new Record(
                    LogCore.start(append.end(), payload.length()), append.end(), payload.length(), payload.digest());
        }
    }

    /**
     * The oracle: L1 a prefix of what was appended, byte-equal, in order, no hole; L2 all that was acknowledged; L3
     * nothing else; L4 acknowledged trims are final; L6 positions only grow.
     */
    static void check(LogState before, List<Deed<LogOp>> deeds, LogState after) {
        List<Record> all = new ArrayList<>(before.records);
        int required = all.size();
        long trimmedAtLeast = before.head;
        long trimmedAtMost = before.head;
        long last = before.end;
        for (Deed<LogOp> deed : deeds) {
            switch (deed.operation()) {
                case LogOp.Append append -> {
                    Record record = Record.of(append);
                    if (record.start < last) {
                        throw new AssertionError("L6: " + record + " was placed before " + last);
                    }
                    last = record.end;
                    all.add(record);
                    required = deed.acknowledged() ? all.size() : required;
                }
                case LogOp.Trim(int ignored, long position) -> {
                    trimmedAtLeast = deed.acknowledged() ? Math.max(trimmedAtLeast, position) : trimmedAtLeast;
                    trimmedAtMost = Math.max(trimmedAtMost, position);
                }
            }
        }
        if (after.head < trimmedAtLeast) {
            throw new AssertionError("L4: head " + after.head + " is before the trim to " + trimmedAtLeast);
        }
        int gone = 0;
        while (gone < all.size() && all.get(gone).start < after.head) {
            if (all.get(gone).end > trimmedAtMost) {
                throw new AssertionError("L2: " + all.get(gone) + " is before head " + after.head
                        + ", and trimmed was at most " + trimmedAtMost);
            }
            gone++;
        }
        List<Record> kept = all.subList(gone, all.size());
        checkKept(kept, after);
        int found = gone + after.records.size();
        if (found < required) {
            throw new AssertionError("L2: of " + required + " acknowledged records only " + found + " are there");
        }
        if (!after.records.isEmpty() && after.end != after.records.getLast().end) {
            throw new AssertionError("end " + after.end + " of " + after.records.size() + " records");
        }
    }

    // Words are made for what went wrong alone: this is asked millions of times.
    private static void checkKept(List<Record> kept, LogState after) {
        for (int i = 0; i < after.records.size(); i++) {
            Record record = after.records.get(i);
            if (i >= kept.size()) {
                throw new AssertionError("L3: " + record + " was never appended, or not in this life");
            }
            if (!record.equals(kept.get(i))) {
                throw new AssertionError("L1: record " + i + " is " + record + " instead of " + kept.get(i));
            }
        }
    }
}
