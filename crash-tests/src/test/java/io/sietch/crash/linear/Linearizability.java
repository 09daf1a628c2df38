package io.sietch.crash.linear;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Looks for one order of the requests of a history that explains every reply, key by key (Wing and Gong, with Lowe's
 * memory of what has been tried). An answered request takes effect between its invocation and its reply. One that a
 * crash left unanswered takes effect between its invocation and that crash, or never.
 */
public final class Linearizability {
    /** What has taken effect, and what that left. Whether an order can be completed depends on nothing else. */
    private record Tried(BitSet done, @Nullable String state) {}

    private final List<Operation> operations;
    private final BitSet done = new BitSet();
    private final Set<Tried> tried = new HashSet<>();
    private int most;

    private Linearizability(List<Operation> ofOneKey) {
        operations = ofOneKey.stream()
                .sorted(Comparator.comparingLong(Operation::invoked))
                .toList();
    }

    /** @throws AssertionError if some key's replies have no explanation */
    public static void check(List<Operation> history) {
        Map<String, List<Operation>> byKey =
                history.stream().collect(Collectors.groupingBy(Operation::key, TreeMap::new, Collectors.toList()));
        byKey.forEach((key, ofOneKey) -> {
            Linearizability search = new Linearizability(ofOneKey);
            if (!search.complete(null, Long.MIN_VALUE)) {
                throw new AssertionError("no order of the " + ofOneKey.size() + " requests on \"" + key
                        + "\" explains their replies; at best " + search.most + " of them:\n"
                        + search.operations.stream().map(Operation::toString).collect(Collectors.joining("\n")));
            }
        });
    }

    /**
     * Completes an order.
     *
     * @param state what the key holds after what is done
     * @param lastInvoked when the last one of what is done was invoked
     */
    private boolean complete(@Nullable String state, long lastInvoked) {
        most = Math.max(most, done.cardinality());
        long deadline = deadline();
        if (deadline == Long.MAX_VALUE) {
            return true;
        }
        if (!tried.add(new Tried((BitSet) done.clone(), state))) {
            return false;
        }
        for (int i : candidates(deadline, lastInvoked)) {
            Operation next = operations.get(i);
            if (!next.answered() || Objects.equals(next.reply(state), next.result())) {
                done.set(i);
                if (complete(next.after(state), Math.max(lastInvoked, next.invoked()))) {
                    return true;
                }
                done.clear(i);
            }
        }
        return false;
    }

    /** When the first reply comes of those that are still to be explained. */
    private long deadline() {
        long first = Long.MAX_VALUE;
        for (int i = done.nextClearBit(0); i < operations.size(); i = done.nextClearBit(i + 1)) {
            if (operations.get(i).answered()) {
                first = Math.min(first, operations.get(i).ended());
            }
        }
        return first;
    }

    /** What was invoked before that reply, and had not ended before all that is done was invoked. */
    private List<Integer> candidates(long deadline, long lastInvoked) {
        List<Integer> candidates = new ArrayList<>();
        for (int i = done.nextClearBit(0); i < operations.size(); i = done.nextClearBit(i + 1)) {
            Operation operation = operations.get(i);
            if (operation.invoked() > deadline) {
                break;
            }
            if (operation.ended() > lastInvoked) {
                candidates.add(i);
            }
        }
        return candidates;
    }
}
