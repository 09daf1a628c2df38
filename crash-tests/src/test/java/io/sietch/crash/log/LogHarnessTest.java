package io.sietch.crash.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.sietch.crash.CrashExplorer;
import io.sietch.crash.CrashPlan;
import io.sietch.crash.CrashSubject;
import io.sietch.crash.CrashViolation;
import io.sietch.crash.Fault;
import io.sietch.persistent.LogCore;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The crash tests of the log can fail: mistakes of its user and of its device are found. */
class LogHarnessTest {
    private static <S, O> @Nullable CrashViolation explore(String name, Supplier<CrashSubject<S, O>> subjects) {
        CrashPlan plan = LogCrashTest.plan(name).withLimits(100, 64, 8, 12);
        return catchThrowableOfType(CrashViolation.class, () -> new CrashExplorer<>(subjects, plan).explore());
    }

    @Test
    void anAcknowledgementOfWhatIsOnlyWrittenIsFound() {
        CrashViolation found =
                explore("early acknowledgement", () -> new LogSubject(LogWorkloads.MIXED, 64 << 10, LogCore::written));
        assertThat(found).isNotNull().hasMessageContaining("L2");
    }

    @Test
    void aDeviceThatIgnoresFlushesIsFound() {
        Fault lie = Fault.sticky(Fault.Call.FLUSH, 1).with(Fault.Effect.IGNORED);
        CrashViolation found = explore("flushes left out", () -> new LogSubject(LogWorkloads.MIXED).with(lie));
        assertThat(found).isNotNull();
    }
}
