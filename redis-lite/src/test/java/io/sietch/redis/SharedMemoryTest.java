package io.sietch.redis;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sietch.net.Stack;
import io.sietch.net.StackOptions;
import io.sietch.net.TcpConnection;
import io.sietch.vnic.SharedVnic;
import io.sietch.vnic.VnicClient;
import io.sietch.vnic.VsockStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The whole server, with a client that no kernel stands between. */
@Timeout(60)
class SharedMemoryTest {
    private static final long PATIENCE_NANOS = 20_000_000_000L;

    @TempDir
    private Path directory;

    private enum Way {
        TCP,
        STREAM
    }

    private String ask(Way way, Path door, String request, int answerBytes) throws IOException {
        return way == Way.TCP ? askByTcp(door, request, answerBytes) : askByStream(door, request, answerBytes);
    }

    private String askByStream(Path door, String request, int answerBytes) throws IOException {
        try (VnicClient client = VnicClient.connect(door)) {
            VsockStream stream = client.stream(ServerProcess.SHARED_MEMORY_PORT, changed -> {});
            byte[] out = request.getBytes(ISO_8859_1);
            byte[] in = new byte[answerBytes];
            int sent = 0;
            int got = 0;
            long deadline = System.nanoTime() + PATIENCE_NANOS;
            while (got < answerBytes) {
                assertThat(System.nanoTime())
                        .as("an answer after %d bytes", got)
                        .isLessThan(deadline);
                int run = Math.min(out.length - sent, stream.claimedLength());
                MemorySegment.copy(out, sent, stream.claimedSegment(), JAVA_BYTE, stream.claimedOffset(), run);
                stream.commit(run);
                sent += run;
                if (client.poll() == 0) {
                    client.await(Long.MAX_VALUE, 10_000);
                }
                while (stream.available() > 0) {
                    run = stream.receivedLength();
                    MemorySegment.copy(stream.receivedSegment(), JAVA_BYTE, stream.receivedOffset(), in, got, run);
                    stream.consume(run);
                    got += run;
                }
            }
            return new String(in, ISO_8859_1);
        }
    }

    private String askByTcp(Path door, String request, int answerBytes) throws IOException {
        try (SharedVnic shared = SharedVnic.connect(door)) {
            Stack stack = new Stack(
                    shared.vnic(), shared.vnic().address(), StackOptions.DEFAULTS, new Random(1), System.nanoTime());
            TcpConnection connection =
                    stack.connect(shared.serverAddress(), ServerProcess.SHARED_MEMORY_PORT, changed -> {});
            ByteBuffer out = ByteBuffer.wrap(request.getBytes(ISO_8859_1));
            ByteBuffer in = ByteBuffer.allocate(answerBytes);
            long deadline = System.nanoTime() + PATIENCE_NANOS;
            while (in.hasRemaining()) {
                assertThat(System.nanoTime()).as("an answer after %s", in).isLessThan(deadline);
                if (stack.poll(System.nanoTime()) == 0) {
                    shared.await(stack.idleNanos(System.nanoTime()), 10_000);
                }
                connection.write(out);
                connection.read(in);
            }
            return new String(in.array(), ISO_8859_1);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aValueGoesInAndOutThroughSharedMemoryAndSurvives(Way way) throws IOException {
        Path door = directory.resolve("door");
        Path data = Files.createDirectory(directory.resolve("data"));
        String set = "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$5\r\nspice\r\n";
        String get = "*2\r\n$3\r\nGET\r\n$1\r\nk\r\n";
        try (RunningServer server = new RunningServer(data, "listen", "shm://" + door)) {
            assertThat(server.greeting()).contains(" and shared memory " + door);
            assertThat(ask(way, door, set + get, 16)).isEqualTo("+OK\r\n$5\r\nspice\r\n");
            assertThat(ask(way, door, get, 11)).isEqualTo("$5\r\nspice\r\n");
        }
        assertThat(Files.exists(door)).isFalse();
        try (RunningServer server = new RunningServer(data, "listen", "shm://" + door)) {
            assertThat(server.greeting()).contains("recovered ");
            assertThat(ask(way, door, get, 11)).isEqualTo("$5\r\nspice\r\n");
        }
    }

    @ParameterizedTest
    @EnumSource
    void aDeepPipelineOfLargeValuesIsAnsweredInOrder(Way way) throws IOException {
        Path door = directory.resolve("door");
        Path data = Files.createDirectory(directory.resolve("data"));
        StringBuilder requests = new StringBuilder();
        StringBuilder answers = new StringBuilder();
        for (int i = 0; i < 200; i++) {
            String value = String.valueOf((char) ('a' + i % 26)).repeat(5_000 + i);
            requests.append("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$")
                    .append(value.length())
                    .append("\r\n")
                    .append(value);
            requests.append("\r\n*2\r\n$3\r\nGET\r\n$1\r\nk\r\n");
            answers.append("+OK\r\n$")
                    .append(value.length())
                    .append("\r\n")
                    .append(value)
                    .append("\r\n");
        }
        try (RunningServer server = new RunningServer(data, "listen", "shm://" + door)) {
            assertThat(server.greeting()).contains("ready");
            assertThat(ask(way, door, requests.toString(), answers.length())).isEqualTo(answers.toString());
        }
    }

    @Test
    void whereToListenIsSaidInUrls() throws ConfigException {
        ListenAt both = ListenAt.parse(List.of("tcp://127.0.0.1:7000", "shm:///run/x", "tcp://127.0.0.1:7001"));
        assertThat(both.door()).isEqualTo(Path.of("/run/x"));
        assertThat(both.sockets()).extracting(address -> address.getPort()).containsExactly(7000, 7001);
        assertThat(ListenAt.NOT_SAID.isSaid()).isFalse();
        for (String bad : List.of("tcp://x", "shm://host/x", "shm:///", "udp://127.0.0.1:1", "::", "/x")) {
            assertThatThrownBy(() -> ListenAt.parse(List.of(bad)))
                    .isInstanceOf(ConfigException.class)
                    .hasMessageContaining(bad);
        }
        assertThatThrownBy(() -> ListenAt.parse(List.of("shm:///a", "shm:///b")))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("shm:///b");
    }
}
