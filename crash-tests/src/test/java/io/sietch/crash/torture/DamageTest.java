package io.sietch.crash.torture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.sietch.crash.CrashPlan;
import io.sietch.crash.DamageExplorer;
import io.sietch.crash.DamageKind;
import io.sietch.crash.DamageReport;
import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Whatever a medium does to data without telling anybody is detected or harmless, or, as far as nobody can tell, looks
 * as if the power had gone earlier.
 */
class DamageTest {
    /** What shows an earlier state if it strikes what was written last, or everything at once. */
    private static final Set<DamageKind> MAY_BE_OUTDATED = EnumSet.of(
            DamageKind.STALE_REGION,
            DamageKind.STALE_MEDIUM,
            DamageKind.LOST_WRITE,
            DamageKind.MISDIRECTED_WRITE,
            DamageKind.MISDIRECTED_READ,
            DamageKind.IGNORED_FLUSH);

    private static final int SAMPLE = 80 * Math.max(1, Integer.getInteger(CrashPlan.TRIES_PROPERTY, 1));

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "LOG           | mixed",
                "LOG           | round",
                "LOG_PAIR      | commit 100,commit 3000 500,trim 1,commit 60",
                "TABLE         | mixed",
                "QUEUE         | mixed",
                "KEYSPACE      | SET a 1;!;SET b 2;!;INCR a;^;GET b;!;DEL a;!;^",
                "CONTROL_PLANE | catalogue,create a 2,resize a 5,delete a,create b 3"
            })
    void damageIsNeverShownAsData(Prey prey, String workload) {
        DamageReport report = new DamageExplorer<>(
                        () -> prey.subject(getClass().getClassLoader(), workload), prey.plan(prey + ", " + workload))
                .explore(SAMPLE, prey.tolerated());
        System.out.println(report);
        assertThat(report.tried()).isGreaterThan(SAMPLE);
        assertThat(report.detected()).isPositive();
        Set<DamageKind> mayBeOutdated = EnumSet.copyOf(MAY_BE_OUTDATED);
        if (prey == Prey.LOG_PAIR) {
            // An area all of which is blank looks as if it had never been used.
            mayBeOutdated.add(DamageKind.BLANK_END);
        }
        assertThat(EnumSet.complementOf(EnumSet.copyOf(mayBeOutdated)))
                .as("kinds after which an earlier state must not be shown")
                .allMatch(kind -> report.of(kind).outdated() == 0);
    }

    /** Found by crash-torture: these ended in errors that did not speak of damage. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "table@damage@20261151@cleaning@lost_write:0:22:0",
                "keyspace@damage@20261151@&;SET a 1;SET t 1 PX 1500;APPEND a life%;SET f #;!;SET b 2;DEL a;!;SET f"
                        + " #;!;~@lost_write:0:6:0",
                "table@damage@30@cleaning@lost_write:0:60:0",
                "keyspace@damage@57@SET a 1;APPEND b x;MSET a 3 b 3;SET t 1 PX 1500;SET a 1;!;APPEND b x;INCR n;~;MSET"
                        + " a 3 b 3@misdirected_write:1:5:24576",
                "keyspace@damage@30@&;SET a 1;SET t 1 PX 1500;APPEND a life%;SET f #;!;SET b 2;DEL a;!;SET f"
                        + " #;!;~@misdirected_write:0:6:20480",
                "keyspace@damage@2003@&;SET a 1;SET t 1 PX 1500;APPEND a life%;SET f #;!;SET b 2;DEL a;!;SET f"
                        + " #;!;~@misdirected_write:1:5:32768"
            })
    void whatReadsLostAndMisdirectedWritesTellsOfDamage(String token) {
        assertThatCode(() -> Trial.parse(token).replay(token)).doesNotThrowAnyException();
    }
}
