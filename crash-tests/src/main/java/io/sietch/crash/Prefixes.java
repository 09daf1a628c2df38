package io.sietch.crash;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.stream.Stream;

/**
 * The oracle for storage whose operations take effect in order: what survives is a prefix with all that was
 * acknowledged.
 */
public final class Prefixes {
    private Prefixes() {}

    /** As {@link #check}, for a list to whose end each operation adds itself. */
    public static <T> void checkAppended(List<T> before, List<Deed<T>> deeds, List<T> after) {
        check(
                before,
                deeds,
                after,
                (list, added) -> Stream.concat(list.stream(), Stream.of(added)).toList());
    }

    /** As {@link #check}, for a map to which each operation puts what it holds. */
    public static <K, V> void checkPut(Map<K, V> before, List<Deed<Map<K, V>>> deeds, Map<K, V> after) {
        check(before, deeds, after, (map, put) -> {
            Map<K, V> next = new HashMap<>(map);
            next.putAll(put);
            return next;
        });
    }

    /**
     * Throws an {@link AssertionError} unless applying some first deeds to {@code before} gives {@code after}, none
     * that was acknowledged being left out.
     *
     * @param apply the effect of one operation on a state; makes a new state
     */
    public static <S, O> void check(S before, List<Deed<O>> deeds, S after, BiFunction<S, O, S> apply) {
        int required = 0;
        for (int i = 0; i < deeds.size(); i++) {
            if (deeds.get(i).acknowledged()) {
                required = i + 1;
            }
        }
        S state = before;
        S least = before;
        for (int applied = 0; ; applied++) {
            if (applied == required) {
                least = state;
            }
            if (applied >= required && state.equals(after)) {
                return;
            }
            if (applied == deeds.size()) {
                break;
            }
            state = apply.apply(state, deeds.get(applied).operation());
        }
        throw new AssertionError("what was found is no prefix of " + deeds.size() + " operations with the first "
                + required + " in it\n  at least: " + least + "\n  at most:  " + state + "\n  found:    " + after);
    }
}
