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

/** The persistent log keeps its promises (L1 to L6) whatever a power loss leaves of it. */
class LogCrashTest {
    static CrashPlan plan(String name) {
        return CrashPlan.of(name, CrashGeometry.of(256 << 10))
                .withLatency(new LatencyModel(0, 1000, 5000))
                .withLazyViews();
    }

    private static CrashReport explore(CrashPlan plan, List<Step> steps) {
        CrashReport report = new CrashExplorer<>(() -> new LogSubject(steps), plan).explore();
        System.out.println(report);
        return report;
    }

    private static final List<Step> MIXED = List.of(
            new Step.Commit(100),
            new Step.Commit(0, 8, 500, 1000),
            new Step.Append(4000, 3000),
            new Step.Write(),
            new Step.Commit(9000),
            new Step.Trim(3));

    @Test
    void aMixedWorkloadSurvivesEveryPowerLoss() {
        CrashReport report = explore(plan("log, mixed"), MIXED);
        assertThat(report.states()).isGreaterThan(1000);
    }

    @Test
    void aMixedWorkloadSurvivesTornSectorsAndGarbage() {
        CrashReport report = explore(plan("log, garbage").withModel(CrashModel.GARBAGE_SECTORS), MIXED);
        assertThat(report.states()).isGreaterThan(1000);
    }

    @Test
    void aCommitFoundTornIsNotCompletedByALaterOne() {
        // Equal commits: what a second life writes can mend what the first left torn.
        List<Step> equal = List.of(new Step.Commit(2000), new Step.Commit(2000));
        CrashReport report = explore(plan("log, equal commits").withLimits(100, 64, 16, 20), equal);
        assertThat(report.states()).isGreaterThan(1000);
    }
}
