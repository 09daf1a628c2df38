package io.sietch.vsic;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;

/** Between submission and completion nothing is allocated. */
class AllocationTest {
    private static final int BLOCK = Rig.BLOCK;
    private static final int ROUNDS = 200_000;

    /** What the measurement itself may cost; less than a byte for a hundred rounds. */
    private static final long TOLERATED = 1024;

    private long failures;
    private final CompletionHandler handler = (tag, status) -> failures += status == Status.SUCCESS ? 0 : 1;

    @FunctionalInterface
    private interface Submission {
        boolean submit(long tag);
    }

    private long allocatedBy(Rig rig, Vsic vsic, Submission... submissions) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        rounds(rig, vsic, submissions);
        rounds(rig, vsic, submissions);
        long before = threads.getCurrentThreadAllocatedBytes();
        rounds(rig, vsic, submissions);
        return threads.getCurrentThreadAllocatedBytes() - before;
    }

    private void rounds(Rig rig, Vsic vsic, Submission... submissions) {
        for (int i = 0; i < ROUNDS; i++) {
            for (Submission submission : submissions) {
                if (!submission.submit(i)) {
                    throw new AssertionError("queue is full");
                }
                while (vsic.inFlight() > 0) {
                    rig.clock.advance(1000);
                    rig.controller.poll();
                    vsic.poll(handler, 8);
                }
            }
        }
    }

    @Test
    void theInlinePathAllocatesNothing() throws Exception {
        try (Rig rig = new Rig(8)) {
            Vsic vsic = rig.vsic(8);
            Vsa area = rig.area(vsic, Rights.READ_WRITE, Rig.blocks(0, 2), Rig.blocks(4, 2));
            DmaBuffer buffer = rig.buffer(2);
            long bytes = allocatedBy(
                    rig,
                    vsic,
                    tag -> vsic.write(area, BLOCK, buffer, 0, 2 * BLOCK, tag),
                    tag -> vsic.flush(area, tag),
                    tag -> vsic.writeForced(area, 0, buffer, 0, BLOCK, tag),
                    tag -> vsic.read(area, 0, buffer, BLOCK, BLOCK, tag),
                    tag -> vsic.deallocate(area, 3 * BLOCK, BLOCK, tag));
            assertThat(bytes).isLessThan(TOLERATED);
            assertThat(failures).isZero();
        }
    }

    @Test
    void latencyAndLimitsAllocateNothing() throws Exception {
        RamMedia media = new RamMedia(8 * BLOCK, 8 * BLOCK, BLOCK, new LatencyModel(3000, 2000, 5000));
        try (Rig rig = new Rig(media)) {
            Vsic vsic = rig.vsic(new RateLimit(1L << 40, 100_000, 0));
            Vsa area = rig.area(vsic, 0, 8);
            DmaBuffer buffer = rig.buffer(1);
            long bytes = allocatedBy(
                    rig, vsic, tag -> vsic.write(area, 0, buffer, 0, BLOCK, tag), tag -> vsic.flush(area, tag));
            assertThat(bytes).isLessThan(TOLERATED);
            assertThat(failures).isZero();
        }
    }

    @Test
    void refusalsAllocateNothing() throws Exception {
        try (Rig rig = new Rig(8)) {
            Vsic vsic = rig.vsic(8);
            Vsa area = rig.area(vsic, 0, 8);
            DmaBuffer buffer = rig.buffer(1);
            long bytes = allocatedBy(rig, vsic, tag -> vsic.write(area, -BLOCK, buffer, 0, BLOCK, tag));
            assertThat(bytes).isLessThan(TOLERATED);
            assertThat(failures).isEqualTo(3L * ROUNDS);
        }
    }
}
