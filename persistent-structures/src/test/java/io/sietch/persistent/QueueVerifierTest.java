package io.sietch.persistent;

import static org.assertj.core.api.Assertions.assertThat;

import io.sietch.persistent.Verification.Damage;
import io.sietch.vsic.RamMedia;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class QueueVerifierTest {
    private final RamMedia media = new RamMedia(16 * LogRig.SEGMENT);
    private final QueueRig rig = new QueueRig(media);

    private static Verification verify(QueueCore queue) {
        try (QueueVerifier verifier = queue.verifier()) {
            return Verification.of(verifier, read -> assertThat(read).isNotNegative());
        }
    }

    private static String detail(Verification found) {
        assertThat(found.damages()).isNotEmpty();
        return found.damages().getFirst().detail();
    }

    private void offer(QueueCore queue, int count) {
        for (int i = 0; i < count; i++) {
            assertThat(rig.offer(queue, LogRig.payload(i, 100))).isPositive();
        }
        rig.commit(queue);
    }

    private void take(QueueCore queue, int count) {
        for (int i = 0; i < count; i++) {
            assertThat(queue.next()).isTrue();
            queue.take();
        }
    }

    /** Twenty items: three are taken, three leased of which one is acknowledged and one has come back. */
    private QueueCore filled() throws IOException {
        QueueCore queue = rig.open();
        offer(queue, 20);
        take(queue, 3);
        long first = rig.lease(queue);
        assertThat(rig.lease(queue)).isEqualTo(first + 1);
        assertThat(rig.lease(queue)).isEqualTo(first + 2);
        assertThat(queue.ack(first + 1)).isTrue();
        assertThat(queue.nack(first + 2)).isTrue();
        rig.commit(queue);
        return queue;
    }

    @Test
    void aSoundQueueIsFoundSoundWithAllThatIsInIt() throws IOException {
        assertThat(verify(rig.open())).isEqualTo(new Verification(0, 0, 0, List.of()));
        QueueCore queue = filled();
        assertThat(verify(queue).damages()).isEmpty();
        assertThat(verify(queue).keys()).isEqualTo(16);
        queue.close();
        queue = rig.open();
        assertThat(verify(queue).damages()).isEmpty();
        assertThat(verify(queue).keys()).isEqualTo(16);
    }

    @Test
    void whatIsNotYetWrittenDownCountsToo() throws IOException {
        QueueCore queue = filled();
        take(queue, 2);
        rig.offer(queue, LogRig.payload(1, 100));
        assertThat(verify(queue))
                .extracting(Verification::keys, Verification::isSound)
                .containsExactly(15L, true);
    }

    @Test
    void aQueueIsVerifiedWhileItIsUsedTrimmedAndItsItemsMoved() throws IOException {
        QueueCore queue = rig.open();
        Random random = new Random(1);
        int finished = 0;
        QueueVerifier verifier = queue.verifier();
        for (int i = 0; i < 6000; i++) {
            switch (random.nextInt(8)) {
                case 0, 1, 2 -> rig.offer(queue, LogRig.payload(i, random.nextInt(3000)));
                case 3, 4, 5 -> {
                    if (queue.hasAckRoom() && queue.next()) {
                        queue.take();
                    }
                }
                default -> use(queue, random, i);
            }
            queue.commit();
            queue.poll();
            rig.log.controller.poll();
            if (i % 4 == 0 && !verifier.step()) {
                assertThat(verifier.result().damages()).isEmpty();
                verifier.close();
                verifier = queue.verifier();
                finished++;
            }
        }
        assertThat(finished).isGreaterThan(20);
        assertThat(queue.log().head()).as("it was trimmed").isGreaterThan(40 * LogRig.SEGMENT);
        verifier.close();
    }

    private static QueueLeases leases(QueueCore queue) {
        try (QueueVerifier verifier = queue.verifier()) {
            return verifier.leases();
        }
    }

    private void use(QueueCore queue, Random random, int step) {
        if (queue.leases() < 8 && queue.next()) {
            queue.lease();
        } else if (step % 40 == 0 && queue.hasAckRoom()) {
            List<Long> ids = new ArrayList<>();
            leases(queue).forEach((id, position) -> ids.add(id));
            ids.stream()
                    .filter(id -> random.nextInt(4) == 0 && queue.hasAckRoom())
                    .forEach(queue::ack);
        }
    }

    // ---- what the queue holds -----------------------------------------------------------------------------------

    @Test
    void anItemThatIsHeldAndAcknowledgedIsNamed() throws IOException {
        QueueCore queue = filled();
        leases(queue).lease(1, queue.log().head());
        assertThat(detail(verify(queue))).contains("item 1 is held", "acknowledged");
    }

    @Test
    void anItemThatIsHeldWhereItIsNotIsNamed() throws IOException {
        QueueCore queue = filled();
        QueueLeases leases = leases(queue);
        leases.move(4, leases.position(6));
        assertThat(detail(verify(queue))).contains("item 4 is not at position");
        leases.move(4, queue.log().appended() + 8);
        assertThat(detail(verify(queue))).contains("item 4 is held where nothing is");
    }

    @Test
    void anItemThatTheQueueHasLostIsCounted() throws IOException {
        QueueCore queue = filled();
        leases(queue).remove(4);
        assertThat(verify(queue).damages())
                .singleElement()
                .extracting(Damage::detail)
                .asString()
                .contains("holds 1 items that were handed out, and its log has 2");
    }

    // ---- what the log says --------------------------------------------------------------------------------------

    private static byte[] item(int magic, long id) {
        byte[] record = new byte[QueueRecordFormat.itemLength(4)];
        // The formats want memory that is aligned as a log's is.
        MemorySegment memory = MemorySegment.ofArray(new long[4]);
        QueueRecordFormat.writeItem(memory, 0, magic, id);
        MemorySegment.copy(memory, 0, MemorySegment.ofArray(record), 0, record.length);
        return record;
    }

    private static byte[] item(long id) {
        return item(QueueRecordFormat.ITEM_MAGIC, id);
    }

    private static byte[] moved(long id) {
        return item(QueueRecordFormat.MOVED_MAGIC, id);
    }

    private static byte[] acks(long nextId, long first, long last) {
        byte[] record = new byte[QueueRecordFormat.acksLength(1)];
        MemorySegment memory = MemorySegment.ofArray(new long[5]);
        QueueRecordFormat.writeAcks(memory, 0, 1, nextId, nextId);
        QueueRecordFormat.writeRange(memory, 0, 0, first, last);
        MemorySegment.copy(memory, 0, MemorySegment.ofArray(record), 0, record.length);
        return record;
    }

    private String wrongWith(byte[]... records) throws IOException {
        LogRig fresh = new LogRig(new RamMedia(16 * LogRig.SEGMENT));
        LogCore log = fresh.open();
        for (byte[] record : records) {
            fresh.append(log, record);
        }
        fresh.commit(log);
        try (QueueVerifier verifier = QueueVerifier.open(log)) {
            Verification found = Verification.of(verifier, read -> {});
            return found.isSound() ? "sound" : detail(found);
        }
    }

    @Test
    void recordsThatCannotFollowEachOtherAreNamed() throws IOException {
        assertThat(wrongWith(item(1), item(2), acks(3, 1, 1), item(3), moved(2), acks(4, 2, 2)))
                .isEqualTo("sound");
        assertThat(wrongWith(item(5), moved(3), acks(6, 2, 3)))
                .as("the oldest were trimmed")
                .isEqualTo("sound");
        assertThat(wrongWith(item(2), item(1))).contains("item 1 comes after item 2");
        assertThat(wrongWith(item(1), item(1))).contains("item 1 comes after item 1");
        assertThat(wrongWith(item(1), acks(5, 1, 1), item(4))).contains("where the next id was 5");
        assertThat(wrongWith(item(1), item(2), acks(2, 1, 1))).contains("next id is said to be 2, and was 3");
        assertThat(wrongWith(item(1), acks(9, 1, 1), item(9), acks(2, 1, 1))).contains("and was 10 or more");
    }

    @Test
    void acknowledgementsThatReferToNoItemAreNamed() throws IOException {
        assertThat(wrongWith(item(1), item(4), acks(5, 1, 2))).contains("items 1 to 2 are acknowledged, and not all");
        assertThat(wrongWith(item(1), acks(2, 2, 2))).contains("items 2 to 2 are acknowledged, below 2");
        assertThat(wrongWith(item(1), acks(2, 0, 1))).contains("items 0 to 1");
        assertThat(wrongWith(item(1), acks(2, 1, 1), acks(2, 1, 1))).contains("some a second time");
        assertThat(wrongWith(item(1), acks(2, 1, 1), moved(1))).contains("moved after it had been acknowledged");
        assertThat(wrongWith(item(1), item(3), moved(2))).contains("moved and never offered");
    }
}
