package io.sietch.persistent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sietch.vsic.Extent;
import io.sietch.vsic.MappedFileMedia;
import io.sietch.vsic.MappedFileOptions;
import io.sietch.vsic.RamMedia;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A medium that fails, and space that runs out. */
class LogFailureTest {
    private final VolatileCacheMedia media = new VolatileCacheMedia(8 * LogRig.SEGMENT, 4096);
    private final LogRig rig = new LogRig(media);
    private final byte[] payload = LogRig.payload(1, 500);

    @Test
    void aFailedFlushIsFinalUntilTheLogIsOpenedAgain() throws IOException {
        LogCore log = rig.open();
        long safe = rig.appendDurably(log, payload);
        rig.append(log, payload);
        media.failFlushes = true;
        rig.commit(log);
        assertThat(log.isFailed()).isTrue();
        assertThat(log.durable()).isEqualTo(safe);
        media.failFlushes = false;
        rig.commit(log);
        assertThat(log.durable()).as("a second try proves nothing").isEqualTo(safe);
        assertThat(log.claim(1)).isEqualTo(LogCore.FAILED);
        assertThat(LogRig.read(log, 0)).as("reads go on").isNotEmpty();
        media.crash(new Random(3));
        LogCore again = rig.open();
        assertThat(again.durable()).isGreaterThanOrEqualTo(safe);
        assertThat(rig.appendDurably(again, payload)).isEqualTo(again.durable());
    }

    @Test
    void aPageThatTheFileHasLostIsToldAsDamageOfTheRecord(@TempDir Path directory) throws IOException {
        Path file = directory.resolve("device");
        int secondPageOfTheSecondCommit = 7 * 4096;
        try (MappedFileMedia mapped =
                MappedFileMedia.create(file, 8 * LogRig.SEGMENT, MappedFileOptions.DEFAULTS, blank -> {})) {
            LogRig files = new LogRig(mapped);
            LogCore log = files.open();
            long sound = files.appendDurably(log, payload);
            // The length is on a page that stays, and most of the payload on those that go.
            files.appendDurably(log, LogRig.payload(2, 12_000));
            LogCursor cursor = log.cursor(0);
            assertThat(cursor.next()).isTrue();
            try (FileChannel somebody = FileChannel.open(file, StandardOpenOption.WRITE)) {
                somebody.truncate(secondPageOfTheSecondCommit);
            }
            assertThatThrownBy(cursor::next)
                    .isInstanceOf(LogCorruptException.class)
                    .hasMessageContaining("cannot supply a page")
                    .hasCauseInstanceOf(InternalError.class);
            LogCursor again = log.cursor(0);
            assertThat(again.next()).as("what is there can be read").isTrue();
            assertThat(again.end()).isEqualTo(sound);
            files.append(log, payload);
            files.commit(log);
            assertThat(log.isFailed()).as("nothing is acknowledged any more").isTrue();
        }
    }

    @Test
    void aFailedWriteIsFinalUntilTheLogIsOpenedAgain() throws IOException {
        LogCore log = rig.open();
        long safe = rig.appendDurably(log, payload);
        media.failWrites = true;
        rig.append(log, payload);
        rig.commit(log);
        media.failWrites = false;
        assertThat(log.isFailed()).isTrue();
        assertThat(log.written()).isEqualTo(safe);
        rig.commit(log);
        assertThat(log.durable()).isEqualTo(safe);
        assertThat(log.claim(1)).isEqualTo(LogCore.FAILED);
        assertThat(LogRig.read(log, 0)).containsExactly(payload);
    }

    @Test
    void closingAfterAFailureIsQuietAndFailingWhileClosingIsTold() throws IOException {
        LogCore log = rig.open();
        rig.append(log, payload);
        media.failFlushes = true;
        assertThatThrownBy(log::close).isInstanceOf(LogFailedException.class).hasMessageContaining("durable");
        media.failFlushes = false;
        LogCore again = rig.open();
        media.failWrites = true;
        rig.append(again, payload);
        rig.commit(again);
        again.close();
        assertThat(again.isFailed()).isTrue();
    }

    @Test
    void aTrimIsNotDoneBeforeTheMediumKnowsIt() throws IOException {
        LogCore log = rig.open();
        rig.appendDurably(log, payload);
        long second = rig.appendDurably(log, payload);
        log.trim(LogCore.start(second, 500));
        assertThat(log.head()).isEqualTo(LogCore.start(second, 500));
        assertThat(log.trimmed()).isZero();
        media.failFlushes = true;
        rig.settle(log);
        assertThat(log.trimmed()).isZero();
        assertThat(log.isFailed()).isTrue();
    }

    @Test
    void anExtendedAreaIsUsedWhenTheSuperblockKnowsOfIt() throws IOException {
        LogRig growing = new LogRig(new RamMedia(16L * LogRig.SEGMENT));
        growing.extents = List.of(new Extent(0, 2 * LogRig.SEGMENT));
        LogCore log = growing.open();
        byte[] large = LogRig.payload(5, 40_000);
        assertThat(growing.appendDurably(log, large)).isPositive();
        assertThat(growing.appendDurably(log, large)).isPositive();
        assertThat(growing.append(log, large)).isEqualTo(LogCore.NO_SPACE);
        growing.extents =
                List.of(new Extent(0, 2 * LogRig.SEGMENT), new Extent(8 * LogRig.SEGMENT, 2 * LogRig.SEGMENT));
        growing.controller.resize(growing.area, growing.extents);
        log.extend();
        assertThat(growing.append(log, large)).isEqualTo(LogCore.NO_SPACE);
        growing.settle(log);
        assertThat(growing.appendDurably(log, large)).isPositive();
        assertThat(growing.appendDurably(log, large)).isPositive();
        assertThat(LogRig.read(growing.open(), 0)).hasSize(4).containsOnly(large);
    }

    @Test
    void trimmingWhatIsNotDurableIsTheCallersMistake() throws IOException {
        LogCore log = rig.open();
        long end = rig.append(log, payload);
        assertThatThrownBy(() -> log.trim(end))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(String.valueOf(end));
        assertThatThrownBy(() -> log.cursor(end)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aCursorThatTheLogWasTrimmedUnderEnds() throws IOException {
        LogCore log = rig.open();
        rig.appendDurably(log, LogRig.payload(0, 40_000));
        LogCursor cursor = log.cursor(0);
        rig.appendDurably(log, LogRig.payload(1, 40_000));
        log.trim(log.durable());
        rig.settle(log);
        assertThatThrownBy(cursor::next)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("trimmed");
    }

    @Test
    void anAreaTooSmallIsRefusedWithTheNumbers() {
        rig.extents = List.of(new Extent(0, LogRig.SEGMENT));
        assertThatThrownBy(rig::open)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(String.valueOf(LogRig.SEGMENT));
    }
}
