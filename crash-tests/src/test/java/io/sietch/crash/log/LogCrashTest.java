package io.sietch.crash.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.sietch.crash.CrashExplorer;
import io.sietch.crash.CrashGeometry;
import io.sietch.crash.CrashModel;
import io.sietch.crash.CrashPlan;
import io.sietch.crash.CrashReport;
import io.sietch.crash.log.LogSubject.Step;
import io.sietch.vsic.LatencyModel;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The persistent log keeps its promises (L1 to L6) whatever a power loss leaves of it. */
class LogCrashTest {
    static CrashPlan plan(String name) {
        return CrashPlan.of(name, CrashGeometry.of(256 << 10))
                .withLatency(new LatencyModel(0, 1000, 5000))
                .withLazyViews();
    }

    /** With crashes inside recovery made in full, or nearly so. */
    private static CrashPlan thorough(String name) {
        CrashPlan plan = plan(name);
        return plan.withSecondCrashes(6 * plan.limits().secondCrashes());
    }

    private static CrashReport explore(CrashPlan plan, List<Step> steps) {
        CrashReport report = new CrashExplorer<>(() -> new LogSubject(steps), plan).explore();
        System.out.println(report);
        return report;
    }

    @Test
    void aMixedWorkloadSurvivesEveryPowerLoss() {
        CrashReport report = explore(thorough("log, mixed"), LogWorkloads.MIXED);
        assertThat(report.states()).isGreaterThan(1000);
    }

    @Test
    void aMixedWorkloadSurvivesTornSectorsAndGarbage() {
        CrashReport report =
                explore(thorough("log, garbage").withModel(CrashModel.GARBAGE_SECTORS), LogWorkloads.MIXED);
        assertThat(report.states()).isGreaterThan(1000);
    }

    @Test
    void aCommitFoundTornIsNotCompletedByALaterOne() {
        CrashReport report = explore(thorough("log, equal commits").withLimits(100, 64, 16, 20), LogWorkloads.EQUAL);
        assertThat(report.states()).isGreaterThan(1000);
    }

    @Test
    void aTailOfUnflushedCommitsIsCutAtTheFirstThatIsMissing() {
        CrashReport report = explore(thorough("log, unflushed tail").withLimits(100, 64, 8, 12), LogWorkloads.TAIL);
        assertThat(report.states()).isGreaterThan(1000);
    }

    @Test
    void aLogThatGoesRoundItsAreaSurvives() {
        CrashReport report = explore(thorough("log, round the area"), LogWorkloads.ROUND);
        assertThat(report.states()).isGreaterThan(1000);
    }

    @Test
    void writesUnderWayDuringAFlushAreNotCoveredByIt() {
        CrashReport report = explore(thorough("log, stream"), LogWorkloads.STREAM);
        assertThat(report.states()).isGreaterThan(1000);
    }

    @Test
    void segmentsAreNotUsedAgainBeforeTheirTrimIsDurable() {
        CrashReport report = explore(thorough("log, tight area"), LogWorkloads.TIGHT);
        assertThat(report.states()).isGreaterThan(1000);
    }

    /** Where blocks are as small as cache lines, commits lie close together, and many in what used to be a block. */
    @ParameterizedTest
    @ValueSource(strings = {"mixed", "round", "tight"})
    void aLogOnMemorySurvivesToo(String workload) {
        CrashPlan plan = CrashPlan.of("log, lines, " + workload, new CrashGeometry(256 << 10, 256 << 10, 64, 64))
                .withLatency(new LatencyModel(0, 1000, 5000))
                .withModel(CrashModel.GARBAGE_SECTORS)
                .withLazyViews()
                .withLimits(20, 16, 1, 2);
        CrashReport report = new CrashExplorer<>(() -> new LogSubject(workload).checkingTheTail(), plan).explore();
        System.out.println(report);
        assertThat(report.states()).isGreaterThan(100);
    }

    @ParameterizedTest
    @ValueSource(strings = {"round", "tight", "high slot", "segments"})
    void checkingTheTailAloneFindsTheSameEnd(String workload) {
        CrashPlan plan = plan("log, tail alone, " + workload).withLimits(40, 16, 2, 4);
        CrashReport report = new CrashExplorer<>(() -> new LogSubject(workload).checkingTheTail(), plan).explore();
        assertThat(report.states()).isGreaterThan(100);
    }
}
