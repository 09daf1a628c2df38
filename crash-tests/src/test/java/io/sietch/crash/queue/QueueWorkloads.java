package io.sietch.crash.queue;

import io.sietch.crash.queue.QueueSubject.Step;
import java.util.List;
import java.util.Map;

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

    static final Map<String, List<Step>> ALL = Map.of("mixed", MIXED, "round", ROUND, "leases", LEASES);

    private QueueWorkloads() {}
}
