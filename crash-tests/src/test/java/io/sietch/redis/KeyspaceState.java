package io.sietch.redis;

import io.sietch.crash.Deed;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.NullMarked;

/**
 * What clients see at a time.
 *
 * @param now milliseconds since 1970
 */
@NullMarked
record KeyspaceState(long now, SortedMap<String, Value> data) {
    /** @param expireAt milliseconds since 1970, -1 for never */
    record Value(String text, long expireAt) {}

    /** The same later: what has passed its time is gone. */
    KeyspaceState at(long later) {
        TreeMap<String, Value> left = new TreeMap<>(data);
        left.values().removeIf(value -> value.expireAt >= 0 && value.expireAt <= later);
        return new KeyspaceState(later, left);
    }

    /**
     * The oracle. All keys are in one log, so what survives is a prefix of the requests (nothing torn, nothing
     * resurrected, MSET whole or not at all, INCR counted once). R1: it has in it every acknowledged write. R2: and
     * every write that the reply to an acknowledged read depended on.
     */
    static void check(KeyspaceState before, List<Deed<KeyspaceOp>> deeds, KeyspaceState after) {
        List<KeyspaceState> states = new ArrayList<>(List.of(before));
        List<Boolean> effective = new ArrayList<>();
        int required = 0;
        for (int i = 0; i < deeds.size(); i++) {
            KeyspaceOp operation = deeds.get(i).operation();
            KeyspaceState last = states.getLast().at(operation.now());
            KeyspaceState next = operation.apply(last);
            effective.add(!next.data.equals(last.data));
            states.add(next);
            for (int j = i; deeds.get(i).acknowledged() && j >= required; j--) {
                if (effective.get(j) && deeds.get(j).operation().touches(operation)) {
                    required = j + 1;
                }
            }
        }
        for (int n = required; n < states.size(); n++) {
            if (states.get(n).at(after.now).data.equals(after.data)) {
                return;
            }
        }
        throw new AssertionError("found " + after.data + "\n  which is none of the states after " + required + " to "
                + deeds.size() + " requests, " + states.get(required).at(after.now).data + " to "
                + states.getLast().at(after.now).data);
    }
}
