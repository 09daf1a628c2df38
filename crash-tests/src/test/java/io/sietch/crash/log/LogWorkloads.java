package io.sietch.crash.log;

import io.sietch.crash.log.LogSubject.Step;
import java.util.List;
import java.util.Map;

/** Workloads that are wanted in several places. */
final class LogWorkloads {
    /**
     * Everything once: sizes about blocks and sectors, commits of several records, writing without flushing, a trim.
     */
    static final List<Step> MIXED = List.of(
            new Step.Commit(100),
            new Step.Commit(0, 8, 500, 1000),
            new Step.Append(4000, 3000),
            new Step.Write(),
            new Step.Commit(9000),
            new Step.Trim(3));

    /** What a second life writes can mend what the first left torn. */
    static final List<Step> EQUAL = List.of(new Step.Commit(2000), new Step.Commit(2000));

    /**
     * A tail of several commits that was written and not flushed, so that later ones survive and earlier ones do not.
     */
    static final List<Step> TAIL = List.of(
            new Step.Commit(100),
            new Step.Append(600),
            new Step.Write(),
            new Step.Append(700),
            new Step.Write(),
            new Step.Append(800),
            new Step.Write(),
            new Step.Commit());

    /** Twice round an area of four segments. */
    static final List<Step> ROUND = List.of(
            new Step.Commit(30_000),
            new Step.Commit(40_000),
            new Step.Commit(20_000, 30_000),
            new Step.Trim(1),
            new Step.Commit(42_000),
            new Step.Commit(60),
            new Step.Trim(2),
            new Step.Commit(35_000),
            new Step.Commit(38_000),
            new Step.Trim(1),
            new Step.Commit(100),
            new Step.Commit(42_000),
            new Step.Trim(0));

    /** Writes that are under way while a flush is. */
    static final List<Step> STREAM =
            List.of(new Step.Commit(100), new Step.Stream(9000, 9000, 9000, 500, 9000, 9000), new Step.Commit());

    /** Segments are wanted again as soon as they are trimmed, while nothing has made the trim durable. */
    static final List<Step> TIGHT = List.of(
            new Step.Commit(40_000),
            new Step.Commit(40_000),
            new Step.Commit(40_000),
            new Step.Commit(40_000),
            new Step.TrimSoon(1),
            new Step.Append(40_000),
            new Step.Write(),
            new Step.Append(40_000),
            new Step.Write(),
            new Step.Commit());

    static final Map<String, List<Step>> ALL =
            Map.of("mixed", MIXED, "equal", EQUAL, "tail", TAIL, "round", ROUND, "stream", STREAM, "tight", TIGHT);

    private LogWorkloads() {}
}
