package io.sietch.redis;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sietch.net.TcpBytes;
import io.sietch.net.TcpConnection;
import io.sietch.vnic.VnicClient;
import io.sietch.vnic.VnicSocketFactory;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.NoRouteToHostException;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.Pipeline;

/** Clients in this process that reach the server without the kernel's network: blocking sockets, and bytes in place. */
@Timeout(60)
class SharedMemoryClientsTest {
    @TempDir
    private static Path directory;

    private static Path door;
    private static RunningServer server;

    @BeforeAll
    static void start() throws IOException {
        door = directory.resolve("door");
        server = new RunningServer(
                Files.createDirectory(directory.resolve("data")),
                "log-segment-size",
                "16mb",
                "listen",
                "shm://" + door);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void jedisIsServedUnmodified() throws IOException {
        try (VnicSocketFactory sockets = VnicSocketFactory.open(door);
                Jedis jedis = JedisProgram.over(sockets)) {
            assertThat(jedis.ping()).isEqualTo("PONG");
            assertThat(jedis.clientInfo()).contains("laddr=10.83.0.1:6379");
            assertThat(jedis.set("spice", "melange")).isEqualTo("OK");
            assertThat(jedis.get("spice")).isEqualTo("melange");
            byte[] key = "large".getBytes(ISO_8859_1);
            byte[] large = new byte[3_000_000];
            for (int i = 0; i < large.length; i++) {
                large[i] = (byte) (i * 31 >> 3);
            }
            jedis.set(key, large);
            assertThat(jedis.get(key)).isEqualTo(large);
            Pipeline pipeline = jedis.pipelined();
            for (int i = 0; i < 10_000; i++) {
                pipeline.incr("count");
            }
            assertThat(pipeline.syncAndReturnAll()).hasSize(10_000).endsWith(10_000L);
        }
    }

    @Test
    void manyThreadsUseOneCardAndSleepersAreWoken() throws Exception {
        try (VnicSocketFactory sockets = VnicSocketFactory.open(door, 0);
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Long>> sums = new ArrayList<>();
            for (int t = 0; t < 8; t++) {
                String key = "of" + t;
                sums.add(threads.submit(() -> {
                    try (Jedis jedis = JedisProgram.over(sockets)) {
                        long last = 0;
                        for (int i = 0; i < 200; i++) {
                            last = jedis.incr(key);
                        }
                        return last;
                    }
                }));
            }
            for (Future<Long> sum : sums) {
                assertThat(sum.get()).isEqualTo(200);
            }
        }
    }

    @Test
    void aSocketSaysWhatWentWrongAsAnyOther() throws Exception {
        try (VnicSocketFactory sockets = VnicSocketFactory.open(door)) {
            assertThatThrownBy(() -> sockets.createSocket(6380)).isInstanceOf(ConnectException.class);
            assertThatThrownBy(() -> sockets.createSocket(InetAddress.ofLiteral("10.83.99.1"), 6379))
                    .isInstanceOf(NoRouteToHostException.class)
                    .hasMessageContaining("10.83.0.1");
            try (Socket socket = sockets.createSocket(ServerProcess.SHARED_MEMORY_PORT)) {
                InputStream in = socket.getInputStream();
                socket.setSoTimeout(5);
                assertThat(socket.getSoTimeout()).isEqualTo(5);
                assertThatThrownBy(in::read).isInstanceOf(SocketTimeoutException.class);
                socket.getOutputStream().write("PING\r\nQUIT\r\n".getBytes(ISO_8859_1));
                socket.setSoTimeout(0);
                assertThat(in.readAllBytes()).asString(ISO_8859_1).isEqualTo("+PONG\r\n+OK\r\n");
            }
            Socket blocked = sockets.createSocket(ServerProcess.SHARED_MEMORY_PORT);
            CompletableFuture<Integer> reading = CompletableFuture.supplyAsync(() -> {
                try {
                    return blocked.getInputStream().read();
                } catch (SocketException e) {
                    return -2;
                } catch (IOException e) {
                    return -3;
                }
            });
            blocked.close();
            assertThat(reading.join()).isEqualTo(-2);
        }
    }

    @Test
    void socketsEndWithTheServer() throws Exception {
        Path otherDoor = directory.resolve("other");
        RunningServer other = new RunningServer(
                Files.createDirectory(directory.resolve("more")),
                "log-segment-size",
                "16mb",
                "listen",
                "shm://" + otherDoor);
        try (VnicSocketFactory sockets = VnicSocketFactory.open(otherDoor);
                Socket socket = sockets.createSocket(ServerProcess.SHARED_MEMORY_PORT)) {
            // So that the server has the connection, too: its end of the handshake may be on its way still.
            socket.getOutputStream().write("PING\r\n".getBytes(ISO_8859_1));
            assertThat(socket.getInputStream().readNBytes(7)).isEqualTo("+PONG\r\n".getBytes(ISO_8859_1));
            other.close();
            assertThat(socket.getInputStream().read()).isEqualTo(-1);
            assertThatThrownBy(() -> sockets.createSocket(ServerProcess.SHARED_MEMORY_PORT))
                    .isInstanceOf(IOException.class);
        }
    }

    /** Requests are written where they stay until they are acknowledged, and answers are read where they arrived. */
    @Test
    void bytesAreSentAndReceivedInPlace() throws IOException {
        byte[] request = "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$5\r\nspice\r\n".getBytes(ISO_8859_1);
        long wanted = 50_000;
        try (VnicClient client = VnicClient.connect(door)) {
            TcpConnection connection = client.connect(ServerProcess.SHARED_MEMORY_PORT, changed -> {});
            TcpBytes bytes = connection.bytes();
            long sent = 0;
            long received = 0;
            while (received < wanted * 5) {
                if (client.poll() == 0) {
                    client.await(1_000_000_000L, 10_000);
                }
                sent += send(bytes, request, wanted * request.length - sent, sent);
                received += receive(bytes, received);
            }
            assertThat(received).isEqualTo(wanted * 5);
            assertThatThrownBy(() -> bytes.consume(1)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> bytes.commit(1 << 20)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    private static int send(TcpBytes bytes, byte[] request, long left, long sent) {
        int length = (int) Math.min(left, bytes.claimedLength());
        MemorySegment memory = bytes.claimedSegment();
        for (int i = 0; i < length; i++) {
            memory.set(ValueLayout.JAVA_BYTE, bytes.claimedOffset() + i, request[(int) ((sent + i) % request.length)]);
        }
        bytes.commit(length);
        return length;
    }

    private static int receive(TcpBytes bytes, long received) {
        int length = bytes.receivedLength();
        MemorySegment memory = bytes.receivedSegment();
        byte[] answer = "+OK\r\n".getBytes(ISO_8859_1);
        for (int i = 0; i < length; i++) {
            byte one = memory.get(ValueLayout.JAVA_BYTE, bytes.receivedOffset() + i);
            if (one != answer[(int) ((received + i) % 5)]) {
                throw new AssertionError("byte " + (received + i) + " is " + one);
            }
        }
        bytes.consume(length);
        return length;
    }
}
