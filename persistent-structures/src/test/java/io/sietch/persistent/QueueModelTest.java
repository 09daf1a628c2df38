package io.sietch.persistent;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/**
 * Whatever happens, and whenever the power goes: what is handed out is a window of what was offered, in order (Q1);
 * what was offered durably comes out, and what was acknowledged durably does not (Q2); what was handed out and not
 * acknowledged comes out again, marked (Q3). Crashes hit openings too.
 */
class QueueModelTest {
    private static final int SEGMENTS = 6;

    /** An item as far as the outside knows it. */
    private static final class Item {
        final int number;
        final byte[] value;
        final int life;
        /** END position, or 0 once it is known to be durable. */
        long end;

        long id;
        boolean mayBeMissing;
        boolean mayBeGone;
        boolean leased;
        boolean mustBeMarked;

        Item(int number, byte[] value, int life, long end) {
            this.number = number;
            this.value = value;
            this.life = life;
            this.end = end;
        }
    }

    private record Ack(Item item, long count) {}

    private static final class Run {
        final VolatileCacheMedia media;
        final QueueRig rig;
        final Random random;
        /** Items by number that may be there. Numbers grow as ids do. */
        final TreeMap<Integer, Item> items = new TreeMap<>();

        final Deque<Ack> acks = new ArrayDeque<>();
        QueueCore queue;
        int life;
        int number;

        Run(long seed, int sector) throws IOException {
            random = new Random(seed);
            media = new VolatileCacheMedia(SEGMENTS * LogRig.SEGMENT, sector);
            rig = new QueueRig(media);
            rig.log.options = rig.log.options.withSalts(random::nextLong);
            queue = open();
        }

        private QueueCore open() throws IOException {
            while (true) {
                try {
                    media.stepsToCrash = random.nextInt(3) == 0 ? random.nextInt(20) : Integer.MAX_VALUE;
                    QueueCore opened = rig.open();
                    media.stepsToCrash = Integer.MAX_VALUE;
                    return opened;
                } catch (IOException e) {
                    if (!media.isDead()) {
                        throw e;
                    }
                    media.crash(random);
                }
            }
        }

        void act(int choice) throws IOException {
            int detail = choice / 16;
            switch (choice % 16) {
                case 0, 1 -> offer(detail % 300);
                case 2 -> offer(detail % 20_000);
                case 3 -> offer(detail % (queue.maxValueBytes() - Integer.BYTES));
                case 4 -> {
                    queue.commit();
                    if (detail % 8 == 0) {
                        verify();
                    }
                }
                case 5 -> step(detail);
                case 6, 7 -> rig.commit(queue);
                case 8, 9 -> takeSome(1 + detail % 6);
                case 10, 11 -> leaseSome(1 + detail % 6);
                case 12 -> settleLease(detail, true);
                case 13 -> settleLease(detail, detail % 3 > 0);
                case 14 -> restart(detail);
                default -> crash(detail);
            }
            observe();
        }

        private void offer(int length) {
            byte[] value = LogRig.payload(number, Integer.BYTES + length);
            ByteBuffer.wrap(value).putInt(number);
            long end = rig.offer(queue, value);
            if (end > 0) {
                items.put(number, new Item(number, value, life, end));
                number++;
            } else {
                assertThat(end).isEqualTo(LogCore.NO_SPACE);
            }
        }

        private void step(int bits) {
            for (int i = 0; i < 6; i++) {
                if ((bits >> i & 1) == 0) {
                    queue.poll();
                } else {
                    rig.log.controller.poll();
                }
            }
        }

        /** The item that was found, which must be the next one that may be there; those before it are not there. */
        private Item found() {
            byte[] value = QueueRig.value(queue);
            for (Iterator<Item> all = items.values().iterator(); all.hasNext(); ) {
                Item item = all.next();
                if (item.leased) {
                    continue;
                }
                if (Arrays.equals(item.value, value) && (item.id == 0 || item.id == queue.id())) {
                    item.id = queue.id();
                    assertThat(item.end).as("durable when handed out").isLessThanOrEqualTo(queue.durable());
                    assertThat(queue.isRedelivered() || !item.mustBeMarked)
                            .as("item " + item.number + " is marked")
                            .isTrue();
                    present(item);
                    return item;
                }
                boolean wasLast = items.tailMap(item.number, false).values().stream()
                        .noneMatch(later -> later.life == item.life && later.id != 0);
                assertThat(item.mayBeGone || item.mayBeMissing && wasLast)
                        .as("item " + item.number + " is missing before id " + queue.id())
                        .isTrue();
                all.remove();
            }
            throw new AssertionError("an item of " + value.length + " bytes, id " + queue.id() + ", is none of these");
        }

        /** Offers of one life are there as far as the last that is. */
        private void present(Item item) {
            item.mayBeGone = false;
            for (Item earlier : items.headMap(item.number, true).values()) {
                if (earlier.life == item.life) {
                    earlier.mayBeMissing = false;
                }
            }
        }

        private void nothingFound() {
            for (Item item : items.values()) {
                assertThat(item.leased || item.mayBeGone || item.mayBeMissing || item.end > queue.durable())
                        .as("item " + item.number + " is missing")
                        .isTrue();
            }
        }

        private void takeSome(int count) {
            for (int i = 0; i < count && queue.hasAckRoom(); i++) {
                if (!queue.next()) {
                    rig.commit(queue);
                    if (!queue.next()) {
                        nothingFound();
                        return;
                    }
                }
                Item item = found();
                queue.take();
                acknowledged(item);
            }
        }

        private void leaseSome(int count) {
            for (int i = 0; i < count && queue.next(); i++) {
                Item item = found();
                switch (queue.lease()) {
                    case LEASED -> {
                        item.leased = true;
                        item.mustBeMarked = true;
                    }
                    case NOT_YET -> rig.commit(queue);
                    case TOO_MANY -> {
                        return;
                    }
                }
            }
        }

        private void leaseAndAcknowledge() {
            if (queue.hasAckRoom() && queue.next()) {
                Item item = found();
                item.leased = true;
                assertThat(queue.ack(rig.lease(queue))).isTrue();
                acknowledged(item);
            }
        }

        private void settleLease(int detail, boolean ack) {
            List<Item> leased = items.values().stream().filter(i -> i.leased).toList();
            if (!leased.isEmpty() && queue.hasAckRoom()) {
                Item item = leased.get(detail % leased.size());
                assertThat(ack ? queue.ack(item.id) : queue.nack(item.id)).isTrue();
                item.leased = false;
                if (ack) {
                    acknowledged(item);
                }
            }
        }

        private void acknowledged(Item item) {
            items.remove(item.number);
            acks.add(new Ack(item, queue.acknowledged()));
        }

        private void observe() {
            assertThat(queue.isFailed()).isFalse();
            while (!acks.isEmpty() && acks.getFirst().count <= queue.acknowledgedDurably()) {
                acks.removeFirst();
            }
        }

        private void restart(int detail) throws IOException {
            if (detail % 4 != 0) {
                return;
            }
            rig.commit(queue);
            observe();
            boolean allAcknowledged = acks.isEmpty();
            try {
                queue.close();
            } catch (LogFailedException e) {
                assertThat(allAcknowledged).isFalse();
            }
            forget(allAcknowledged);
            items.values().forEach(item -> item.end = 0);
        }

        private void crash(int detail) throws IOException {
            if (detail % 4 != 0) {
                queue.commit();
                media.stepsToCrash = detail % 7;
                rig.settle(queue);
                while (!acks.isEmpty() && acks.getFirst().count <= queue.acknowledgedDurably()) {
                    acks.removeFirst();
                }
            }
            for (Item item : items.values()) {
                item.mayBeMissing |= item.end > queue.durable();
                item.end = 0;
            }
            media.crash(random);
            forget(false);
        }

        /** What is known only while the queue is open is forgotten; opens again. */
        private void forget(boolean acksAreKnown) throws IOException {
            for (Ack ack : acks) {
                if (!acksAreKnown) {
                    ack.item.mayBeGone = true;
                    ack.item.end = 0;
                    items.put(ack.item.number, ack.item);
                }
            }
            acks.clear();
            items.values().forEach(item -> item.leased = false);
            life++;
            queue = open();
            verify();
            long certain = items.values().stream()
                    .filter(item -> !item.mayBeGone && !item.mayBeMissing)
                    .count();
            assertThat(queue.size()).isBetween(certain, (long) items.size());
        }

        /** Makes everything durable, so not while a crash is near. */
        private void verify() {
            try (QueueVerifier verifier = queue.verifier()) {
                assertThat(Verification.of(verifier, read -> {}).damages()).isEmpty();
            }
        }

        void drain() {
            verify();
            List<Item> leased = new ArrayList<>(
                    items.values().stream().filter(i -> i.leased).toList());
            for (Item item : leased) {
                queue.nack(item.id);
                item.leased = false;
            }
            while (true) {
                rig.commit(queue);
                if (!queue.next()) {
                    break;
                }
                takeSome(random.nextInt(50));
                leaseAndAcknowledge();
            }
            nothingFound();
            rig.commit(queue);
            assertThat(queue.acknowledgedDurably()).isEqualTo(queue.acknowledged());
            assertThat(queue.size()).isZero();
        }
    }

    @Property(tries = 300, shrinking = ShrinkingMode.BOUNDED)
    void aWindowOfWhatWasOfferedComesOutInOrderWhateverHappens(
            @ForAll long seed,
            @ForAll @Size(min = 5, max = 120) List<@IntRange(max = 1 << 24) Integer> choices,
            @ForAll boolean smallSectors)
            throws IOException {
        Run run = new Run(seed, smallSectors ? 512 : 4096);
        for (int choice : choices) {
            run.act(choice);
        }
        run.crash(1);
        run.drain();
        run.crash(0);
        assertThat(run.queue.next()).as("all was acknowledged durably").isFalse();
    }
}
