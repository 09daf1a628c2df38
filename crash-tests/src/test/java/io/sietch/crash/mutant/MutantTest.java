package io.sietch.crash.mutant;

import static org.assertj.core.api.Assertions.assertThat;

import io.sietch.crash.mutant.MutantCase.Outcome;
import io.sietch.crash.torture.Hunt;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The crash tests of the log, the control plane and the keyspace can fail: each mistake made in the real code is found.
 * A build looks for every fifth one that is found soon; {@code -Dsietch.crash.mutants=all} for all of them, and prints
 * the table of docs/crash-tests.md.
 */
class MutantTest {
    private static final String WHICH = System.getProperty("sietch.crash.mutants", "some");
    private static final int EVERY = 5;

    static List<MutantCase> mutants() {
        List<MutantCase> all = Stream.of(LogMutants.all(), ControlPlaneMutants.all(), KeyspaceMutants.all())
                .flatMap(List::stream)
                .toList();
        if (WHICH.equals("all")) {
            return all;
        }
        // What only garbage brings out takes longest.
        List<MutantCase> quick =
                all.stream().filter(each -> each.hunt() != Hunt.GARBAGE).toList();
        return IntStream.iterate(0, i -> i < quick.size(), i -> i + EVERY)
                .mapToObj(quick::get)
                .toList();
    }

    @ParameterizedTest
    @MethodSource("mutants")
    void everyMutantIsFound(MutantCase mutant) {
        Outcome outcome = mutant.run();
        System.out.println(outcome.row());
        assertThat(outcome.violation()).as(mutant.toString()).isNotNull();
    }
}
