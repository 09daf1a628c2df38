package io.sietch.persistent;

import io.sietch.crash.Deed;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.NullMarked;

/**
 * What a table holds durably. Values are told by their tokens.
 *
 * @param now what time it was, in milliseconds
 */
@NullMarked
record TableState(SortedMap<String, String> data, long now) {
    /**
     * The oracle. All changes are in one log, so what survives is the state after some of them, in their order: each
     * key as a change left it, batches whole or not at all (H1), and untouched keys untouched (H2). It has in it every
     * acknowledged change, and every one that a reader was shown. Growing the index (H4) and cleaning change nothing;
     * and what has expired is not there, whether or not it was removed before.
     */
    static void check(TableState before, List<Deed<TableOp>> deeds, TableState after) {
        List<SortedMap<String, String>> states = new ArrayList<>(List.of(before.data));
        int required = 0;
        for (int i = 0; i < deeds.size(); i++) {
            TableOp operation = deeds.get(i).operation();
            states.add(operation.apply(states.getLast()));
            if (!operation.seen().isEmpty()) {
                required = Math.max(required, firstSeen(states, operation));
            } else if (deeds.get(i).acknowledged()) {
                required = i + 1;
            }
        }
        for (int n = required; n < states.size(); n++) {
            if (at(after.now, states.get(n)).equals(after.data)) {
                return;
            }
        }
        throw new AssertionError("found " + after.data + "\n  which is none of the states after " + required + " to "
                + deeds.size() + " changes, " + states.get(required) + " to " + states.getLast());
    }

    /** What has not expired at a time. */
    static SortedMap<String, String> at(long now, SortedMap<String, String> data) {
        SortedMap<String, String> there = new TreeMap<>(data);
        there.values().removeIf(token -> TableOp.expiry(token) <= now);
        return there;
    }

    /** Two recoveries, one later than the other. */
    static void checkSame(TableState once, TableState twice) {
        long later = Math.max(once.now, twice.now);
        if (!at(later, once.data).equals(at(later, twice.data))) {
            throw new AssertionError(
                    "a crash inside recovery changed its result\n  once:  " + once + "\n  twice: " + twice);
        }
    }

    /** The earliest state in which a reader can have been shown this; no two values are the same. */
    private static int firstSeen(List<SortedMap<String, String>> states, TableOp seeing) {
        for (int n = 0; n < states.size(); n++) {
            if (seeing.isSeenIn(at(seeing.now(), states.get(n)))) {
                return n;
            }
        }
        throw new AssertionError("a reader was shown " + seeing.seen() + ", which never was");
    }
}
