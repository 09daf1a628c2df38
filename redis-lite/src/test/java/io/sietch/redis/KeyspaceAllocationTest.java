package io.sietch.redis;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What requests cost in Java's heap once everything has its place: nothing. */
class KeyspaceAllocationTest {
    /** Forgets what is replied. */
    private static final class NoReply implements ReplySink {
        long replies;

        @Override
        public void ok() {
            replies++;
        }

        @Override
        public void simpleString(String text) {
            replies++;
        }

        @Override
        public void error(String text) {
            throw new AssertionError(text);
        }

        @Override
        public void integer(long value) {
            replies++;
        }

        @Override
        public void bulk(byte[] bytes, int offset, int length) {
            replies++;
        }

        @Override
        public void bulk(MemorySegment source, long offset, int length) {
            replies++;
        }

        @Override
        public void bulk(String text) {
            replies++;
        }

        @Override
        public void bulk(long number) {
            replies++;
        }

        @Override
        public void nullBulk() {
            replies++;
        }

        @Override
        public void nullArray() {
            replies++;
        }

        @Override
        public void arrayHeader(int length) {
            replies++;
        }

        @Override
        public void mapHeader(int pairs) {
            replies++;
        }
    }

    @Test
    void requestsInTheSteadyStateAllocateNothing() {
        try (KeyspaceHarness harness = new KeyspaceHarness()) {
            harness.journal.keepNothing();
            List<Request> requests = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                String key = "key:" + i;
                requests.add(KeyspaceHarness.request("SET", key, "x".repeat(64)));
                requests.add(KeyspaceHarness.request("get", key));
                requests.add(KeyspaceHarness.request("SET", key, "y".repeat(64), "EX", "100"));
                requests.add(KeyspaceHarness.request("TTL", key));
                requests.add(KeyspaceHarness.request("PERSIST", key));
                requests.add(KeyspaceHarness.request("INCRBY", "n" + i, "12345"));
                requests.add(KeyspaceHarness.request("SETRANGE", key, "10", "z"));
                requests.add(KeyspaceHarness.request("MSET", key, "x".repeat(64), "m" + i, "1"));
                requests.add(KeyspaceHarness.request("MGET", key, "m" + i, "none"));
                requests.add(KeyspaceHarness.request("DEL", "m" + i, "none"));
                requests.add(KeyspaceHarness.request("EXISTS", key, "none"));
                requests.add(KeyspaceHarness.request("RENAME", "n" + i, "r" + i));
                requests.add(KeyspaceHarness.request("RENAME", "r" + i, "n" + i));
            }
            ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
            NoReply reply = new NoReply();
            long allocated = Long.MAX_VALUE;
            // Until the compiler is through with it.
            for (int round = 0; round < 3000 && allocated >= requests.size(); round++) {
                long before = threads.getCurrentThreadAllocatedBytes();
                for (Request request : requests) {
                    harness.table.execute(request, reply, ClientContext.NONE);
                }
                harness.keyspace.expireCycle(harness.now, 100);
                allocated = threads.getCurrentThreadAllocatedBytes() - before;
            }
            assertThat(reply.replies).isPositive();
            assertThat(allocated).isLessThan(requests.size()); // the measurement itself takes a few bytes
        }
    }
}
