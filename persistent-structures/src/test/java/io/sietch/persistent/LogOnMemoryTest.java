package io.sietch.persistent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sietch.vsic.DmaBuffer;
import io.sietch.vsic.LatencyModel;
import io.sietch.vsic.Media;
import io.sietch.vsic.RamMedia;
import io.sietch.vsic.Rights;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A log on a medium whose blocks are as small as cache lines. */
class LogOnMemoryTest {
    private static final int LINE = 64;
    private static final int PAGE = 4096;
    private static final long BYTES = 16L * LogRig.SEGMENT;

    private static RamMedia media(int blockSize) {
        return new RamMedia(BYTES, BYTES, blockSize, LatencyModel.NONE);
    }

    /** The same bytes on a medium with other blocks. */
    private static RamMedia copy(Media from, int blockSize) throws IOException {
        RamMedia to = media(blockSize);
        DmaBuffer buffer = DmaBuffer.allocate((int) BYTES, PAGE, Arena.ofAuto());
        from.read(0, buffer, 0, (int) BYTES);
        to.write(0, buffer, 0, (int) BYTES);
        return to;
    }

    private static List<byte[]> append(LogRig rig, LogCore log, int records) {
        List<byte[]> appended = new ArrayList<>();
        for (int i = 0; i < records; i++) {
            byte[] payload = LogRig.payload(i, i * 7 % 900);
            appended.add(payload);
            rig.appendDurably(log, payload);
        }
        return appended;
    }

    @Test
    void aCommitTakesNoMoreThanItsOwnLines() throws IOException {
        LogRig rig = new LogRig(media(LINE));
        LogCore log = rig.open();
        rig.appendDurably(log, LogRig.payload(0, 100));
        long before = log.appended();
        long written = log.metrics().writtenBytes();
        rig.appendDurably(log, LogRig.payload(1, 100));
        // The first commit ended in the middle of a line, the second begins with the next.
        assertThat(log.appended() - before).isEqualTo((-before & LINE - 1) + LogFormat.HEADER_LENGTH + 8 + 104);
        assertThat(log.metrics().writtenBytes() - written).isEqualTo(3L * LINE);
    }

    @Test
    void whatWasAppendedComesBackOverManySegments() throws IOException {
        LogRig rig = new LogRig(media(LINE));
        LogCore log = rig.open();
        List<byte[]> appended = append(rig, log, 600);
        assertThat(log.appended()).isGreaterThan(4L * LogRig.SEGMENT);
        LogCore reopened = rig.open();
        assertThat(reopened.tail()).isEqualTo(new LogTail.Clean(log.appended()));
        assertThat(LogRig.read(reopened, 0)).containsExactlyElementsOf(appended);
    }

    /** A cursor that begins in the middle looks for the commit that holds its record. */
    @Test
    void aCursorBeginsAtAnyRecord() throws IOException {
        LogRig rig = new LogRig(media(LINE));
        LogCore log = rig.open();
        List<byte[]> appended = append(rig, log, 100);
        LogCursor all = log.cursor(0);
        for (int i = 0; i < 100; i++) {
            assertThat(all.next()).isTrue();
            LogCursor one = log.cursor(all.start());
            assertThat(one.next()).isTrue();
            assertThat(LogRig.copy(one)).isEqualTo(appended.get(i));
        }
    }

    @Test
    void aLogOfPagesGoesOnInPages() throws IOException {
        LogRig pages = new LogRig(media(PAGE));
        List<byte[]> appended = append(pages, pages.open(), 20);
        LogRig lines = new LogRig(copy(pages.media, LINE));
        LogCore log = lines.open();
        assertThat(LogRig.read(log, 0)).containsExactlyElementsOf(appended);
        appended.addAll(append(lines, log, 20));
        LogRig back = new LogRig(copy(lines.media, PAGE));
        assertThat(LogRig.read(back.open(), 0)).containsExactlyElementsOf(appended);
    }

    @Test
    void aLogOfLinesIsReadButNotWrittenWherePagesTear() throws IOException {
        LogRig lines = new LogRig(media(LINE));
        List<byte[]> appended = append(lines, lines.open(), 20);
        LogRig pages = new LogRig(copy(lines.media, PAGE));
        assertThatThrownBy(pages::open)
                .isInstanceOf(LogFormatException.class)
                .hasMessageContaining("in units of 64 bytes")
                .hasMessageContaining("blocks of 4096");
        pages.rights = Rights.READ_ONLY;
        assertThat(LogRig.read(pages.open(), 0)).containsExactlyElementsOf(appended);
    }

    @Test
    void aTornLastCommitIsCutAndOneBeforeItIsDamage() throws IOException {
        LogRig rig = new LogRig(media(LINE));
        LogCore log = rig.open();
        append(rig, log, 20);
        long kept = log.appended();
        rig.appendDurably(log, LogRig.payload(20, 300));
        long last = (kept + LINE - 1) & -LINE;
        RamMedia torn = copy(rig.media, LINE);
        torn.write(last + LINE, DmaBuffer.allocate(PAGE, PAGE, Arena.ofAuto()), 0, LINE);
        LogTail cut = new LogRig(torn).open().tail();
        assertThat(cut).isInstanceOf(LogTail.Torn.class);
        assertThat(((LogTail.Torn) cut).end()).isEqualTo(kept);

        rig.appendDurably(log, LogRig.payload(21, 10));
        RamMedia damaged = copy(rig.media, LINE);
        damaged.write(last + LINE, DmaBuffer.allocate(PAGE, PAGE, Arena.ofAuto()), 0, LINE);
        assertThat(new LogRig(damaged).open().tail()).isInstanceOf(LogTail.Corrupt.class);
    }
}
