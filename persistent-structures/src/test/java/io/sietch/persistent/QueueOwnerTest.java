package io.sietch.persistent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sietch.persistent.QueueRequest.Settle;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;

/** A queue's owner, polled by the test. */
class QueueOwnerTest {
    private final QueueRig rig = new QueueRig(new VolatileCacheMedia(8 * LogRig.SEGMENT, 4096));
    private final Mailbox<QueueRequest<?>> mailbox = new Mailbox<>(1024);

    private QueueOwner owner(QueueCore queue) {
        LogGrowth none = (structure, wanted, outcome) -> outcome.grown(new IOException("it may not"));
        return new QueueOwner("work", queue, mailbox, none, SietchOptions.DEFAULTS, () -> {});
    }

    /** Leases an item, and takes those after it one by one until there is no room to say so. */
    private static void fill(QueueRig rig, QueueCore queue) {
        rig.lease(queue);
        do {
            assertThat(queue.next()).isTrue();
            queue.take();
            rig.commit(queue);
        } while (queue.acknowledgedDurably() == queue.acknowledged());
    }

    /** An infinite loop hears no interrupt, so the test has a thread of its own. */
    @Test
    @Timeout(value = 60, threadMode = ThreadMode.SEPARATE_THREAD)
    void acknowledgementsThatFindNoRoomDoNotKeepAQueueFromClosing() throws IOException {
        rig.options = new QueueOptions(1024, 4);
        QueueCore queue = rig.open();
        for (int i = 0; i < 1200; i++) {
            rig.offer(queue, new byte[8]);
        }
        rig.commit(queue);
        fill(rig, queue);
        List<Long> leased = new ArrayList<>();
        for (int i = 0; i < 2 * AckRanges.MAX + 20; i++) {
            leased.add(rig.lease(queue));
        }
        QueueOwner owner = owner(queue);
        List<Settle> acks = new ArrayList<>();
        for (int i = 0; i < leased.size(); i += 2) {
            Settle ack = new Settle(leased.get(i), true);
            acks.add(ack);
            assertThat(mailbox.tryPut(ack)).isTrue();
        }
        assertThatThrownBy(owner::close).isInstanceOf(LogFailedException.class).hasMessageContaining("found no room");
        assertThat(owner.hasEnded()).isTrue();
        assertThat(acks).allMatch(QueueRequest::isCompletedExceptionally);
        assertThat(rig.open().size()).as("nothing is lost").isGreaterThan(leased.size());
    }
}
