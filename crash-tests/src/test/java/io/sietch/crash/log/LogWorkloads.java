package io.sietch.crash.log;

import static java.util.Map.entry;

import io.sietch.crash.log.LogSubject.Step;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

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

    /** Trims in quick succession, each acknowledged before the next. */
    static final List<Step> TRIMS = List.of(
            new Step.Commit(100),
            new Step.Commit(200),
            new Step.Trim(1),
            new Step.Commit(300),
            new Step.Append(400),
            new Step.Trim(2),
            new Step.Commit(500),
            new Step.Trim(1));

    /**
     * Segments filled to the last byte that a record may end at, and records that would need eight more, and 64 more
     * with their commit's header.
     */
    static final List<Step> FULL = List.of(
            new Step.Commit(40_000),
            new Step.Commit(4016),
            new Step.Commit(44_976),
            new Step.Commit(16_304 + 8),
            new Step.Trim(0),
            new Step.Commit(40_000),
            new Step.Commit(40_000),
            new Step.Trim(1),
            new Step.Commit(4016 + 64));

    /** One commit for each segment, so that each is at risk together with its segment's header. */
    static final List<Step> SEGMENTS = List.of(
            new Step.Append(40_000),
            new Step.Append(41_000),
            new Step.Write(),
            new Step.Append(42_000),
            new Step.Commit());

    /** A trim while commits are under way. */
    static final List<Step> BUSY_TRIM = List.of(
            new Step.Commit(100),
            new Step.Commit(200),
            new Step.Stream(9000, 9000),
            new Step.TrimSoon(2),
            new Step.Stream(500, 9000),
            new Step.Commit());

    /** A segment is begun in a high slot, and its commit may be torn; after that lower slots are free. */
    static final List<Step> HIGH_SLOT = List.of(
            new Step.Commit(40_000),
            new Step.Commit(40_000),
            new Step.Commit(40_000),
            new Step.Append(40_000),
            new Step.Trim(1),
            new Step.Write(),
            new Step.Commit(100));

    static final Map<String, List<Step>> ALL = Map.ofEntries(
            entry("mixed", MIXED),
            entry("equal", EQUAL),
            entry("tail", TAIL),
            entry("round", ROUND),
            entry("stream", STREAM),
            entry("tight", TIGHT),
            entry("trims", TRIMS),
            entry("full", FULL),
            entry("segments", SEGMENTS),
            entry("busy trim", BUSY_TRIM),
            entry("high slot", HIGH_SLOT));

    private LogWorkloads() {}

    /**
     * A workload by its name, or written out: {@code commit 100 200,write 500,stream 9000 500,trim 1,trim-soon 1}, with
     * lengths of records, and how many records a trim keeps.
     */
    static List<Step> of(String text) {
        List<Step> named = ALL.get(text);
        return named != null
                ? named
                : Stream.of(text.split(",", -1)).flatMap(LogWorkloads::steps).toList();
    }

    private static Stream<Step> steps(String text) {
        String[] words = text.split(" ", -1);
        int[] numbers = Stream.of(words).skip(1).mapToInt(Integer::parseInt).toArray();
        return switch (words[0]) {
            case "append" -> Stream.of(new Step.Append(numbers));
            case "commit" -> Stream.of(new Step.Commit(numbers));
            case "write" -> Stream.of(new Step.Append(numbers), new Step.Write());
            case "stream" -> Stream.of(new Step.Stream(numbers), new Step.Commit());
            case "trim" -> Stream.of(new Step.Trim(numbers[0]));
            case "trim-soon" -> Stream.of(new Step.TrimSoon(numbers[0]));
            default -> throw new IllegalArgumentException("no step of a log's workload: \"" + text + "\"");
        };
    }
}
