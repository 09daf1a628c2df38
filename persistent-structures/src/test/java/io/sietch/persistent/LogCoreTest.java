package io.sietch.persistent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sietch.vsic.RamMedia;
import io.sietch.vsic.RateLimit;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a single-threaded log does while all is well. */
class LogCoreTest {
    private final LogRig rig = new LogRig(new RamMedia(16 * LogRig.SEGMENT));

    @Test
    void aFreshLogIsEmptyAndClean() throws IOException {
        LogCore log = rig.open();
        assertThat(log.tail()).isEqualTo(new LogTail.Clean(0));
        assertThat(log.appended()).isZero();
        assertThat(log.head()).isZero();
        assertThat(log.cursor(0).next()).isFalse();
    }

    @Test
    void aRecordIsDurableOnlyAfterWriteAndFlush() throws IOException {
        LogCore log = rig.open();
        long end = rig.append(log, LogRig.payload(1, 100));
        assertThat(log.appended()).isEqualTo(end);
        assertThat(log.submitted()).isZero();
        log.commit();
        log.poll();
        assertThat(log.submitted()).isEqualTo(end);
        assertThat(log.written()).isZero();
        rig.controller.poll();
        log.poll();
        assertThat(log.written()).isEqualTo(end);
        assertThat(log.durable()).as("the flush was submitted only now").isZero();
        rig.controller.poll();
        log.poll();
        assertThat(log.durable()).isEqualTo(end);
    }

    @Test
    void recordsComeBackInOrderAfterReopening() throws IOException {
        LogCore log = rig.open();
        List<byte[]> expected = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            byte[] payload = LogRig.payload(i, i * 7 % 900);
            expected.add(payload);
            rig.append(log, payload);
            if (i % 5 == 0) {
                rig.commit(log);
            }
        }
        rig.commit(log);
        long end = log.appended();
        assertThat(LogRig.read(log, 0)).containsExactlyElementsOf(expected);

        LogCore reopened = rig.open();
        assertThat(reopened.tail()).isEqualTo(new LogTail.Clean(end));
        assertThat(reopened.durable()).isEqualTo(end);
        assertThat(LogRig.read(reopened, 0)).containsExactlyElementsOf(expected);
    }

    @Test
    void startAndEndOfARecordTellWhereItLies() throws IOException {
        LogCore log = rig.open();
        rig.append(log, LogRig.payload(0, 5));
        long end = rig.append(log, LogRig.payload(1, 33));
        long last = rig.append(log, new byte[0]);
        rig.commit(log);
        LogCursor cursor = log.cursor(LogCore.start(end, 33));
        assertThat(cursor.next()).isTrue();
        assertThat(LogRig.copy(cursor)).isEqualTo(LogRig.payload(1, 33));
        assertThat(cursor.end()).isEqualTo(end);
        assertThat(cursor.start()).isEqualTo(LogCore.start(end, 33));
        assertThat(cursor.next()).isTrue();
        assertThat(cursor.length()).isZero();
        assertThat(cursor.end()).isEqualTo(last);
        assertThat(cursor.next()).isFalse();
    }

    @Test
    void appendsDuringAFlushGoIntoOneCommit() throws IOException {
        LogCore log = rig.open();
        rig.append(log, LogRig.payload(0, 10));
        log.commit();
        log.poll();
        rig.controller.poll();
        log.poll();
        for (int i = 1; i <= 20; i++) {
            rig.append(log, LogRig.payload(i, 10));
            log.commit();
            log.poll();
        }
        rig.settle(log);
        assertThat(log.durable()).isEqualTo(log.appended());
        assertThat(log.metrics().commits()).isEqualTo(2);
        assertThat(log.metrics().flushes()).isEqualTo(2);
        assertThat(log.metrics().records()).isEqualTo(21);
    }

    @Test
    void submitWritesWithoutFlushing() throws IOException {
        LogCore log = rig.open();
        long end = rig.append(log, LogRig.payload(0, 10));
        long flushes = rig.controller.mediumFlushes();
        log.submit();
        rig.settle(log);
        assertThat(log.written()).isEqualTo(end);
        assertThat(log.durable()).isZero();
        assertThat(rig.controller.mediumFlushes()).isEqualTo(flushes);
        assertThat(LogRig.read(log, 0)).hasSize(1);
    }

    @Test
    void busyWhenAllBuffersAreUnderWayAndNothingIsLost() throws IOException {
        LogCore log = rig.open();
        MemorySegment payload = MemorySegment.ofArray(LogRig.payload(0, 4000));
        int accepted = 0;
        while (log.append(payload, 0, 4000) > 0) {
            accepted++;
        }
        assertThat(log.claim(4000)).isEqualTo(LogCore.BUSY);
        assertThat(accepted).isEqualTo(3 * 4 - 1);
        rig.settle(log);
        assertThat(log.append(payload, 0, 4000)).isPositive();
        rig.commit(log);
        assertThat(LogRig.read(log, 0)).hasSize(accepted + 1);
    }

    @Test
    void aFullLogTakesRecordsAgainAfterATrim() throws IOException {
        LogCore log = rig.open();
        byte[] payload = LogRig.payload(0, 30000);
        long first = 0;
        long end;
        int appended = 0;
        while ((end = rig.append(log, payload)) > 0) {
            first = first == 0 ? end : first;
            appended++;
        }
        assertThat(end).isEqualTo(LogCore.NO_SPACE);
        assertThat(log.freeBytes()).isLessThan(30000L * 2);
        rig.commit(log);
        assertThat(log.claim(30000)).isEqualTo(LogCore.NO_SPACE);
        log.trim(log.durable());
        assertThat(log.claim(30000)).as("the trim is not durable yet").isEqualTo(LogCore.NO_SPACE);
        rig.settle(log);
        assertThat(log.trimmed()).isEqualTo(log.head()).isEqualTo(log.durable());
        assertThat(rig.appendDurably(log, payload)).isPositive();
        assertThat(LogRig.read(log, log.head())).hasSize(1);
        assertThat(appended).isGreaterThan(15);
    }

    @Test
    void appendAndTrimGoRoundAFixedArea() throws IOException {
        LogCore log = rig.open();
        List<Long> starts = new ArrayList<>();
        for (int i = 0; i < 3000; i++) {
            byte[] payload = LogRig.payload(i, 1 + i * 13 % 5000);
            long end = rig.appendDurably(log, payload);
            assertThat(end).isPositive();
            starts.add(LogCore.start(end, payload.length));
            if (i >= 40) {
                log.trim(starts.get(i - 40));
            }
            if (i % 500 == 499) {
                log = rig.open();
                assertThat(log.tail()).isInstanceOf(LogTail.Clean.class);
            }
        }
        rig.settle(log);
        LogCursor cursor = log.cursor(starts.get(2999 - 40));
        for (int i = 2999 - 40; i < 3000; i++) {
            assertThat(cursor.next()).isTrue();
            assertThat(LogRig.copy(cursor)).isEqualTo(LogRig.payload(i, 1 + i * 13 % 5000));
        }
        assertThat(cursor.next()).isFalse();
        assertThat(log.appended()).isGreaterThan(10L * rig.area.size());
    }

    @Test
    void recordsAsLongAsASegmentAllowsAndNotLonger() throws IOException {
        LogCore log = rig.open();
        int max = log.maxRecordBytes();
        byte[] longest = LogRig.payload(3, max);
        for (int i = 0; i < 5; i++) {
            assertThat(rig.append(log, longest)).isPositive();
            rig.append(log, LogRig.payload(i, 3));
        }
        rig.commit(log);
        assertThat(LogRig.read(rig.open(), 0)).hasSize(10).contains(longest);
        assertThatThrownBy(() -> log.claim(max + 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(String.valueOf(max + 1))
                .hasMessageContaining(String.valueOf(max));
        assertThatThrownBy(() -> log.claim(-1)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void abandonedClaimsLeaveNoTrace() throws IOException {
        LogCore log = rig.open();
        assertThat(log.claim(50)).isPositive();
        log.abandon();
        assertThat(log.claim(30000)).isPositive();
        log.abandon();
        rig.append(log, LogRig.payload(0, 8));
        log.claim(9);
        log.abandon();
        rig.append(log, LogRig.payload(1, 9));
        rig.commit(log);
        assertThat(LogRig.read(rig.open(), 0)).containsExactly(LogRig.payload(0, 8), LogRig.payload(1, 9));
    }

    @Test
    void aCleanCloseIsNotedAndNeedsNoSearch() throws IOException {
        LogCore log = rig.open();
        long end = rig.append(log, LogRig.payload(0, 77));
        log.close();
        LogCore again = rig.open();
        assertThat(again.tail()).isEqualTo(new LogTail.Clean(end));
        assertThat(LogRig.read(again, 0)).containsExactly(LogRig.payload(0, 77));
        assertThat(log.claim(1)).isEqualTo(LogCore.FAILED);
    }

    @Test
    void aFlushCoversOnlyWhatWasSeenWrittenWhenItWasSubmitted() throws IOException {
        LogCore log = rig.open();
        long first = rig.append(log, LogRig.payload(0, 100));
        log.commit();
        log.poll();
        rig.controller.poll();
        log.poll();
        long second = rig.append(log, LogRig.payload(1, 9000));
        log.commit();
        log.poll();
        assertThat(log.submitted()).as("written while the flush waits").isEqualTo(second);
        rig.controller.poll();
        log.poll();
        assertThat(log.written()).isEqualTo(second);
        assertThat(log.durable()).isEqualTo(first);
    }

    @Test
    void aFlushDoesNotCoverWritesThatAreStillUnderWay() throws IOException {
        LogCore log = rig.open();
        rig.controller.limit(rig.vsic, new RateLimit(RateLimit.UNLIMITED, 1_000_000, 0));
        long first = rig.append(log, LogRig.payload(0, 100));
        log.commit();
        log.poll();
        MemorySegment filler = MemorySegment.ofArray(LogRig.payload(1, 6000));
        while (log.appended() - first < 16 << 10) {
            log.append(filler, 0, 6000);
        }
        log.poll();
        assertThat(log.submitted()).as("two writes are under way").isGreaterThan(first);
        rig.controller.poll();
        log.poll();
        assertThat(log.written()).as("one of them is done").isEqualTo(first);
        for (int turn = 0; log.durable() == 0 && turn < 100; turn++) {
            rig.now += 1000;
            rig.controller.poll();
            log.poll();
        }
        assertThat(log.durable()).isEqualTo(first);
    }

    @Test
    void aShortQueueIsEnough() throws IOException {
        rig.queue = rig.queue.withDepth(2);
        LogCore log = rig.open();
        for (int i = 0; i < 300; i++) {
            assertThat(rig.append(log, LogRig.payload(i, 3000))).isPositive();
            log.commit();
            if (log.freeBytes() < 4 * LogRig.SEGMENT) {
                log.trim(log.durable());
                rig.settle(log);
            }
        }
        rig.commit(log);
        assertThat(log.durable()).isEqualTo(log.appended());
        assertThat(log.trimmed()).isEqualTo(log.head());
    }
}
