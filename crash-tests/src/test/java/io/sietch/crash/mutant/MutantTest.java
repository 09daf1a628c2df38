package io.sietch.crash.mutant;

import static org.assertj.core.api.Assertions.assertThat;

import io.sietch.crash.mutant.MutantCase.Outcome;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The crash tests of the log, the control plane and the keyspace can fail: each mistake made in the real code is found.
 * What is printed is the table of docs/crash-tests.md.
 */
class MutantTest {
    static List<MutantCase> mutants() {
        return Stream.of(LogMutants.all(), ControlPlaneMutants.all(), KeyspaceMutants.all(), QueueMutants.all())
                .flatMap(List::stream)
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
