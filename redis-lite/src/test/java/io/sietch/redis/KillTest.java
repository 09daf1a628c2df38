package io.sietch.redis;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code kill -9} under load, again and again: what was acknowledged is there, and what was read stays. */
@Timeout(180)
class KillTest {
    private static final int ROUNDS = 20;
    private static final int WRITERS = 4;
    private static final int PIPELINE = 8;
    /** Acknowledgements of each writer before the server is killed. */
    private static final int ACKNOWLEDGED = 400;

    @TempDir
    private Path directory;

    /** Counts up its own key, and remembers outside of the server what it was told. */
    private static final class Writer implements Runnable {
        final String key;
        final CountDownLatch enough;
        final int port;
        volatile long acknowledged;
        volatile long attempted;
        volatile long seen;

        Writer(String key, long from, int port, CountDownLatch enough) {
            this.key = key;
            this.port = port;
            this.enough = enough;
            this.acknowledged = from;
            this.attempted = from;
        }

        @Override
        public void run() {
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                socket.setTcpNoDelay(true);
                OutputStream out = socket.getOutputStream();
                BufferedReader in = new BufferedReader(new InputStreamReader(socket.getInputStream(), ISO_8859_1));
                for (int told = 0; ; ) {
                    StringBuilder requests = new StringBuilder();
                    for (int i = 0; i < PIPELINE; i++) {
                        requests.append("SET ")
                                .append(key)
                                .append(' ')
                                .append(attempted + 1 + i)
                                .append("\r\n");
                    }
                    requests.append("GET ").append(key).append("\r\n");
                    attempted += PIPELINE;
                    out.write(requests.toString().getBytes(ISO_8859_1));
                    for (int i = 0; i < PIPELINE; i++) {
                        if (!"+OK".equals(in.readLine())) {
                            return;
                        }
                        acknowledged++;
                    }
                    if (in.readLine() == null) {
                        return;
                    }
                    String value = in.readLine();
                    if (value == null) {
                        return;
                    }
                    seen = Long.parseLong(value);
                    told += PIPELINE;
                    if (told >= ACKNOWLEDGED) {
                        enough.countDown();
                    }
                }
            } catch (IOException e) {
                // The server was killed; that is the point.
                enough.countDown();
            }
        }
    }

    @Test
    void nothingAcknowledgedIsLostHoweverOftenItIsKilled() throws Exception {
        long[] acknowledged = new long[WRITERS];
        long[] attempted = new long[WRITERS];
        for (int round = 0; round <= ROUNDS; round++) {
            try (ServerUnderTest server = new ServerUnderTest(
                    "--port", "0", "--dir", directory.toString(), "--log-checkpoint-interval", "8192")) {
                int port = ServerUnderTest.port(server.greeting());
                for (int i = 0; i < WRITERS; i++) {
                    long value = value(port, "key" + i);
                    assertThat(value).as("key%d after %d kills", i, round).isBetween(acknowledged[i], attempted[i]);
                    acknowledged[i] = value;
                }
                if (round == ROUNDS) {
                    return;
                }
                load(server, port, acknowledged, attempted);
            }
        }
    }

    private static void load(ServerUnderTest server, int port, long[] acknowledged, long[] attempted)
            throws InterruptedException {
        CountDownLatch enough = new CountDownLatch(WRITERS);
        List<Writer> writers = new ArrayList<>();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < WRITERS; i++) {
            Writer writer = new Writer("key" + i, acknowledged[i], port, enough);
            writers.add(writer);
            threads.add(Thread.ofPlatform().start(writer));
        }
        enough.await();
        server.kill();
        for (int i = 0; i < WRITERS; i++) {
            threads.get(i).join();
            acknowledged[i] = Math.max(writers.get(i).acknowledged, writers.get(i).seen);
            attempted[i] = writers.get(i).attempted;
        }
    }

    private static long value(int port, String key) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.getOutputStream().write(("GET " + key + "\r\n").getBytes(ISO_8859_1));
            BufferedReader in = new BufferedReader(new InputStreamReader(socket.getInputStream(), ISO_8859_1));
            return in.readLine().equals("$-1") ? 0 : Long.parseLong(in.readLine());
        }
    }
}
