package io.sietch.crash.torture;

import static org.assertj.core.api.Assertions.assertThat;

import io.sietch.crash.FaultExplorer;
import io.sietch.crash.FaultReport;
import io.sietch.crash.RotExplorer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whatever call the medium fails, however it does, and whatever bit it flips, nothing is lost silently. */
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
    @CsvSource(
            delimiter = '|',
            value = {
                "LOG           | mixed",
                "TABLE         | mixed",
                "QUEUE         | mixed",
                "KEYSPACE      | SET a 1;!;SET b 2;!;INCR a;^;GET b;!;DEL a;!;^",
                "CONTROL_PLANE | create a 2,resize a 5,delete a,create b 3"
            })
    void everyCallMayBeCutShortTimeOutOrEndInAReset(Prey prey, String workload) {
        FaultReport report = new FaultExplorer<>(
                        () -> prey.subject(getClass().getClassLoader(), workload),
                        prey.plan(prey + ", " + workload).withLimits(100, 8, 0, 0))
                .exploreMore();
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
