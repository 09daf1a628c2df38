package io.sietch.crash.torture;

import static org.assertj.core.api.Assertions.assertThat;

import io.sietch.crash.CrashExplorer;
import io.sietch.crash.CrashModel;
import io.sietch.crash.CrashPlan;
import io.sietch.crash.CrashReport;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * One operation or two, and of them every power loss and every power loss inside every recovery from these: nothing is
 * left to the seed to depth 2. In M3 and M4 one sector of each image is damaged, and torn in one place from either
 * side, by one mask, and filled with garbage of one kind; {@code crash-torture --tears} tears it at each. What takes a
 * build too long is left out of it, and made with any number of tries.
 */
class ExhaustiveTest {
    private static final int TRIES = Math.max(1, Integer.getInteger(CrashPlan.TRIES_PROPERTY, 1));

    private static final CrashModel WORDS = CrashModel.WORDS.withMaxDamaged(1);
    private static final CrashModel GARBAGE = CrashModel.GARBAGE_SECTORS.withMaxDamaged(1);
    private static final List<CrashModel> WHOLE = List.of(CrashModel.PREFIX, CrashModel.COMMANDS, CrashModel.SECTORS);

    static Stream<Arguments> subjects() {
        return Stream.of(
                        with(Prey.LOG, "commit 100", WORDS, GARBAGE),
                        with(Prey.LOG, "commit 100,trim 0"),
                        with(Prey.CONTROL_PLANE, Prey.CONTROL_PLANE.smallest(), WORDS),
                        with(Prey.KEYSPACE, "SET a 1;!", GARBAGE),
                        with(Prey.TABLE, "PUT a 10,!", GARBAGE),
                        with(Prey.QUEUE, "offer 100,take 1", WORDS, GARBAGE))
                .flatMap(Function.identity());
    }

    /** @param damaging models that a build has time for, besides those that damage nothing */
    private static Stream<Arguments> with(Prey prey, String workload, CrashModel... damaging) {
        List<CrashModel> those = TRIES > 1 ? List.of(WORDS, GARBAGE) : List.of(damaging);
        return Stream.concat(WHOLE.stream(), those.stream()).map(model -> Arguments.of(prey, workload, model));
    }

    @ParameterizedTest
    @MethodSource("subjects")
    void everyCrashToDepthTwoIsSurvived(Prey prey, String workload, CrashModel model) {
        CrashPlan plan = prey.wholePlan(prey + ", " + workload).withModel(model).withDetails(TRIES);
        CrashReport report =
                new CrashExplorer<>(() -> prey.subject(getClass().getClassLoader(), workload), plan).explore();
        System.out.println(report);
        assertThat(report.exhaustive()).isTrue();
    }
}
