package io.sietch.crash;

import io.sietch.crash.Trails.Failure;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A subject's workload as a list, of which a part may be enough to break a promise.
 *
 * @param operations all
 * @param subjects makes a subject that works through a part of them
 * @param kept the places of those that are in the part, in order
 */
record Workload<W, S, O>(
        List<W> operations,
        Function<List<W>, ? extends CrashSubject<S, O>> subjects,
        CrashPlan plan,
        List<Integer> kept) {
    /** What making it short may cost: states in all, and for one part. */
    private static final long SPENT_MAX = 200_000;

    private static final long STATES_MAX = 20_000;
    private static final int TRIES_MAX = 300;

    Workload(List<W> operations, Function<List<W>, ? extends CrashSubject<S, O>> subjects, CrashPlan plan) {
        this(
                List.copyOf(operations),
                subjects,
                plan,
                IntStream.range(0, operations.size()).boxed().toList());
    }

    private List<W> part() {
        return kept.stream().map(operations::get).toList();
    }

    CrashExplorer<S, O> explorer() {
        List<W> part = part();
        return new CrashExplorer<>(() -> subjects.apply(part), plan, this);
    }

    /** The same with another part. */
    Workload<W, S, O> with(List<Integer> newKept) {
        newKept.forEach(place -> Objects.checkIndex(place, operations.size()));
        return new Workload<>(operations, subjects, plan, newKept);
    }

    private boolean isWhole() {
        return kept.size() == operations.size();
    }

    /** What the token of a failure begins with: {@code [0,3]} says that operations 0 and 3 are enough. */
    String token() {
        return isWhole() ? "" : kept.stream().map(String::valueOf).collect(Collectors.joining(",", "[", "]"));
    }

    static List<Integer> parse(String token) {
        String places = token.substring(1, token.length() - 1);
        return places.isEmpty()
                ? List.of()
                : Stream.of(places.split(",", -1)).map(Integer::valueOf).toList();
    }

    /** For the report of a failure; nothing if the workload is whole. */
    String inWords() {
        return isWhole() ? "" : "  with " + kept.size() + " of " + operations.size() + " operations: " + part() + "\n";
    }

    /** The workload as a Java expression, if it can be written as one; else empty. */
    String source() {
        List<W> part = part();
        return part.stream().allMatch(each -> each instanceof String || each instanceof Integer)
                ? part.stream()
                        .map(each -> each instanceof String text ? JUnitText.literal(text) : each.toString())
                        .collect(Collectors.joining(", ", "List.of(", ")"))
                : "";
    }

    /**
     * The violation with as few operations as break the promise. Leaves out ever smaller runs of operations (delta
     * debugging), and searches what is left anew, as its crash points have other numbers.
     *
     * @param found what the whole list breaks
     * @param states how many it took to find that
     */
    CrashViolation shortest(CrashExplorer<S, O> explorer, Failure<S, O> found, long states) {
        long most = Math.min(STATES_MAX, 2 * states + 100);
        CrashExplorer<S, O> shortest = explorer;
        Failure<S, O> failure = found;
        List<Integer> left = kept;
        long spent = 0;
        int tries = 0;
        int chunk = Math.max(1, left.size() / 2);
        while (chunk > 0) {
            boolean shorter = false;
            // From the end on: of several that do, the first is left.
            for (int to = left.size();
                    to > 0 && left.size() > 1 && spent < SPENT_MAX && tries < TRIES_MAX;
                    to -= chunk) {
                List<Integer> fewer = new ArrayList<>(left);
                fewer.subList(Math.max(0, to - chunk), to).clear();
                CrashExplorer<S, O> candidate = with(fewer).explorer();
                Failure<S, O> again = fewer.isEmpty() ? null : candidate.find(most);
                tries++;
                spent += candidate.states();
                if (again != null && again.kind().equals(failure.kind())) {
                    shortest = candidate;
                    failure = again;
                    left = fewer;
                    shorter = true;
                }
            }
            // Single ones are tried again until each is needed.
            chunk = chunk == 1 && shorter ? 1 : chunk / 2;
        }
        return shortest.small(failure);
    }
}
