package io.sietch.crash.queue;

import io.sietch.crash.queue.QueueSubject.Step;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Workloads that are wanted in several places. */
final class QueueWorkloads {
    /** Everything once: offers, takes, leases that end in either way or not at all, commits that are not waited for. */
    static final List<Step> MIXED = List.of(
            new Step.Offer(100, 8, 5000),
            new Step.Commit(),
            new Step.Lease(2),
            new Step.Offer(700, 800),
            new Step.Take(1),
            new Step.CommitSoon(),
            new Step.Ack(1),
            new Step.Commit(),
            new Step.Nack(0),
            new Step.Take(2),
            new Step.Offer(300),
            new Step.Commit());

    /** Twice round an area of four segments, with a lease that nobody acknowledges and that has to be moved. */
    static final List<Step> ROUND = List.of(
            new Step.Offer(50, 40_000),
            new Step.Commit(),
            new Step.Lease(1),
            new Step.Take(1),
            new Step.Offer(40_000),
            new Step.Commit(),
            new Step.Take(1),
            new Step.Offer(40_000),
            new Step.Commit(),
            new Step.Take(1),
            new Step.Offer(40_000),
            new Step.Commit(),
            new Step.Take(1),
            new Step.Offer(40_000, 60),
            new Step.Commit(),
            new Step.Take(1),
            new Step.Commit());

    /** Leases that are handed out again and acknowledged out of order. */
    static final List<Step> LEASES = List.of(
            new Step.Offer(20, 30, 40, 50),
            new Step.Commit(),
            new Step.Lease(4),
            new Step.Ack(2),
            new Step.CommitSoon(),
            new Step.Ack(0),
            new Step.Nack(1),
            new Step.Commit(),
            new Step.Lease(1));

    /**
     * Fills an area of four segments with acknowledgements out of order, so that leases find no room for their horizon
     * in the end.
     */
    static final List<Step> FULL = full();

    static final Map<String, List<Step>> ALL = Map.of("mixed", MIXED, "round", ROUND, "leases", LEASES, "full", FULL);

    private QueueWorkloads() {}

    private static List<Step> full() {
        int[] lengths = IntStream.range(0, 30).map(i -> QueueOp.Value.MIN + i).toArray();
        List<Step> steps = new ArrayList<>(List.of(
                new Step.Offer(lengths),
                new Step.Offer(40_000, 40_000, 40_000, 12_000),
                new Step.Commit(),
                new Step.Lease(1)));
        for (int i = 0; i < 18; i++) {
            steps.add(new Step.Take(1));
            steps.add(new Step.Commit());
        }
        steps.addAll(
                List.of(new Step.Ack(0), new Step.Commit(), new Step.Lease(3), new Step.Ack(0), new Step.Commit()));
        return List.copyOf(steps);
    }

    /**
     * A workload by its name, or written out: {@code offer 100 8,take 1,lease 2,ack 0,nack 1,soon,commit}, with lengths
     * of values, numbers of items, and places among the leases.
     */
    static List<Step> of(String text) {
        List<Step> named = ALL.get(text);
        return named != null
                ? named
                : Stream.of(text.split(",", -1)).map(QueueWorkloads::step).toList();
    }

    private static Step step(String text) {
        String[] words = text.split(" ", -1);
        int[] numbers = Stream.of(words).skip(1).mapToInt(Integer::parseInt).toArray();
        int number = numbers.length == 0 ? -1 : numbers[0];
        return switch (words[0] + (number < 0 ? "" : " n")) {
            case "offer n" -> new Step.Offer(numbers);
            case "take n" -> new Step.Take(number);
            case "lease n" -> new Step.Lease(number);
            case "ack n" -> new Step.Ack(number);
            case "nack n" -> new Step.Nack(number);
            case "soon" -> new Step.CommitSoon();
            case "commit" -> new Step.Commit();
            default -> throw new IllegalArgumentException("no step of a queue's workload: \"" + text + "\"");
        };
    }
}
