package io.sietch.persistent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sietch.vsic.Extent;
import io.sietch.vsic.RamMedia;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class QueueCoreTest {
    private static final int SEGMENTS = 8;
    private static final int ITEMS = 600;

    private final VolatileCacheMedia media = new VolatileCacheMedia(SEGMENTS * LogRig.SEGMENT, 4096);
    private final QueueRig rig = new QueueRig(media);

    private static byte[] value(int number) {
        return LogRig.payload(number, 20 + number % 50);
    }

    private void offerDurably(QueueCore queue, int from, int to) {
        for (int i = from; i < to; i++) {
            assertThat(rig.offer(queue, value(i))).isPositive();
        }
        rig.commit(queue);
    }

    private void expectNext(QueueCore queue, int number) {
        assertThat(queue.next()).as("there is an item").isTrue();
        assertThat(QueueRig.value(queue)).as("item " + number).isEqualTo(value(number));
    }

    private QueueCore powerCut() throws IOException {
        media.dropUnflushed();
        return rig.open();
    }

    @Test
    void itemsComeOutInTheOrderTheyWentIn() throws IOException {
        QueueCore queue = rig.open();
        assertThat(queue.next()).isFalse();
        offerDurably(queue, 0, 100);
        assertThat(queue.size()).isEqualTo(100);
        for (int i = 0; i < 100; i++) {
            expectNext(queue, i);
            assertThat(queue.isRedelivered()).isFalse();
            assertThat(queue.id()).isEqualTo(i + 1);
            queue.take();
        }
        assertThat(queue.next()).isFalse();
        assertThat(queue.size()).isZero();
        queue.close();
    }

    @Test
    void anItemIsNotHandedOutBeforeItIsDurable() throws IOException {
        QueueCore queue = rig.open();
        rig.offer(queue, value(0));
        assertThat(queue.next()).isFalse();
        queue.log().submit();
        rig.settle(queue);
        assertThat(queue.log().written()).isEqualTo(queue.log().appended());
        assertThat(queue.next()).as("written is not durable").isFalse();
        rig.commit(queue);
        expectNext(queue, 0);
    }

    /** Nobody commits again: what found no buffer when it was to be written down has to go on by polling alone. */
    @Test
    void anAcknowledgementThatFoundTheLogBusyBecomesDurableAllTheSame() throws IOException {
        QueueCore queue = rig.open();
        offerDurably(queue, 0, 3);
        expectNext(queue, 0);
        queue.take();
        byte[] large = LogRig.payload(1, 1000);
        while (queue.offer(MemorySegment.ofArray(large), 0, large.length) != LogCore.BUSY) {
            queue.log().commit();
        }
        queue.commit();
        rig.settle(queue);
        assertThat(queue.acknowledgedDurably()).isEqualTo(queue.acknowledged());
    }

    @Test
    void whatWasTakenDurablyIsGoneAndTheRestIsThereAfterAPowerCut() throws IOException {
        QueueCore queue = rig.open();
        offerDurably(queue, 0, 10);
        for (int i = 0; i < 4; i++) {
            expectNext(queue, i);
            queue.take();
        }
        assertThat(queue.acknowledgedDurably()).isZero();
        rig.commit(queue);
        assertThat(queue.acknowledgedDurably()).isEqualTo(queue.acknowledged()).isEqualTo(4);
        expectNext(queue, 4);
        queue.take();
        queue = powerCut();
        assertThat(queue.size()).isEqualTo(6);
        for (int i = 4; i < 10; i++) {
            expectNext(queue, i);
            queue.take();
        }
        assertThat(queue.next()).isFalse();
    }

    @Test
    void aLeasedItemIsRedeliveredAndMarkedAfterAPowerCut() throws IOException {
        QueueCore queue = rig.open();
        offerDurably(queue, 0, 20);
        List<Long> leased = new ArrayList<>();
        for (int i = 0; i < 7; i++) {
            leased.add(rig.lease(queue));
        }
        assertThat(queue.ack(leased.get(2))).isTrue();
        assertThat(queue.ack(leased.get(2))).as("once is enough").isFalse();
        assertThat(queue.ack(4711)).isFalse();
        rig.commit(queue);
        queue = powerCut();
        assertThat(queue.size()).isEqualTo(19);
        for (int i : new int[] {0, 1, 3, 4, 5, 6}) {
            expectNext(queue, i);
            assertThat(queue.isRedelivered()).as("item " + i).isTrue();
            assertThat(queue.lease()).isEqualTo(QueueCore.Leasing.LEASED);
        }
        expectNext(queue, 7);
    }

    @Test
    void afterACleanCloseExactlyWhatWasLeasedIsMarked() throws IOException {
        QueueCore queue = rig.open();
        offerDurably(queue, 0, 20);
        for (int i = 0; i < 3; i++) {
            rig.lease(queue);
        }
        queue.close();
        queue = rig.open();
        for (int i = 0; i < 20; i++) {
            expectNext(queue, i);
            assertThat(queue.isRedelivered()).as("item " + i).isEqualTo(i < 3);
            queue.take();
        }
        offerDurably(queue, 20, 21);
        expectNext(queue, 20);
        assertThat(queue.isRedelivered()).isFalse();
    }

    @Test
    void whatIsOfferedAfterACrashIsNotMarked() throws IOException {
        QueueCore queue = rig.open();
        offerDurably(queue, 0, 1);
        rig.lease(queue);
        queue = powerCut();
        offerDurably(queue, 1, 2);
        expectNext(queue, 0);
        assertThat(queue.isRedelivered()).isTrue();
        queue.take();
        expectNext(queue, 1);
        assertThat(queue.isRedelivered()).isFalse();
    }

    @Test
    void anItemIsLeasedOnlyWhenACrashWouldTell() throws IOException {
        QueueCore queue = rig.open();
        offerDurably(queue, 0, 1);
        assertThat(queue.next()).isTrue();
        assertThat(queue.lease()).isEqualTo(QueueCore.Leasing.NOT_YET);
        queue.commit();
        assertThat(queue.next()).isTrue();
        assertThat(queue.lease()).as("nothing was flushed yet").isEqualTo(QueueCore.Leasing.NOT_YET);
        rig.settle(queue);
        assertThat(queue.next()).isTrue();
        assertThat(queue.lease()).isEqualTo(QueueCore.Leasing.LEASED);
    }

    @Test
    void whatIsGivenBackComesNextAndMarkedOldestFirst() throws IOException {
        QueueCore queue = rig.open();
        offerDurably(queue, 0, 10);
        long[] ids = new long[6];
        for (int i = 0; i < 6; i++) {
            ids[i] = rig.lease(queue);
        }
        for (int i : new int[] {4, 1, 5, 3}) {
            assertThat(queue.nack(ids[i])).isTrue();
            assertThat(queue.nack(ids[i])).isFalse();
        }
        for (int i : new int[] {1, 3, 4, 5, 6}) {
            expectNext(queue, i);
            assertThat(queue.isRedelivered()).isEqualTo(i < 6);
            queue.take();
        }
        assertThat(queue.leases()).isEqualTo(2);
    }

    @Test
    void leasesAreLimitedAndTakingGoesOn() throws IOException {
        QueueCore queue = rig.open();
        offerDurably(queue, 0, 40);
        long first = rig.lease(queue);
        for (int i = 1; i < 16; i++) {
            rig.lease(queue);
        }
        assertThat(queue.next()).isTrue();
        assertThat(queue.lease()).isEqualTo(QueueCore.Leasing.TOO_MANY);
        queue.take();
        assertThat(queue.ack(first)).isTrue();
        rig.lease(queue);
    }

    private int fill(QueueCore queue, int from) {
        int number = from;
        while (rig.offer(queue, value(number)) > 0) {
            number++;
        }
        rig.commit(queue);
        return number;
    }

    @Test
    void aFullQueueCanBeEmptiedItemByItemEachDurably() throws IOException {
        QueueCore queue = rig.open();
        int end = fill(queue, 0);
        assertThat(end).isGreaterThan(2000);
        for (int i = 0; i < end; i++) {
            expectNext(queue, i);
            queue.take();
            rig.commit(queue);
            assertThat(queue.acknowledgedDurably()).as("item " + i).isEqualTo(i + 1);
        }
        assertThat(queue.size()).isZero();
        int refilled = fill(queue, 0);
        assertThat(refilled).as("the room is there again").isGreaterThan(end * 3 / 4);
        queue = powerCut();
        for (int i = 0; i < refilled; i++) {
            expectNext(queue, i);
            queue.take();
            rig.commit(queue);
        }
        assertThat(queue.next()).isFalse();
    }

    /**
     * Acknowledgements take more room than the items did, and those out of order need a record each, so what is left
     * lies in front of a log that is full. Returns which item is next.
     */
    private int fillWithAcknowledgements(QueueCore queue) {
        offerDurably(queue, 0, ITEMS);
        int next = 0;
        while (queue.log().freeBytes() >= LogRig.SEGMENT / 2) {
            expectNext(queue, next++);
            queue.take();
            rig.commit(queue);
        }
        long first = rig.lease(queue);
        next++;
        while (queue.acknowledgedDurably() == queue.acknowledged()) {
            expectNext(queue, next++);
            queue.take();
            rig.commit(queue);
        }
        assertThat(queue.ack(first)).isTrue();
        rig.commit(queue);
        assertThat(queue.acknowledgedDurably()).isEqualTo(queue.acknowledged());
        assertThat(queue.log().claim(QueueRecordFormat.acksLength(0))).isEqualTo(LogCore.NO_SPACE);
        assertThat(next).isLessThan(ITEMS - 20);
        return next;
    }

    @Test
    void whereNothingFitsAnyMoreItemsAreLeasedAllTheSame() throws IOException {
        QueueCore queue = rig.open();
        int next = fillWithAcknowledgements(queue);
        while (next < ITEMS) {
            expectNext(queue, next);
            assertThat(queue.ack(rig.lease(queue))).isTrue();
            rig.commit(queue);
            assertThat(queue.acknowledgedDurably()).as("item " + next).isEqualTo(++next);
        }
        assertThat(queue.size()).isZero();
    }

    @Test
    void whatIsLeasedWhereNothingFitsIsMarkedAfterAPowerCut() throws IOException {
        QueueCore queue = rig.open();
        int next = fillWithAcknowledgements(queue);
        assertThat(queue.next()).isTrue();
        assertThat(queue.lease()).isEqualTo(QueueCore.Leasing.NOT_YET);
        queue.commit();
        assertThat(queue.lease()).as("the mark is not durable yet").isEqualTo(QueueCore.Leasing.NOT_YET);
        rig.lease(queue);
        rig.lease(queue);
        queue = powerCut();
        expectNext(queue, next);
        assertThat(queue.isRedelivered()).isTrue();
        // Nobody leased anything in this life, and what the life before may have leased is not forgotten.
        queue.close();
        queue = rig.open();
        int mayBeMarked = 2 + rig.options.leaseAhead();
        for (int i = 0; i <= mayBeMarked; i++) {
            expectNext(queue, next + i);
            if (i < 2 || i == mayBeMarked) {
                assertThat(queue.isRedelivered()).as(i + " ahead").isEqualTo(i < 2);
            }
            queue.take();
        }
    }

    @Test
    void theMarkOfAFullLogIsGoneWhenItWasClosedWithRoom() throws IOException {
        QueueCore queue = rig.open();
        int next = fillWithAcknowledgements(queue);
        long leased = rig.lease(queue);
        assertThat(queue.log().marked()).isPositive();
        assertThat(queue.ack(leased)).isTrue();
        for (int i = next + 1; i < ITEMS; i++) {
            expectNext(queue, i);
            queue.take();
            rig.commit(queue);
        }
        queue.close();
        queue = rig.open();
        assertThat(queue.log().marked()).isZero();
        assertThat(queue.size()).isZero();
    }

    @Test
    void theLongestValuesGoThroughAnAreaOfFourSegmentsForEver() throws IOException {
        rig.log.extents = List.of(new Extent(0, 4 * LogRig.SEGMENT));
        QueueCore queue = rig.open();
        for (int i = 0; i < 50; i++) {
            byte[] value = LogRig.payload(i, queue.maxValueBytes());
            assertThat(rig.offer(queue, value)).as("item " + i).isPositive();
            rig.commit(queue);
            assertThat(queue.next()).isTrue();
            assertThat(QueueRig.value(queue)).isEqualTo(value);
            queue.take();
            rig.commit(queue);
            assertThat(queue.acknowledgedDurably()).isEqualTo(i % 10 + 1);
            if (i % 10 == 9) {
                queue.close();
                queue = rig.open();
                assertThat(queue.next()).isFalse();
            }
        }
    }

    @Test
    void aStuckLeaseDoesNotStopTheQueueAndIsNotLost() throws IOException {
        QueueCore queue = rig.open();
        offerDurably(queue, 0, 1);
        long stuck = rig.lease(queue);
        for (int i = 1; i < 60_000; i++) {
            assertThat(rig.offer(queue, value(i))).as("item " + i).isPositive();
            if (i % 50 == 0) {
                rig.commit(queue);
                while (queue.next()) {
                    queue.take();
                }
                rig.commit(queue);
            }
        }
        assertThat(queue.leases()).isEqualTo(1);
        assertThat(queue.metrics().freedSegments()).isGreaterThan(3 * SEGMENTS);
        queue = powerCut();
        expectNext(queue, 0);
        assertThat(queue.id()).isEqualTo(stuck);
        assertThat(queue.isRedelivered()).isTrue();
        assertThat(queue.lease()).isEqualTo(QueueCore.Leasing.LEASED);
        assertThat(queue.ack(stuck)).isTrue();
        rig.commit(queue);
        queue = powerCut();
        assertThat(queue.next() && queue.id() == stuck).isFalse();
    }

    @Test
    void aMovedItemSurvivesAPowerCutAtEveryStep() throws IOException {
        int step = 0;
        boolean moved;
        do {
            Random survival = new Random(step);
            QueueRig mine = new QueueRig(new VolatileCacheMedia(SEGMENTS * LogRig.SEGMENT, 4096));
            QueueCore queue = mine.open();
            byte[] large = new byte[40_000];
            mine.offer(queue, value(0));
            mine.offer(queue, large);
            mine.commit(queue);
            mine.lease(queue);
            // Taking and offering goes on, up to where the stuck item is due to be moved.
            for (int i = 0; i < 4; i++) {
                assertThat(mine.offer(queue, large)).isPositive();
                assertThat(queue.next()).isTrue();
                queue.take();
                mine.commit(queue);
            }
            assertThat(mine.offer(queue, large)).isPositive();
            queue.commit();
            // Each number of steps is tried with eight ways in which unflushed writes may survive.
            for (int i = 0; i < step / 8; i++) {
                if (i % 2 == 0) {
                    queue.poll();
                } else {
                    mine.log.controller.poll();
                }
            }
            moved = queue.metrics().freedSegments() >= 3;
            ((VolatileCacheMedia) mine.log.media).crash(survival);
            queue = mine.open();
            assertThat(queue.next()).isTrue();
            assertThat(QueueRig.value(queue)).as("after " + step + " steps").isEqualTo(value(0));
            step++;
        } while (!moved && step < 400);
        assertThat(moved)
                .as("the item was moved, and what kept its segment freed")
                .isTrue();
    }

    @Test
    void aTrimThatStandsForAcknowledgementsWaitsForMovedItems() throws IOException {
        byte[] stuck = new byte[40_000];
        for (int step = 0; step < 80; step++) {
            QueueRig mine = new QueueRig(new VolatileCacheMedia(SEGMENTS * LogRig.SEGMENT, 4096));
            QueueCore queue = mine.open();
            mine.offer(queue, stuck);
            mine.offer(queue, value(1));
            mine.offer(queue, new byte[2_000]);
            mine.commit(queue);
            mine.lease(queue);
            for (int length : new int[] {40_000, 5_000, 500}) {
                while (mine.offer(queue, new byte[length]) > 0) {
                    mine.commit(queue);
                }
            }
            // A durable acknowledgement behind all items: from now on, to trim says that what lies before is taken.
            expectNext(queue, 1);
            queue.take();
            mine.commit(queue);
            while (queue.hasAckRoom() && queue.next() && queue.id() < 6) {
                queue.take();
            }
            long free = queue.log().freeBytes();
            queue.poll();
            assertThat(free - queue.log().freeBytes())
                    .as("the stuck item was moved")
                    .isGreaterThan(stuck.length);
            for (int i = 0; i < step / 8; i++) {
                if (i % 2 == 0) {
                    mine.log.controller.poll();
                } else {
                    queue.poll();
                }
            }
            ((VolatileCacheMedia) mine.log.media).crash(new Random(step));
            queue = mine.open();
            assertThat(queue.next()).isTrue();
            assertThat(queue.length()).as("after " + step + " steps").isEqualTo(stuck.length);
            assertThat(queue.isRedelivered()).isTrue();
        }
    }

    @Test
    void nothingIsTrimmedForAnAcknowledgementThatIsNotDurable() throws IOException {
        QueueCore queue = rig.open();
        byte[] large = new byte[40_000];
        for (int i = 0; i < 4; i++) {
            rig.offer(queue, large);
        }
        rig.commit(queue);
        // Leasing leaves an acknowledgement record behind all items, so that trimming may begin.
        rig.lease(queue);
        queue.ack(1);
        rig.commit(queue);
        for (int i = 1; i < 4; i++) {
            assertThat(queue.next()).isTrue();
            queue.take();
        }
        rig.settle(queue);
        assertThat(queue.acknowledgedDurably()).isEqualTo(1);
        queue = powerCut();
        assertThat(queue.size()).as("nobody has seen the three").isEqualTo(3);
    }

    @Test
    void whileRoomIsShortAcknowledgementsOutOfOrderAreNotLost() throws IOException {
        QueueCore queue = rig.open();
        fill(queue, 0);
        while (queue.log().freeBytes() >= LogRig.SEGMENT / 2) {
            assertThat(queue.next()).isTrue();
            queue.take();
            rig.commit(queue);
        }
        long first = rig.lease(queue);
        long kept = rig.lease(queue);
        long last = rig.lease(queue);
        assertThat(queue.ack(last) && queue.ack(first)).isTrue();
        rig.commit(queue);
        assertThat(queue.acknowledgedDurably()).isEqualTo(queue.acknowledged());
        queue = powerCut();
        assertThat(rig.lease(queue)).isEqualTo(kept);
        assertThat(rig.lease(queue)).isEqualTo(last + 1);
    }

    @Test
    void acknowledgementsInAnyOrderFreeSegments() throws IOException {
        QueueCore queue = rig.open();
        int offered = 0;
        for (int round = 0; round < 2000; round++) {
            for (int i = 0; i < 12; i++) {
                assertThat(rig.offer(queue, value(offered++))).isPositive();
            }
            rig.commit(queue);
            long[] ids = new long[12];
            for (int i = 0; i < 12; i++) {
                ids[i] = rig.lease(queue);
            }
            for (int i = 0; i < 12; i++) {
                assertThat(queue.ack(ids[(i * 5 + round) % 12])).isTrue();
            }
            rig.commit(queue);
            assertThat(queue.acknowledgedDurably()).isEqualTo(offered);
        }
        assertThat(queue.size()).isZero();
    }

    @Test
    void idsGoOnWhenEverythingWasTrimmed() throws IOException {
        QueueCore queue = rig.open();
        int offered = 0;
        while (queue.metrics().freedSegments() < 3) {
            offerDurably(queue, offered, ++offered);
            assertThat(queue.next()).isTrue();
            queue.take();
        }
        rig.commit(queue);
        queue.close();
        queue = rig.open();
        offerDurably(queue, 0, 1);
        expectNext(queue, 0);
        assertThat(queue.id()).isGreaterThan(offered);
    }

    @Test
    void aLogThatIsNoQueueIsRefused() throws IOException {
        LogCore log = rig.log.open();
        rig.log.appendDurably(log, new byte[100]);
        log.close();
        assertThatThrownBy(rig::open)
                .isInstanceOf(LogFormatException.class)
                .hasMessageContaining("no record of a queue");
    }

    @Test
    void aDamagedQueueIsRefused() throws IOException {
        QueueCore queue = rig.open();
        long end = rig.offer(queue, value(3));
        rig.commit(queue);
        offerDurably(queue, 4, 5);
        queue.close();
        media.flipBit(end - 30);
        media.damaged();
        assertThatThrownBy(rig::open).isInstanceOf(LogFormatException.class).hasMessageContaining("its log is damaged");
    }

    @Test
    void anAreaOfLessThanFourSegmentsIsRefused() {
        QueueRig small = new QueueRig(new RamMedia(3 * LogRig.SEGMENT));
        assertThatThrownBy(small::open)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("needs 4 segments");
    }

    @Test
    void afterAFailedFlushNothingIsAcknowledged() throws IOException {
        QueueCore queue = rig.open();
        offerDurably(queue, 0, 3);
        expectNext(queue, 0);
        queue.take();
        media.failFlushes = true;
        rig.commit(queue);
        assertThat(queue.isFailed()).isTrue();
        media.failFlushes = false;
        rig.commit(queue);
        assertThat(queue.acknowledgedDurably()).isZero();
        assertThat(rig.offer(queue, value(3))).isEqualTo(LogCore.FAILED);
        queue = powerCut();
        expectNext(queue, 0);
    }
}
