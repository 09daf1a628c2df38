package io.sietch.redis;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a request costs in Java's heap in the whole server: sockets, loop, keyspace, log, device. */
@Timeout(120)
class ServerAllocationTest {
    private static final int BATCHES = 10;

    /** Many, because each turn of the loop may cost what the selector of the JDK allocates. */
    private static final int PAIRS = 1000;

    @TempDir
    private Path directory;

    @Test
    void theLoopAllocatesNothingForARequest() throws Exception {
        ByteArrayOutputStream batch = new ByteArrayOutputStream();
        for (int i = 0; i < PAIRS; i++) {
            batch.writeBytes(Wire.request("SET", "key:" + i % 100, "x".repeat(64)));
            batch.writeBytes(Wire.request("GET", "key:" + i % 100));
        }
        int replyLength = PAIRS * ("+OK\r\n".length() + "$64\r\n".length() + 64 + "\r\n".length());
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        try (RunningServer server = new RunningServer(directory);
                Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            long allocated = Long.MAX_VALUE;
            for (int round = 0; round < 600 && allocated > BATCHES * PAIRS; round++) { // until it is compiled
                long before = threads.getThreadAllocatedBytes(server.threadId());
                for (int i = 0; i < BATCHES; i++) {
                    ask(socket, batch.toByteArray(), replyLength);
                }
                allocated = threads.getThreadAllocatedBytes(server.threadId()) - before;
            }
            // Ten times a second the cron runs, and that is all that may cost something.
            assertThat(allocated)
                    .as("bytes for %d requests", 2 * BATCHES * PAIRS)
                    .isLessThanOrEqualTo(BATCHES * PAIRS);
        }
    }

    private static void ask(Socket socket, byte[] requests, int replyLength) throws IOException {
        socket.getOutputStream().write(requests);
        assertThat(socket.getInputStream().readNBytes(replyLength)).hasSize(replyLength);
    }
}
