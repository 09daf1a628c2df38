package io.sietch.persistent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.sietch.crash.CrashExplorer;
import io.sietch.crash.CrashGeometry;
import io.sietch.crash.CrashModel;
import io.sietch.crash.CrashPlan;
import io.sietch.crash.CrashReport;
import io.sietch.crash.CrashSubject;
import io.sietch.crash.mutant.Edit;
import io.sietch.crash.mutant.Mutant;
import io.sietch.vsic.LatencyModel;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The table keeps its promises (H1 to H5) whatever a power loss leaves of it, while it grows and while it is cleaned.
 */
@NullMarked
class TableCrashTest {
    private static CrashPlan plan(String name) {
        return CrashPlan.of(name, CrashGeometry.of(384 << 10))
                .withLatency(new LatencyModel(0, 1000, 5000))
                .withLazyViews();
    }

    private static CrashReport explore(CrashPlan plan, List<String> lines) {
        CrashReport report = new CrashExplorer<>(() -> new TableSubject(lines), plan).explore();
        System.out.println(report);
        return report;
    }

    @Test
    void whatWasAcknowledgedOrSeenSurvivesEveryPowerLoss() {
        CrashPlan plan = plan("table, mixed").withLimits(40, 8, 1, 2);
        assertThat(explore(plan, TableWorkloads.MIXED).states()).isGreaterThan(1000);
    }

    @Test
    void aPowerLossWhileTheIndexGrowsLosesNothing() {
        CrashPlan plan =
                plan("table, growing").withModel(CrashModel.GARBAGE_SECTORS).withLimits(40, 8, 1, 2);
        assertThat(explore(plan, TableWorkloads.GROWING).states()).isGreaterThan(300);
    }

    @Test
    void aPowerLossWhileSegmentsAreCleanedLosesNothingAndBringsNothingBack() {
        CrashPlan plan = plan("table, cleaning").withLimits(50, 8, 1, 2);
        assertThat(explore(plan, TableWorkloads.CLEANING).states()).isGreaterThan(1000);
    }

    @Test
    void aPowerLossWhileEntriesExpireLosesNoOtherAndBringsNoneBack() {
        CrashPlan plan = plan("table, expiring").withLimits(40, 8, 1, 2);
        assertThat(explore(plan, TableWorkloads.EXPIRING).states()).isGreaterThan(1000);
    }

    @Provide
    Arbitrary<List<String>> workloads() {
        Arbitrary<String> line = Arbitraries.of(
                "PUT a 10",
                "PUT a 4000",
                "PUT b 15000",
                "PUT b 15000",
                "PUT c 15000",
                "PUT a 20 4",
                "PUT c 12000 3000",
                "+",
                "DEL a",
                "DEL b",
                "BATCH a b -c",
                "BATCH c d -a",
                "SPREAD 120",
                "CLEAR",
                "GET a",
                "GET b",
                "!",
                ".",
                "~");
        return line.list().ofMinSize(1).ofMaxSize(25);
    }

    @Property(tries = 10)
    void randomChangesSurvive(@ForAll("workloads") List<String> lines, @ForAll long seed) {
        CrashPlan plan = plan("table, random").withSeed(seed).withLimits(20, 8, 1, 2);
        assertThat(new CrashExplorer<>(() -> new TableSubject(lines), plan)
                        .explore()
                        .states())
                .isPositive();
    }

    static List<Arguments> mutants() {
        List<Arguments> mutants = new ArrayList<>(checkpointMutants());
        mutants.addAll(coreMutants());
        mutants.addAll(expiryMutants());
        return mutants;
    }

    private static List<Arguments> checkpointMutants() {
        String reader = "io.sietch.persistent.IndexCheckpointReader";
        return List.of(
                arguments(
                        "mixed",
                        Mutant.of(
                                "what came after a checkpoint is not replayed",
                                reader,
                                "replayFrom",
                                Edit.callInstead("head", "durable"),
                                1)),
                arguments(
                        "cleaning",
                        Mutant.of(
                                "a checkpoint's entries for what was cleaned away are taken over",
                                reader,
                                "isThere",
                                Edit.fieldIs("firstSegment", 0),
                                1)),
                arguments(
                        "cleaning",
                        Mutant.of(
                                "a checkpoint's sums of what was cleaned away are taken over",
                                reader,
                                "load",
                                Edit.fieldIs("firstSegment", 0),
                                1)));
    }

    private static List<Arguments> expiryMutants() {
        String core = "io.sietch.persistent.Table";
        return List.of(
                arguments(
                        "expiring",
                        Mutant.of(
                                "readers are shown what has expired",
                                core + "Item",
                                "isExpired",
                                Edit.skipCall("millis", 0),
                                1)),
                arguments(
                        "expiring",
                        Mutant.of(
                                "a key is removed that was put again after it had expired",
                                core + "Expiry",
                                "removals",
                                Edit.skipCall("isAlive", 1),
                                1)));
    }

    private static List<Arguments> coreMutants() {
        String core = "io.sietch.persistent.TableCore";
        return List.of(
                arguments(
                        "mixed",
                        Mutant.of(
                                "readers are shown what is only written",
                                core,
                                "applyDurable",
                                Edit.callInstead("durable", "written"),
                                1)),
                arguments(
                        "cleaning",
                        Mutant.of(
                                "the log is trimmed before the copies are durable",
                                "io.sietch.persistent.SegmentCleaner",
                                "trimSettled",
                                Edit.readInstead("waitsFor", "keepFrom"),
                                1)),
                arguments(
                        "cleaning",
                        Mutant.of(
                                "nothing is appended again before a segment is trimmed",
                                core,
                                "isAlive",
                                Edit.skipCall("contains", 0),
                                1)));
    }

    @ParameterizedTest
    @MethodSource("mutants")
    void everyMutantIsFound(String workload, Mutant mutant) {
        Mutant.Loader loader = mutant.loader("io.sietch.persistent.");
        CrashPlan plan = plan(mutant + ", " + workload).withLimits(100, 16, 1, 2);
        // An error other than a violation: not even a life without faults goes well.
        AssertionError found = catchThrowableOfType(
                AssertionError.class, () -> new CrashExplorer<>(() -> subject(loader, workload), plan).explore());
        assertThat(loader.applied()).isEqualTo(mutant.changes().size());
        assertThat(found).as("violation of \"" + mutant + "\"").isNotNull();
    }

    @SuppressWarnings("unchecked") // state and operation are of the mutant's world, and opaque here
    private static CrashSubject<Object, Object> subject(Mutant.Loader loader, String workload) {
        return (CrashSubject<Object, Object>)
                loader.make("io.sietch.persistent.TableSubject", new Class<?>[] {String.class}, workload);
    }
}
