package io.sietch.crash.torture;

import static org.assertj.core.api.Assertions.assertThat;

import io.sietch.crash.CrashPlan;
import io.sietch.crash.torture.Hunt.Tally;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Short sequences of operations about the boundaries of blocks and segments, of which a build takes a sample and the
 * command {@code crash-torture} all.
 */
class SequenceTest {
    private static final int TRIES = Math.max(1, Integer.getInteger(CrashPlan.TRIES_PROPERTY, 1));

    @ParameterizedTest
    @CsvSource({"LOG, 25", "CONTROL_PLANE, 15", "KEYSPACE, 10", "TABLE, 10", "QUEUE, 10"})
    void shortSequencesSurvive(Prey prey, int sample) {
        long seed = prey.plan("").seed();
        Sequences sequences = prey.sequences();
        int[] numbers = new SplittableRandom(seed)
                .ints(0, sequences.count())
                .distinct()
                .limit(Math.min((long) sample * TRIES, sequences.count()))
                .toArray();
        Tally tally = Tally.NONE;
        for (int number : numbers) {
            tally = tally.plus(new Trial(prey, Hunt.SECTORS, seed, sequences.get(number)).run());
        }
        System.out.println(prey + ": " + numbers.length + " of " + sequences.count() + " sequences, " + tally.states()
                + " states, 0 violations, seed " + seed);
        assertThat(tally.states()).isGreaterThan(numbers.length);
    }

    @Test
    void sequencesAreAllDifferentAndTheShortOnesComeFirst() {
        Sequences sequences = Prey.LOG.sequences();
        assertThat(sequences.count()).isEqualTo(7 + 49 + 343 + 2401);
        assertThat(IntStream.range(0, sequences.count()).mapToObj(sequences::get))
                .doesNotHaveDuplicates()
                .startsWith("commit 8", "commit 4024");
        assertThat(sequences.get(sequences.count() - 1).split(",", -1)).hasSize(4);
    }
}
