package io.sietch.persistent;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.sietch.vsic.RamMedia;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;

/** The hot paths of a queue allocate nothing. */
class QueueAllocationTest {
    private static final int TURNS = 10_000;
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private final QueueRig rig = new QueueRig(new RamMedia(16 * LogRig.SEGMENT));
    private final MemorySegment value = MemorySegment.ofArray(LogRig.payload(1, 100));
    private final long[] leased = new long[3];

    private void turns(QueueCore queue, int turns) {
        for (int i = 0; i < turns; i++) {
            for (int k = 0; k < 4; k++) {
                assert queue.offer(value, 0, 100) > 0;
            }
            commit(queue);
            assert queue.next();
            queue.take();
            for (int k = 0; k < 3; k++) {
                leased[k] = lease(queue);
            }
            queue.nack(leased[1]);
            queue.ack(leased[2]);
            assert lease(queue) == leased[1];
            queue.ack(leased[0]);
            queue.ack(leased[1]);
            commit(queue);
        }
    }

    private long lease(QueueCore queue) {
        assert queue.next();
        long id = queue.id();
        while (queue.lease() == QueueCore.Leasing.NOT_YET) {
            commit(queue);
            assert queue.next();
        }
        return id;
    }

    private void commit(QueueCore queue) {
        queue.commit();
        while (queue.durable() < queue.log().appended() || queue.acknowledgedDurably() < queue.acknowledged()) {
            queue.poll();
            rig.log.controller.poll();
        }
    }

    @Test
    void offeringTakingLeasingAndAcknowledgingAllocateNothing() throws IOException {
        QueueCore queue = rig.open();
        turns(queue, TURNS);
        long before = THREADS.getCurrentThreadAllocatedBytes();
        turns(queue, TURNS);
        long bytes = THREADS.getCurrentThreadAllocatedBytes() - before;
        // Each update of the superblock, once in a segment, has one object.
        assertThat(bytes / TURNS).as("bytes allocated for each turn").isLessThan(16);
        assertThat(queue.size()).isZero();
    }
}
