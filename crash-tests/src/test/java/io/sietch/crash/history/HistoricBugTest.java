package io.sietch.crash.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.sietch.crash.CrashExplorer;
import io.sietch.crash.CrashGeometry;
import io.sietch.crash.CrashPlan;
import io.sietch.crash.CrashViolation;
import io.sietch.crash.FaultExplorer;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The kit finds what was overlooked in systems that are in use, and has nothing against the same stores repaired. */
class HistoricBugTest {
    private static CrashPlan plan(HistoricBug bug) {
        return CrashPlan.of(bug.toString(), new CrashGeometry(16 << 10, 16 << 10, 512, 512))
                .withLimits(100, 32, 4, 8);
    }

    private static void explore(HistoricBug bug, Supplier<SmallStore> stores) {
        CrashPlan plan = plan(bug);
        new CrashExplorer<>(stores, plan).explore();
        new FaultExplorer<>(stores, plan).explore();
    }

    @ParameterizedTest
    @EnumSource
    void everyBugIsFound(HistoricBug bug) {
        AtomicLong lives = new AtomicLong();
        long start = System.nanoTime();
        CrashViolation found = catchThrowableOfType(
                CrashViolation.class,
                () -> explore(bug, () -> {
                    lives.incrementAndGet();
                    return bug.store(false);
                }));
        assertThat(found).as(bug.toString()).isNotNull();
        System.out.printf(
                Locale.ROOT,
                "| %s | `%s` | %,d | %.2f s |%n",
                bug,
                found.token(),
                lives.get(),
                (System.nanoTime() - start) / 1e9);
    }

    @ParameterizedTest
    @EnumSource
    void aRepairedStoreKeepsItsPromises(HistoricBug bug) {
        AtomicLong lives = new AtomicLong();
        explore(bug, () -> {
            lives.incrementAndGet();
            return bug.store(true);
        });
        assertThat(lives.get()).isGreaterThan(100);
    }

    @Test
    void aFaultIsReplayedFromItsToken() {
        HistoricBug bug = HistoricBug.FLUSH_RETRIED;
        CrashPlan plan = plan(bug);
        CrashViolation found = catchThrowableOfType(
                CrashViolation.class, () -> new FaultExplorer<>(() -> bug.store(false), plan).explore());
        assertThat(found).isNotNull();
        assertThatThrownBy(() -> new FaultExplorer<>(() -> bug.store(false), plan).replay(found.token()))
                .isInstanceOf(CrashViolation.class)
                .hasMessage(found.getMessage());
        assertThatCode(() -> new FaultExplorer<>(() -> bug.store(true), plan).replay(found.token()))
                .doesNotThrowAnyException();
        assertThatThrownBy(() -> new FaultExplorer<>(() -> bug.store(true), plan).replay("0:FLUSH"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("0:FLUSH");
    }
}
