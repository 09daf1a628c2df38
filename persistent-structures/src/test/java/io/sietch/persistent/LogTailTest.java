package io.sietch.persistent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sietch.vsic.Extent;
import io.sietch.vsic.Rights;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The decision table of docs/format/log.md, a row each. Segment 0 lies in slot 0, so positions in it are offsets. */
class LogTailTest {
    private static final int BLOCK = VolatileCacheMedia.BLOCK;

    private final VolatileCacheMedia media = new VolatileCacheMedia(8 * LogRig.SEGMENT, BLOCK);
    private final LogRig rig = new LogRig(media);
    private final byte[] a = LogRig.payload(1, 1000);
    private final byte[] b = LogRig.payload(2, 1001);
    private final byte[] c = LogRig.payload(3, 1002);

    /** The first block of the commit that holds the record with this end. */
    private static long commitOf(long end) {
        return end & -BLOCK;
    }

    private LogCore reopen() throws IOException {
        media.crash(new Random(1));
        return rig.open();
    }

    /** Three records in commits of their own, each durable before the next. */
    private long[] threeDurable(LogCore log) {
        return new long[] {rig.appendDurably(log, a), rig.appendDurably(log, b), rig.appendDurably(log, c)};
    }

    @Test
    void theLastCommitWithATornHeaderIsCut() throws IOException {
        long[] ends = threeDurable(rig.open());
        media.flipBit(commitOf(ends[2]) + LogFormat.DURABLE);
        LogCore log = reopen();
        assertThat(log.tail()).isEqualTo(new LogTail.Torn(ends[1], commitOf(ends[2]) + LogFormat.HEADER_LENGTH));
        assertThat(LogRig.read(log, 0)).containsExactly(a, b);
    }

    @Test
    void theLastCommitWithATornBodyIsCut() throws IOException {
        long[] ends = threeDurable(rig.open());
        media.flipBit(ends[2] - 50);
        LogCore log = reopen();
        assertThat(log.tail()).isEqualTo(new LogTail.Torn(ends[1], ends[2]));
        assertThat(log.appended()).isEqualTo(ends[1]);
    }

    @Test
    void damageBelowTheWatermarkIsCorruptionAndNothingIsChanged() throws IOException {
        long[] ends = threeDurable(rig.open());
        media.flipBit(ends[1] - 50);
        byte[] before = media.bytes().clone();
        LogCore log = reopen();
        assertThat(log.tail()).isInstanceOfSatisfying(LogTail.Corrupt.class, corrupt -> {
            assertThat(corrupt.position()).isEqualTo(ends[0]);
            assertThat(corrupt.provenTo()).isEqualTo(ends[1]);
            assertThat(corrupt.detail()).contains(String.valueOf(ends[0])).contains(String.valueOf(ends[1]));
        });
        assertThat(log.claim(1)).isEqualTo(LogCore.FAILED);
        log.trim(ends[0]);
        log.commit();
        rig.settle(log);
        log.close();
        media.crash(new Random(2));
        assertThat(media.bytes()).isEqualTo(before);
    }

    @Test
    void whatLiesBeforeAndBehindDamageCanBeRead() throws IOException {
        long[] ends = threeDurable(rig.open());
        media.flipBit(ends[1] - 50);
        LogCore log = reopen();
        LogCursor cursor = log.cursor(0);
        assertThat(cursor.next()).isTrue();
        assertThat(LogRig.copy(cursor)).isEqualTo(a);
        assertThatThrownBy(cursor::next)
                .isInstanceOfSatisfying(
                        LogCorruptException.class,
                        e -> assertThat(e.position()).isEqualTo(LogCore.start(ends[1], b.length)));
        assertThat(LogRig.read(log, LogCore.start(ends[2], c.length))).containsExactly(c);
    }

    @Test
    void aLostFirstBlockWithALaterCommitThatProvesItIsCorruption() throws IOException {
        long[] ends = threeDurable(rig.open());
        media.zero(commitOf(ends[1]), BLOCK);
        assertThat(reopen().tail()).isInstanceOfSatisfying(LogTail.Corrupt.class, corrupt -> {
            assertThat(corrupt.position()).isEqualTo(ends[0]);
            assertThat(corrupt.provenTo()).isEqualTo(ends[1]);
        });
    }

    /** Leaves a log with a durable, and b and c written but never flushed, of which b is lost. */
    private long[] holeInUnprovenTail() throws IOException {
        LogCore log = rig.open();
        long first = rig.appendDurably(log, a);
        long second = rig.append(log, b);
        log.submit();
        rig.settle(log);
        long third = rig.append(log, c);
        log.submit();
        rig.settle(log);
        media.flush();
        media.zero(commitOf(second), BLOCK);
        return new long[] {first, second, third};
    }

    @Test
    void aLostFirstBlockWithALaterCommitThatProvesNothingIsATornTail() throws IOException {
        long[] ends = holeInUnprovenTail();
        LogCore log = reopen();
        assertThat(log.tail()).isEqualTo(new LogTail.Torn(ends[0], ends[2]));
        assertThat(LogRig.read(log, 0)).containsExactly(a);
    }

    @Test
    void aTailThatWasCutIsNeverRevived() throws IOException {
        long[] ends = holeInUnprovenTail();
        LogCore log = reopen();
        byte[] other = LogRig.payload(9, b.length);
        long end = rig.appendDurably(log, other);
        assertThat(end).as("the commit behind fits exactly").isEqualTo(ends[1]);
        log = reopen();
        assertThat(log.tail()).isEqualTo(new LogTail.Clean(end));
        assertThat(LogRig.read(log, 0)).containsExactly(a, other);
    }

    @Test
    void aClosedLogProvesItsLastCommit() throws IOException {
        LogCore log = rig.open();
        long[] ends = threeDurable(log);
        log.close();
        media.flipBit(ends[2] - 50);
        assertThat(reopen().tail()).isInstanceOfSatisfying(LogTail.Corrupt.class, corrupt -> {
            assertThat(corrupt.position()).isEqualTo(ends[1]);
            assertThat(corrupt.provenTo()).isEqualTo(ends[2]);
        });
    }

    @Test
    void whatRecoveryKeptIsProvenFromThenOn() throws IOException {
        long[] ends = threeDurable(rig.open());
        reopen();
        media.flipBit(ends[2] - 50);
        assertThat(reopen().tail()).isInstanceOf(LogTail.Corrupt.class);
    }

    @Test
    void anUnreadableBlockCountsAsDamaged() throws IOException {
        long[] ends = threeDurable(rig.open());
        media.unreadableBlock = commitOf(ends[1]);
        assertThat(reopen().tail())
                .isInstanceOfSatisfying(
                        LogTail.Corrupt.class,
                        corrupt -> assertThat(corrupt.position()).isEqualTo(ends[0]));
    }

    @Test
    void aLastCommitThatCannotBeReadIsNotCutOff() throws IOException {
        long[] ends = threeDurable(rig.open());
        media.unreadableBlock = commitOf(ends[2]);
        assertThat(reopen().tail()).isInstanceOfSatisfying(LogTail.Corrupt.class, corrupt -> {
            assertThat(corrupt.position()).isEqualTo(ends[1]);
            assertThat(corrupt.detail()).contains("cannot read the block at " + commitOf(ends[2]));
        });
        media.unreadableBlock = -1;
        LogCore log = reopen();
        assertThat(log.tail()).isEqualTo(new LogTail.Clean(ends[2]));
        assertThat(LogRig.read(log, 0)).containsExactly(a, b, c);
    }

    /** Fills three segments with a commit each, and returns the ends. */
    private List<Long> threeSegments() throws IOException {
        LogCore log = rig.open();
        List<Long> ends = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            ends.add(rig.appendDurably(log, LogRig.payload(i, 40_000)));
        }
        return ends;
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void aLostSegmentHeaderWithProvenCommitsBehindItIsCorruption(int segment) throws IOException {
        List<Long> ends = threeSegments();
        media.zero((long) segment * LogRig.SEGMENT + (segment == 0 ? 4 * BLOCK : 0), BLOCK);
        LogCore log = reopen();
        assertThat(log.tail()).isInstanceOf(LogTail.Corrupt.class);
        assertThat(LogRig.read(log, LogCore.start(ends.get(2), 40_000))).containsExactly(LogRig.payload(2, 40_000));
    }

    @Test
    void aTornFirstCommitOfASegmentIsCutAndTheSegmentIsUsedAgain() throws IOException {
        List<Long> ends = threeSegments();
        media.flipBit(2L * LogRig.SEGMENT + 3 * BLOCK);
        LogCore log = reopen();
        assertThat(log.tail()).isEqualTo(new LogTail.Torn(ends.get(1), ends.get(2)));
        byte[] other = LogRig.payload(7, 40_001);
        rig.appendDurably(log, other);
        assertThat(LogRig.read(reopen(), 0))
                .containsExactly(LogRig.payload(0, 40_000), LogRig.payload(1, 40_000), other);
    }

    @Test
    void aMisdirectedCommitIsNotTakenForAnother() throws IOException {
        long[] ends = threeDurable(rig.open());
        byte[] bytes = media.bytes();
        System.arraycopy(bytes, (int) commitOf(ends[1]), bytes, (int) commitOf(ends[2]) + BLOCK, BLOCK);
        media.damaged();
        LogCore log = reopen();
        assertThat(log.tail()).isEqualTo(new LogTail.Clean(ends[2]));
        assertThat(LogRig.read(log, 0)).containsExactly(a, b, c);
    }

    @Test
    void anOlderSuperblockIsNoticed() throws IOException {
        rig.open();
        byte[] old = Arrays.copyOf(media.bytes(), 4 * BLOCK);
        threeDurable(reopen());
        System.arraycopy(old, 0, media.bytes(), 0, old.length);
        media.damaged();
        assertThat(reopen().tail()).isInstanceOf(LogTail.Corrupt.class);
    }

    // ---- superblock ---------------------------------------------------------------------------------------------

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4, 8, 3, 5, 9, 6, 10, 12})
    void anyTwoCopiesOfTheSuperblockMayBeLost(int lost) throws IOException {
        threeDurable(rig.open());
        garble(lost);
        LogCore log = reopen();
        assertThat(LogRig.read(log, 0)).containsExactly(a, b, c);
        garble(15 & ~lost & (lost | 5));
        assertThat(LogRig.read(reopen(), 0)).as("all copies were renewed").containsExactly(a, b, c);
    }

    @ParameterizedTest
    @ValueSource(ints = {7, 11, 13, 14, 15})
    void threeLostCopiesAreRefused(int lost) throws IOException {
        threeDurable(rig.open());
        garble(lost);
        byte[] before = media.bytes().clone();
        assertThatThrownBy(this::reopen).isInstanceOf(LogFormatException.class).hasMessageContaining("area 7");
        assertThat(media.bytes()).isEqualTo(before);
    }

    private void garble(int copies) {
        for (int copy = 0; copy < 4; copy++) {
            if ((copies >> copy & 1) != 0) {
                media.flipBit(copy * BLOCK + 50L);
            }
        }
    }

    @Test
    void anAcknowledgedTrimSurvivesTheLossOfAnyTwoCopies() throws IOException {
        for (int lost : new int[] {3, 5, 9, 6, 10, 12}) {
            LogCore log = rig.open();
            long end = rig.appendDurably(log, a);
            log.trim(end);
            while (log.trimmed() < end) {
                log.poll();
                rig.controller.poll();
            }
            media.dropUnflushed();
            garble(lost);
            assertThat(rig.open().head()).isEqualTo(end);
        }
    }

    @Test
    void aCrashWhileLostCopiesAreRenewedLosesNothing() throws IOException {
        for (int seed = 0; seed < 60; seed++) {
            threeDurable(rig.open());
            media.dropUnflushed();
            garble(seed % 2 == 0 ? 9 : 3);
            media.stepsToCrash = 2 + seed % 4;
            assertThatThrownBy(rig::open).isInstanceOf(IOException.class);
            media.crash(new Random(seed));
            LogCore log = rig.open();
            assertThat(log.tail()).isInstanceOf(LogTail.Clean.class);
            log.trim(log.durable());
            rig.settle(log);
        }
    }

    @Test
    void aLostHeaderOfTheLastSegmentIsNoticedByItsCommits() throws IOException {
        LogCore log = rig.open();
        rig.appendDurably(log, LogRig.payload(0, 40_000));
        rig.appendDurably(log, LogRig.payload(1, 20_000));
        long end = rig.appendDurably(log, LogRig.payload(2, 20_000));
        media.zero(LogRig.SEGMENT, BLOCK);
        LogCore again = reopen();
        assertThat(again.tail()).isInstanceOf(LogTail.Corrupt.class);
        assertThat(LogRig.read(again, LogCore.start(end, 20_000))).containsExactly(LogRig.payload(2, 20_000));
    }

    @Test
    void zeroedSuperblocksOfAUsedAreaAreNotFormattedOver() throws IOException {
        threeDurable(rig.open());
        media.zero(0, 4 * BLOCK);
        assertThatThrownBy(this::reopen).isInstanceOf(LogFormatException.class).hasMessageContaining("holds data");
    }

    @Test
    void aCopyThatTellsOfAFormerLifeKeepsAnAreaFromBeingFormattedAnew() throws IOException {
        rig.open();
        reopen();
        media.zero(BLOCK, (int) media.size() - BLOCK);
        assertThatThrownBy(this::reopen).isInstanceOf(LogFormatException.class).hasMessageContaining("area 7");
    }

    @Test
    void anUnknownVersionIsRefusedWithBothNames() throws IOException {
        threeDurable(rig.open());
        ByteBuffer bytes = ByteBuffer.wrap(media.bytes()).order(ByteOrder.LITTLE_ENDIAN);
        for (int at = 0; at < 4 * BLOCK; at += BLOCK) {
            bytes.putInt(at + LogSuperblockFormat.VERSION_OFFSET, 9);
            CRC32C crc = new CRC32C();
            crc.update(media.bytes(), at, LogSuperblockFormat.CRC);
            bytes.putInt(at + LogSuperblockFormat.CRC, (int) crc.getValue());
        }
        media.damaged();
        assertThatThrownBy(this::reopen)
                .isInstanceOf(LogFormatException.class)
                .hasMessageContaining("version 9")
                .hasMessageContaining("versions up to 2");
    }

    @Test
    void theLogOfAnotherAreaIsRefused() throws IOException {
        threeDurable(rig.open());
        rig.areaId = 8;
        assertThatThrownBy(this::reopen)
                .isInstanceOf(LogFormatException.class)
                .hasMessageContaining("area 8")
                .hasMessageContaining("area 7");
    }

    @Test
    void aTruncatedAreaIsRefusedWithBothSizes() throws IOException {
        threeDurable(rig.open());
        rig.extents = List.of(new Extent(0, 4 * LogRig.SEGMENT));
        assertThatThrownBy(this::reopen)
                .isInstanceOf(LogFormatException.class)
                .hasMessageContaining(String.valueOf(4 * LogRig.SEGMENT))
                .hasMessageContaining(String.valueOf(8 * LogRig.SEGMENT));
    }

    @Test
    void aReadOnlyAreaGivesAReadOnlyLog() throws IOException {
        long[] ends = threeDurable(rig.open());
        byte[] before = media.bytes().clone();
        rig.rights = Rights.READ_ONLY;
        LogCore log = reopen();
        assertThat(log.tail()).isEqualTo(new LogTail.Clean(ends[2]));
        assertThat(LogRig.read(log, 0)).containsExactly(a, b, c);
        assertThat(log.claim(1)).isEqualTo(LogCore.FAILED);
        log.close();
        assertThat(media.bytes()).isEqualTo(before);
    }

    @Test
    void openingTwiceIsOpeningOnce() throws IOException {
        long[] ends = holeInUnprovenTail();
        reopen();
        LogCore log = reopen();
        assertThat(log.tail()).isEqualTo(new LogTail.Clean(ends[0]));
        assertThat(LogRig.read(log, 0)).containsExactly(a);
    }

    // ---- the tail alone -------------------------------------------------------------------------------------------

    /** Records that fill some segments, each durable; returns their ends. */
    private long[] segments(LogCore log) {
        long[] ends = new long[12];
        for (int i = 0; i < ends.length; i++) {
            ends[i] = rig.appendDurably(log, LogRig.payload(i, 20_000));
        }
        assertThat(log.geometry().segmentOf(ends[11])).isGreaterThan(2);
        return ends;
    }

    @Test
    void ifTheTailAloneIsCheckedDamageBeforeItIsToldWhenItIsRead() throws IOException {
        rig.options = rig.options.withCheck(LogCheck.TAIL);
        long[] ends = segments(rig.open());
        media.flipBit(ends[1] - 50);
        LogCore log = reopen();
        assertThat(log.tail()).isEqualTo(new LogTail.Clean(ends[11]));
        assertThat(Verification.of(log, read -> {}).damages())
                .extracting(Verification.Damage::position)
                .containsExactly(LogCore.start(ends[1], 20_000));
        rig.appendDurably(log, a);
        rig.options = rig.options.withCheck(LogCheck.EVERYTHING);
        assertThat(reopen().tail()).isInstanceOf(LogTail.Corrupt.class);
    }

    @Test
    void ifTheTailAloneIsCheckedItsDamageIsFoundAndItsEndCut() throws IOException {
        rig.options = rig.options.withCheck(LogCheck.TAIL);
        long[] ends = segments(rig.open());
        int slot = (int) (ends[11] / LogRig.SEGMENT);
        media.flipBit(ends[11] - 50);
        LogCore log = reopen();
        assertThat(log.tail()).as("in slot " + slot).isEqualTo(new LogTail.Torn(ends[10], ends[11]));
        long end = rig.appendDurably(log, a);
        rig.appendDurably(log, b);
        media.flipBit(end - 50);
        log = reopen();
        assertThat(log.tail()).isInstanceOf(LogTail.Corrupt.class);
        assertThat(log.append(java.lang.foreign.MemorySegment.ofArray(a), 0, 1)).isEqualTo(LogCore.FAILED);
    }

    @Test
    void aLostSegmentHeaderIsFoundIfTheTailAloneIsChecked() throws IOException {
        rig.options = rig.options.withCheck(LogCheck.TAIL);
        segments(rig.open());
        media.flipBit(LogRig.SEGMENT + LogSegmentFormat.EPOCH);
        assertThat(reopen().tail()).isInstanceOf(LogTail.Corrupt.class);
    }

    @Test
    void aMarkIsDurableWhenItIsToldAndNeverAheadOfWhatItPointsAt() throws IOException {
        LogCore log = rig.open();
        assertThat(log.marked()).isZero();
        long first = rig.appendDurably(log, a);
        log.mark(first);
        assertThat(log.marked()).isZero();
        rig.settle(log);
        assertThat(log.marked()).isEqualTo(first);
        long second = rig.append(log, b);
        LogCore open = log;
        assertThatThrownBy(() -> open.mark(second)).hasMessageContaining("only " + first + " is durable");
        log = reopen();
        assertThat(log.marked()).isEqualTo(first);
        log.mark(0);
        rig.settle(log);
        rig.appendDurably(log, c);
        log.trim(first);
        rig.settle(log);
        assertThat(reopen().marked()).isZero();
    }
}
