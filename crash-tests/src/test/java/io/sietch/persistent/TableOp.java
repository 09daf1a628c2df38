package io.sietch.persistent;

import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.NullMarked;

/**
 * What was done to a table, and what it does to a model of it.
 *
 * @param clears whether all keys are removed first
 * @param changes keys with their new values; {@link #REMOVED} removes one
 * @param seen keys with the values that a reader was shown, {@link #REMOVED} for none
 * @param now when a reader was shown that, in milliseconds
 */
@NullMarked
record TableOp(boolean clears, List<Change> changes, List<Change> seen, long now) {
    static final String REMOVED = "";

    record Change(String key, String value) {}

    static TableOp changing(List<Change> changes) {
        return new TableOp(false, changes, List.of(), 0);
    }

    static TableOp clearing() {
        return new TableOp(true, List.of(), List.of(), 0);
    }

    static TableOp seeing(String key, String value, long now) {
        return new TableOp(false, List.of(), List.of(new Change(key, value)), now);
    }

    /** When the value with this token expires: what is behind the {@code @}, or never. */
    static long expiry(String token) {
        int at = token.indexOf('@');
        return at < 0 ? Long.MAX_VALUE : Long.parseLong(token.substring(at + 1));
    }

    SortedMap<String, String> apply(SortedMap<String, String> before) {
        TreeMap<String, String> data = clears ? new TreeMap<>() : new TreeMap<>(before);
        for (Change change : changes) {
            if (change.value.equals(REMOVED)) {
                data.remove(change.key);
            } else {
                data.put(change.key, change.value);
            }
        }
        return data;
    }

    /** Whether a reader may be shown this in that state. */
    boolean isSeenIn(SortedMap<String, String> data) {
        return seen.stream()
                .allMatch(change -> data.getOrDefault(change.key, REMOVED).equals(change.value));
    }
}
