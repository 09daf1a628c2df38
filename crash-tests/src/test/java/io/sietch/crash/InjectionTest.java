package io.sietch.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sietch.crash.Fault.Call;
import io.sietch.crash.Fault.Effect;
import io.sietch.vsic.DmaBuffer;
import io.sietch.vsic.LatencyModel;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;

/** Calls that end halfway, too late, in an error of the machine, or with the device. */
class InjectionTest {
    private static final int SECTOR = 512;

    private final VirtualTime time = new VirtualTime();
    private final CrashMedia media = new CrashMedia(
            new CrashGeometry(16 * SECTOR, 16 * SECTOR, SECTOR, SECTOR), new LatencyModel(0, 1000, 5000), time);
    private final DmaBuffer buffer = DmaBuffer.allocate(16 * SECTOR, SECTOR, Arena.ofAuto());

    private void write(int sector, int sectors, int value) throws IOException {
        buffer.segment().fill((byte) value);
        media.write((long) sector * SECTOR, buffer, 0, sectors * SECTOR);
    }

    private int seen(CrashMedia where, int sector) throws IOException {
        where.read((long) sector * SECTOR, buffer, 0, SECTOR);
        return buffer.segment().get(ValueLayout.JAVA_BYTE, SECTOR / 2);
    }

    private int afterPowerLoss(int sector, Choices choices) throws IOException {
        return seen(CrashMedia.on(media.crash(CrashModel.SECTORS, choices)), sector);
    }

    @Test
    void ofAWriteThatIsCutShortTheFrontIsThereAndTheRestMayBe() throws IOException {
        media.inject(Fault.once(Call.WRITE, 1).with(Effect.SHORT));
        assertThatThrownBy(() -> write(0, 4, 7)).isInstanceOf(IOException.class).hasMessageContaining("cut short");
        assertThat(seen(media, 1)).isEqualTo(7);
        assertThat(seen(media, 2)).isZero();
        time.advance(2000);
        media.flush();
        assertThat(afterPowerLoss(1, Choices.OLDEST)).isEqualTo(7);
        assertThat(afterPowerLoss(2, Choices.OLDEST)).isZero();
        assertThat(afterPowerLoss(2, Choices.NEWEST)).isEqualTo(7);
    }

    @Test
    void aReadThatIsCutShortLeavesTheRestOfTheBuffer() throws IOException {
        write(0, 2, 7);
        buffer.segment().fill((byte) 9);
        media.inject(Fault.once(Call.READ, 1).with(Effect.SHORT));
        assertThatThrownBy(() -> media.read(0, buffer, 0, 2 * SECTOR)).isInstanceOf(IOException.class);
        assertThat(buffer.segment().get(ValueLayout.JAVA_BYTE, 0)).isEqualTo((byte) 7);
        assertThat(buffer.segment().get(ValueLayout.JAVA_BYTE, SECTOR)).isEqualTo((byte) 9);
    }

    @Test
    void aWriteThatTimesOutComesAfterTheOneThatIsMadeInItsPlace() throws IOException {
        media.inject(Fault.once(Call.WRITE, 1).with(Effect.TIMEOUT));
        assertThatThrownBy(() -> write(0, 1, 7)).hasMessageContaining("timed out");
        write(0, 1, 8);
        assertThat(seen(media, 0)).isEqualTo(8);
        write(1, 1, 1);
        assertThat(seen(media, 0)).isEqualTo(7);
        assertThat(seen(media.kill(2), 0)).as("killed before it came").isIn(7, 8);
    }

    @Test
    void aFlushThatTimesOutMayHaveDoneItsWork() throws IOException {
        write(0, 1, 7);
        time.advance(2000);
        media.inject(Fault.once(Call.FLUSH, 1).with(Effect.TIMEOUT));
        assertThatThrownBy(media::flush).hasMessageContaining("timed out");
        assertThat(afterPowerLoss(0, Choices.OLDEST)).isEqualTo(7);
    }

    @Test
    void aPageThatIsNotThereIsAnErrorOfTheMachine() throws IOException {
        media.inject(Fault.once(Call.WRITE, 1).with(Effect.INTERNAL_ERROR));
        assertThatThrownBy(() -> write(0, 1, 7)).isInstanceOf(InternalError.class);
        assertThat(seen(media, 0)).isZero();
        assertThat(afterPowerLoss(0, Choices.NEWEST))
                .as("any part may be there")
                .isEqualTo(7);
    }

    @Test
    void aResetLosesSomeOfWhatIsUnderWayAndNothingElse() throws IOException {
        write(15, 1, 5);
        media.flush();
        time.advance(2000);
        for (int sector = 0; sector < 15; sector++) {
            write(sector, 1, 7);
        }
        media.inject(Fault.once(Call.FLUSH, 1).with(Effect.RESET));
        assertThatThrownBy(media::flush).hasMessageContaining("reset");
        assertThatThrownBy(() -> seen(media, 0)).hasMessageContaining("gone");
        assertThatThrownBy(() -> write(0, 1, 1)).hasMessageContaining("gone");
        int lost = 0;
        for (int sector = 0; sector < 15; sector++) {
            lost += afterPowerLoss(sector, Choices.NEWEST) == 0 ? 1 : 0;
        }
        assertThat(lost).isBetween(1, 14);
        assertThat(afterPowerLoss(15, Choices.NEWEST)).isEqualTo(5);
    }

    @Test
    void whatMakesNoSenseIsRefused() {
        assertThatThrownBy(() -> Fault.once(Call.GROW, 1).with(Effect.RESET))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Fault.once(Call.FLUSH, 1).with(Effect.SHORT))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
