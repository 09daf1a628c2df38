package io.sietch.crash.torture;

import static org.assertj.core.api.Assertions.assertThat;

import io.sietch.crash.FaultExplorer;
import io.sietch.crash.FaultReport;
import io.sietch.crash.RotExplorer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whatever call the medium fails, and whatever bit it flips, table and queue lose nothing silently. */
class FaultTest {
    @ParameterizedTest
    @CsvSource({"TABLE, mixed", "QUEUE, mixed", "QUEUE, leases"})
    void everyCallMayFailOnceOrFromThenOn(Prey prey, String workload) {
        FaultReport report = new FaultExplorer<>(
                        () -> prey.subject(getClass().getClassLoader(), workload), prey.plan(prey + ", " + workload))
                .explore();
        System.out.println(report);
        assertThat(report.faults()).isGreaterThan(100);
        assertThat(report.refused()).isPositive();
    }

    @ParameterizedTest
    @CsvSource({"TABLE, mixed", "QUEUE, mixed"})
    void aFlippedBitIsNoticedOrHarmless(Prey prey, String workload) {
        FaultReport report = new RotExplorer<>(
                        () -> prey.subject(getClass().getClassLoader(), workload), prey.plan(prey + ", " + workload))
                .someBits(0, 64 << 10, 1000);
        System.out.println(report);
        assertThat(report.refused()).isPositive();
    }
}
