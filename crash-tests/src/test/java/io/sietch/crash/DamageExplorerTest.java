package io.sietch.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Damage is told apart by what comes of it. */
class DamageExplorerTest {
    private static DamageExplorer<?, ?> explorer(ToyLog.Bug bug) {
        CrashGeometry geometry = new CrashGeometry(64 << 10, 64 << 10, ToyLog.BLOCK, 512);
        return new DamageExplorer<>(() -> new ToyLogTest.Subject(bug), CrashPlan.of("toy log, " + bug, geometry));
    }

    /** The toy log ends at the first record that is not whole, and says nothing. */
    @Test
    void aLogThatIsCutAtDamageShowsWhatItHadEarlier() {
        DamageReport report = explorer(ToyLog.Bug.NONE).explore(1000, Set.of());
        assertThat(report.of(DamageKind.FILLED_SECTOR).outdated()).isPositive();
        assertThat(report.of(DamageKind.FILLED_SECTOR).wrong()).isZero();
        assertThat(report.of(DamageKind.UNREADABLE_SECTOR).detected()).isPositive();
        assertThat(report.of(DamageKind.ZEROED_SECTOR).harmless())
                .as("one of two headers, and the second block of a record, which is zero as it is")
                .isPositive();
        assertThat(report.toString()).contains("stale medium");
    }

    @Test
    void damageThatIsShownAsDataIsAViolation() {
        DamageExplorer<?, ?> explorer = explorer(ToyLog.Bug.END_MARKER_ONLY);
        CrashViolation found = catchThrowableOfType(CrashViolation.class, () -> explorer.explore(1000, Set.of()));
        assertThat(found).hasMessageContaining("showed wrong data").hasMessageContaining("zeroed_sector:");
        assertThatThrownBy(() -> explorer.replay(found.token())).hasMessageContaining("zeroed_sector:");
    }

    @Test
    void whatIsToleratedIsCounted() {
        DamageReport report = explorer(ToyLog.Bug.END_MARKER_ONLY).explore(1000, EnumSet.allOf(DamageKind.class));
        assertThat(report.of(DamageKind.ZEROED_SECTOR).wrong()).isPositive();
        assertThat(report.of(DamageKind.ZEROED_SECTOR).aWrong()).startsWith("zeroed_sector:");
    }

    @Test
    void tokensAreRead() {
        Damage damage = new Damage(DamageKind.MISDIRECTED_READ, 1, 12, 4096);
        assertThat(Damage.parse(damage.token())).isEqualTo(damage);
        assertThatThrownBy(() -> Damage.parse("zeroed_sector:1")).isInstanceOf(IllegalArgumentException.class);
    }
}
