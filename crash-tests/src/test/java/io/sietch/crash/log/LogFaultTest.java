package io.sietch.crash.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.sietch.crash.FaultExplorer;
import io.sietch.crash.FaultReport;
import io.sietch.crash.RotExplorer;
import io.sietch.crash.torture.Prey;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever call the medium fails, and whatever bit it flips, the log loses nothing silently. */
class LogFaultTest {
    @ParameterizedTest
    @ValueSource(strings = {"mixed", "stream", "tight", "trims"})
    void everyCallMayFailOnceOrFromThenOn(String workload) {
        FaultReport report =
                new FaultExplorer<>(() -> new LogSubject(workload), Prey.LOG.plan("log, " + workload)).explore();
        System.out.println(report);
        assertThat(report.faults()).isGreaterThan(100);
        assertThat(report.refused()).isPositive();
    }

    @ParameterizedTest
    @ValueSource(strings = {"mixed", "full"})
    void aFlippedBitIsNoticedOrHarmless(String workload) {
        FaultReport report = new RotExplorer<>(() -> new LogSubject(workload), Prey.LOG.plan("log, " + workload))
                .someBits(0, 64 << 10, 4000);
        System.out.println(report);
        assertThat(report.refused()).isPositive();
    }

    @Test
    void aFlippedBitOfTheSuperblockIsHarmless() {
        FaultReport report = new RotExplorer<>(() -> new LogSubject("mixed"), Prey.LOG.plan("log, superblock"))
                .someBits(0, 16 << 10, 2000);
        assertThat(report.refused()).as("refusals: three copies are left").isZero();
    }
}
