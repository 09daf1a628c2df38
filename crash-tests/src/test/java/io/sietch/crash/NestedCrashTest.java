package io.sietch.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.sietch.crash.Trails.Failure;
import io.sietch.crash.file.CrashFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Crashes inside recovery are all made while the budget lasts, and some are followed by a third. */
class NestedCrashTest {
    private static final int SECTOR = 512;
    private static final int WORK = 4;

    private enum Bug {
        NONE,
        /** One of the sixteen images that a crash of recovery may leave is not understood. */
        ONE_IMAGE,
        /** A recovery that two were cut short before goes wrong. */
        AFTER_TWO
    }

    /** Each recovery counts itself, fills four sectors, and takes both back. */
    private static final class Repairing implements CrashSubject<String, String> {
        private final Bug bug;

        Repairing(Bug bug) {
            this.bug = bug;
        }

        @Override
        public String open(Life<String> life) throws IOException {
            if (life.number() == 0) {
                return "fine";
            }
            FileChannel file = CrashFiles.channel(life.media());
            file.force(true); // finds nothing to flush, so what is left before and after it is the same
            ByteBuffer all = ByteBuffer.allocate((1 + WORK) * SECTOR);
            file.read(all, 0);
            boolean broken = switch (bug) {
                case NONE -> false;
                case ONE_IMAGE ->
                    all.get(SECTOR) == 1
                            && all.get(2 * SECTOR) == 0
                            && all.get(3 * SECTOR) == 1
                            && all.get(4 * SECTOR) == 0;
                case AFTER_TWO -> all.get(0) == 2;
            };
            file.write(ByteBuffer.allocate(SECTOR).put(0, (byte) (all.get(0) + 1)), 0);
            file.force(true);
            ByteBuffer work = ByteBuffer.allocate(WORK * SECTOR);
            for (int i = 0; i < WORK; i++) {
                work.put(i * SECTOR, (byte) 1);
            }
            file.write(work, SECTOR);
            file.force(true);
            file.write(ByteBuffer.allocate((1 + WORK) * SECTOR), 0);
            file.force(true);
            return broken ? "broken" : "fine";
        }

        @Override
        public void check(String before, List<Deed<String>> deeds, String after) {
            assertThat(after).isEqualTo("fine");
        }
    }

    private static CrashPlan plan() {
        return CrashPlan.of("repairs", new CrashGeometry(64 * SECTOR, 64 * SECTOR, 1, SECTOR))
                .withLimits(100, 32, 0, 1);
    }

    private static CrashExplorer<String, String> explorer(Bug bug, CrashPlan plan) {
        return new CrashExplorer<>(() -> new Repairing(bug), plan);
    }

    @Test
    void everyImageOfEveryCrashInsideRecoveryIsMade() {
        CrashReport report = explorer(Bug.NONE, plan()).explore();
        assertThat(report.wholeRecoveries()).isEqualTo(report.recoveries()).isEqualTo(2);
        assertThat(report.nested() - report.deep())
                .as("after a power loss and after a kill: of the count, the work, and of taking both back, each"
                        + " before and after its flush")
                .isEqualTo(2 * (2 + 1 + 16 + 1 + 32 + 1));
        assertThat(report.deep()).isPositive();
        assertThat(report.distinct()).isEqualTo(report.states());
        assertThat(report.exhaustive()).isTrue();
        assertThat(report.faultClass()).isEqualTo(FaultClass.M2);
    }

    @Test
    void ofSectorsThatMayBeDamagedOneIsDamagedInEveryWay() {
        CrashPlan plan = plan().withModel(CrashModel.GARBAGE_SECTORS.withMaxDamaged(1))
                .withLimits(100, 100_000_000, 0, 1)
                .withSecondCrashes(100_000)
                .withDetails(2);
        CrashReport report = explorer(Bug.NONE, plan).explore();
        // Versions differ in one word, so nothing tears them: two fillings, and the older one with other bytes.
        int ways = 2 + 1;
        assertThat(report.nested() - report.deep())
                .isEqualTo(2 * ((2 + ways) + 1 + (16 + 4 * 8 * ways) + 1 + (32 + 5 * 16 * ways) + 1));
        assertThat(report.exhaustive()).isTrue();
        assertThat(report.faultClass()).isEqualTo(FaultClass.M4);
    }

    @Test
    void theTotalsOfTheProcessCountWhatBrokeNoPromise() {
        CrashTotals before = CrashTotals.now();
        CrashReport report = explorer(Bug.NONE, plan()).explore();
        assertThatThrownBy(() -> explorer(Bug.AFTER_TWO, plan()).explore()).isInstanceOf(CrashViolation.class);
        CrashTotals counted = CrashTotals.now().minus(before);
        // Not what is represented: beside what other tests add to the total, a small number vanishes.
        assertThat(counted.explorations()).isEqualTo(1);
        assertThat(counted.states()).isEqualTo(report.states());
        assertThat(counted.nested()).isEqualTo(report.nested());
        assertThat(counted.distinct()).isEqualTo(report.distinct());
        assertThat(counted.distinctNested()).isEqualTo(report.distinctNested());
        assertThat(counted.exhaustive()).containsEntry(FaultClass.M2, 1L);
    }

    @Test
    void oneImageOfOneCrashInsideRecoveryIsFoundAndReplays() {
        CrashViolation found = catchThrowableOfType(
                CrashViolation.class, () -> explorer(Bug.ONE_IMAGE, plan()).explore());
        assertThat(found.token()).isEqualTo("0:/4:v2=1,v4=1");
        assertThatThrownBy(() -> explorer(Bug.ONE_IMAGE, plan()).replay(found.token()))
                .isInstanceOf(CrashViolation.class)
                .hasMessage(found.getMessage());
        explorer(Bug.NONE, plan()).replay(found.token());
    }

    @Test
    void beyondTheBudgetCrashesInsideRecoveryAreSampled() {
        CrashReport report =
                explorer(Bug.ONE_IMAGE, plan().withSecondCrashes(0)).explore();
        assertThat(report.wholeRecoveries()).isZero();
        assertThat(report.exhaustive()).isFalse();
        assertThat(report.nested()).isPositive();
    }

    @Test
    void aCrashThatIsNotNeededIsNotTold() {
        Trails<String, String> trails = new Trails<>(new Lives<>(() -> new Repairing(Bug.ONE_IMAGE), plan()));
        Failure<String, String> found = Objects.requireNonNull(trails.failureOf(Step.parse("0:/2:/4:v2=1,v4=1")));
        assertThat(Step.token(Shrinker.shrink(trails, found).steps())).isEqualTo("0:/4:v2=1,v4=1");
    }

    @Test
    void whatTakesThreeCrashesIsFoundAndReplays() {
        CrashViolation found = catchThrowableOfType(
                CrashViolation.class, () -> explorer(Bug.AFTER_TWO, plan()).explore());
        assertThat(found.token()).isEqualTo("0:/2:/2:");
        assertThatThrownBy(() -> explorer(Bug.AFTER_TWO, plan()).replay(found.token()))
                .isInstanceOf(CrashViolation.class)
                .hasMessage(found.getMessage());
        explorer(Bug.NONE, plan()).replay(found.token());
    }
}
