package io.sietch.persistent;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.sietch.vsic.RamMedia;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;

/** The hot paths allocate nothing. */
class LogAllocationTest {
    private static final int TURNS = 20_000;

    private final LogRig rig = new LogRig(new RamMedia(16 * LogRig.SEGMENT));
    private final MemorySegment payload = MemorySegment.ofArray(LogRig.payload(1, 100));

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private static long allocated() {
        return THREADS.getCurrentThreadAllocatedBytes();
    }

    private void turns(LogCore log, LogCursor cursor, int turns) {
        long read = 0;
        for (int i = 0; i < turns; i++) {
            log.append(payload, 0, 100);
            log.append(payload, 0, i % 100);
            log.commit();
            while (log.durable() < log.appended()) {
                log.poll();
                rig.controller.poll();
            }
            while (cursor.next()) {
                read += cursor.length();
            }
            if (i % 100 == 0) {
                log.trim(log.durable());
            }
        }
        assertThat(read).isEqualTo(turns * 100L + turns / 100 * 4950L);
    }

    @Test
    void appendingCommittingTrimmingAndReadingAllocateNothing() throws IOException {
        LogCore log = rig.open();
        LogCursor cursor = log.cursor(0);
        turns(log, cursor, TURNS);
        long before = allocated();
        long overhead = allocated() - before;
        before = allocated();
        turns(log, cursor, TURNS);
        long bytes = allocated() - before - overhead;
        // Each update of the superblock, once in a hundred turns, has one object.
        assertThat(bytes / TURNS)
                .as("bytes allocated for each turn of two appends")
                .isZero();
    }
}
