package io.sietch.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.sietch.crash.CrashPlan;
import io.sietch.crash.linear.Linearizability;
import io.sietch.crash.linear.Operation;
import io.sietch.crash.mutant.Edit;
import io.sietch.crash.mutant.Mutant;
import java.util.List;
import java.util.function.LongFunction;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * To its clients, the server is one machine that does one request after the other; a power loss only ends their
 * waiting. What was acknowledged survives it, and so does what was read.
 */
@NullMarked
class ServerLinearizabilityTest {
    private static final int TRIES = Math.max(1, Integer.getInteger(CrashPlan.TRIES_PROPERTY, 1));
    private static final long SEED = Long.getLong(CrashPlan.SEED_PROPERTY, 1);
    private static final int HISTORIES = 40;
    private static final String REDIS = "io.sietch.redis.";

    private static LongStream seeds(long count) {
        return LongStream.range(SEED, SEED + count);
    }

    private static List<Operation> checked(LongFunction<List<Operation>> server, long seed) {
        List<Operation> history = server.apply(seed);
        try {
            Linearizability.check(history);
            return history;
        } catch (AssertionError e) {
            throw new AssertionError("seed " + seed + ": " + e.getMessage(), e);
        }
    }

    @Test
    void everyHistoryWithPowerLossesHasAnExplanation() {
        ServerHistory server = new ServerHistory();
        long[] counts = new long[2];
        seeds((long) HISTORIES * TRIES).forEach(seed -> {
            for (Operation operation : checked(server, seed)) {
                counts[operation.answered() ? 0 : 1]++;
            }
        });
        System.out.println("redis-lite, histories with power losses: " + HISTORIES * TRIES + ", requests answered: "
                + counts[0] + ", left unanswered by a power loss: " + counts[1] + ", seeds from " + SEED);
        assertThat(counts[0]).isGreaterThan(50L * HISTORIES);
        assertThat(counts[1]).isGreaterThan(HISTORIES);
    }

    @Test
    void aSeedDeterminesTheHistory() {
        assertThat(new ServerHistory().apply(7)).isEqualTo(new ServerHistory().apply(7));
    }

    static List<Mutant> mutants() {
        return Stream.of(
                        Mutant.of(
                                "replies leave when the write is done, before the flush is",
                                REDIS + "LogJournal",
                                "durable",
                                Edit.callInstead("durable", "written"),
                                1),
                        Mutant.of(
                                "replies do not wait",
                                REDIS + "LogJournal",
                                "durable",
                                Edit.callInstead("durable", "appended"),
                                1),
                        Mutant.of("no read waits", REDIS + "Keyspace", "waitFor", Edit.returnInstead(0), 1),
                        Mutant.of(
                                "a read of nothing does not wait for the removal",
                                REDIS + "Keyspace",
                                "present",
                                Edit.skipCall("removed", 0),
                                1),
                        Mutant.of(
                                "removals are not replayed", REDIS + "Replay", "change", Edit.skipCall("remove", 0), 1))
                .toList();
    }

    @ParameterizedTest
    @MethodSource("mutants")
    @SuppressWarnings("unchecked") // the class is ours, loaded anew
    void aMistakeIsFound(Mutant mutant) {
        Mutant.Loader loader = mutant.loader(REDIS);
        var server = (LongFunction<List<Operation>>) loader.make(ServerHistory.class.getName(), new Class<?>[0]);
        long found = seeds(500)
                .filter(seed -> {
                    try {
                        Linearizability.check(server.apply(seed));
                        return false;
                    } catch (AssertionError e) {
                        return true;
                    }
                })
                .findFirst()
                .orElse(-1);
        System.out.println("| " + mutant + " | redis-lite | history " + found + " |");
        assertThat(loader.applied()).isPositive();
        assertThat(found).as(mutant.toString()).isNotNegative();
    }
}
