package io.sietch.crash.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.sietch.crash.CrashExplorer;
import io.sietch.crash.CrashGeometry;
import io.sietch.crash.CrashModel;
import io.sietch.crash.CrashPlan;
import io.sietch.crash.CrashReport;
import io.sietch.crash.CrashSubject;
import io.sietch.crash.CrashViolation;
import io.sietch.crash.mutant.Edit;
import io.sietch.crash.mutant.Mutant;
import io.sietch.persistent.QueueCore;
import io.sietch.vsic.LatencyModel;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The persistent queue keeps its promises (Q1 to Q4) whatever a power loss leaves of it; and the tests can fail. */
class QueueCrashTest {
    private static final String CORE = "io.sietch.persistent.QueueCore";
    private static final String ACKS = "io.sietch.persistent.QueueAcks";
    private static final String RECOVERY = "io.sietch.persistent.QueueRecovery";

    private static CrashPlan plan(String name) {
        return CrashPlan.of(name, CrashGeometry.of(256 << 10))
                .withLatency(new LatencyModel(0, 1000, 5000))
                .withLazyViews();
    }

    private static void explore(CrashPlan plan, String workload) {
        CrashReport report = new CrashExplorer<>(() -> new QueueSubject(workload), plan).explore();
        System.out.println(report);
        assertThat(report.states()).isGreaterThan(1000);
    }

    @Test
    void aMixedWorkloadSurvivesEveryPowerLoss() {
        explore(plan("queue, mixed").withLimits(40, 16, 4, 4), "mixed");
    }

    @Test
    void aMixedWorkloadSurvivesTornSectorsAndGarbage() {
        explore(plan("queue, garbage").withModel(CrashModel.GARBAGE_SECTORS).withLimits(20, 8, 2, 3), "mixed");
    }

    @Test
    void leasesSurviveEveryPowerLoss() {
        explore(plan("queue, leases").withLimits(40, 24, 4, 6), "leases");
    }

    @Test
    void aQueueThatGoesRoundItsAreaSurvives() {
        explore(plan("queue, round the area").withLimits(20, 12, 2, 3), "round");
    }

    @Test
    void leasesOfAFullQueueSurviveEveryPowerLoss() {
        explore(plan("queue, full").withLimits(20, 8, 1, 3), "full");
    }

    /** Mistakes in the real queue, each with the workload that brings it out. */
    static List<Arguments> mutants() {
        return List.of(
                arguments(
                        "leases",
                        Mutant.of(
                                "leases do not wait for the horizon",
                                ACKS,
                                "isBelowHorizon",
                                Edit.readInstead("horizonDurable", "horizonWritten"),
                                1)),
                arguments(
                        "leases",
                        Mutant.of(
                                "recovery forgets acknowledgements",
                                RECOVERY,
                                "gatherAcks",
                                Edit.skipCall("addRange", 0),
                                1)),
                arguments(
                        "mixed",
                        Mutant.of(
                                "acknowledgements are durable when appended",
                                ACKS,
                                "settle",
                                Edit.callInstead("durable", "appended"),
                                2)),
                arguments(
                        "full",
                        Mutant.of(
                                "recovery forgets the mark of a full log",
                                RECOVERY,
                                "gather",
                                Edit.callInstead("marked", "head"),
                                1)),
                arguments(
                        "full",
                        Mutant.of(
                                "leases do not wait for the mark of a full log",
                                ACKS,
                                "isBelowHorizon",
                                Edit.fieldInstead("marked", ACKS, "marked"),
                                1)),
                arguments(
                        "round",
                        Mutant.of(
                                "moves are not waited for",
                                CORE,
                                "trimFront",
                                Edit.readInstead("trimNeedsDurable", "trimNeedsAcks"),
                                1)));
    }

    @ParameterizedTest
    @MethodSource("mutants")
    void everyMutantIsFound(String workload, Mutant mutant) {
        Mutant.Loader loader = mutant.loader("io.sietch.persistent.", "io.sietch.crash.queue.Queue");
        CrashViolation found = explore(mutant + ", " + workload, () -> subject(loader, workload));
        assertThat(loader.applied()).isEqualTo(mutant.changes().size());
        assertThat(found).as("violation of \"" + mutant + "\"").isNotNull();
    }

    @SuppressWarnings("unchecked") // state and operation are of the mutant's world, and opaque here
    private static CrashSubject<Object, Object> subject(Mutant.Loader loader, String workload) {
        return (CrashSubject<Object, Object>)
                loader.make("io.sietch.crash.queue.QueueSubject", new Class<?>[] {String.class}, workload);
    }

    private static <S, O> @Nullable CrashViolation explore(String name, Supplier<CrashSubject<S, O>> subjects) {
        CrashPlan plan = plan(name).withLimits(40, 24, 4, 6);
        return catchThrowableOfType(CrashViolation.class, () -> new CrashExplorer<>(subjects, plan).explore());
    }

    @Test
    void anAcknowledgementThatIsReportedTooEarlyIsFound() {
        CrashViolation found =
                explore("early acknowledgement", () -> new QueueSubject(QueueWorkloads.MIXED, QueueCore::acknowledged));
        assertThat(found).isNotNull().hasMessageContaining("Q2");
    }
}
