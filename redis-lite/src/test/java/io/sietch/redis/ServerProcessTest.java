package io.sietch.redis;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The program as its users see it: start-up line, one-line reasons, signals. */
@Timeout(120)
class ServerProcessTest {
    @TempDir
    private Path directory;

    private String dir() {
        return directory.toString();
    }

    /** Starts it expecting that it ends by itself, and returns what it said. */
    private static String refusal(int exitCode, String... arguments) throws Exception {
        try (ServerUnderTest server = new ServerUnderTest(arguments)) {
            assertThat(server.exitCode()).isEqualTo(exitCode);
            return server.said();
        }
    }

    private static void assertOneLine(String said) {
        assertThat(said.strip().lines()).hasSize(1);
        assertThat(said).startsWith("redis-lite: ");
    }

    private static String ask(int port, String request) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.getOutputStream().write(request.getBytes(UTF_8));
            byte[] reply = new byte[1000];
            int n = new BufferedInputStream(socket.getInputStream()).read(reply);
            return n < 0 ? "" : new String(reply, 0, n, UTF_8);
        }
    }

    @Test
    void sigtermEndsItWithZeroAndEverythingIsThereAgain() throws Exception {
        try (ServerUnderTest server = new ServerUnderTest("--port", "0", "--dir", dir())) {
            String greeting = server.greeting();
            assertThat(greeting)
                    .contains("redis-lite ", "ready on port ", "pid ", "dir " + dir(), "medium ", "appendfsync always")
                    .contains("recovered 0 records");
            assertThat(ask(ServerUnderTest.port(greeting), "SET k v\r\n")).isEqualTo("+OK\r\n");
            server.terminate();
            assertThat(server.exitCode()).isZero();
            assertThat(server.said()).isEmpty();
        }
        try (ServerUnderTest server = new ServerUnderTest("--port", "0", "--dir", dir())) {
            String greeting = server.greeting();
            assertThat(greeting).contains("recovered 1 records", "log clean");
            int port = ServerUnderTest.port(greeting);
            assertThat(ask(port, "GET k\r\n")).isEqualTo("$1\r\nv\r\n");
            assertThat(ask(port, "SHUTDOWN\r\n")).isEmpty();
            assertThat(server.exitCode()).isZero();
        }
    }

    @Test
    void aWrongFlagIsNamedWithAHint() throws Exception {
        assertThat(refusal(2, "--prot", "1")).contains("--prot").contains("Try 'redis-lite --help'.");
        assertThat(refusal(2, "--port", "70000")).contains("--port 70000: argument must be between 0 and 65535");
        assertThat(refusal(2, "--appendfsync", "sometimes")).contains("always, everysec, no");
    }

    @Test
    void helpAndVersionAreShown() throws Exception {
        assertThat(refusal(0, "--help")).contains("--port", "--appendfsync", "--dir", "--help");
        assertThat(refusal(0, "--version")).startsWith("redis-lite ").contains("Redis 7.0.15");
    }

    @Test
    void aPortInUseIsNamedAndNothingIsMade() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Path data = directory.resolve("data");
            String said = refusal(1, "--port", "" + taken.getLocalPort(), "--dir", data.toString());
            assertOneLine(said);
            assertThat(said).contains(":" + taken.getLocalPort(), "--port");
            assertThat(data).doesNotExist();
        }
    }

    @Test
    void aDirectoryThatCannotBeWrittenIsNamed() throws Exception {
        Path file = Files.createFile(directory.resolve("file"));
        String said = refusal(1, "--port", "0", "--dir", file.toString());
        assertOneLine(said);
        assertThat(said).contains(file.toString(), "--dir");
        said = refusal(1, "--port", "0", "--dir", "/proc/self");
        assertOneLine(said);
        assertThat(said).contains("/proc/self");
    }

    @Test
    void aDirectoryInUseIsNamedAndItsServerGoesOn() throws Exception {
        try (ServerUnderTest first = new ServerUnderTest("--port", "0", "--dir", dir())) {
            int port = ServerUnderTest.port(first.greeting());
            String said = refusal(1, "--port", "0", "--dir", dir());
            assertOneLine(said);
            assertThat(said).contains(Storage.FILE, "in use");
            assertThat(ask(port, "PING\r\n")).isEqualTo("+PONG\r\n");
        }
    }

    @Test
    void damagedFilesAreRefusedAndLeftAsTheyAre() throws Exception {
        try (ServerUnderTest server = new ServerUnderTest("--port", "0", "--dir", dir())) {
            int port = ServerUnderTest.port(server.greeting());
            for (int i = 0; i < 20; i++) {
                assertThat(ask(port, "SET key" + i + " value\r\n")).isEqualTo("+OK\r\n");
            }
            server.terminate();
            assertThat(server.exitCode()).isZero();
        }
        Path file = directory.resolve(Storage.FILE);
        long flipAt = indexOf(Files.readAllBytes(file), "key3value".getBytes(UTF_8), "key3".getBytes(UTF_8));
        flip(file, flipAt);
        byte[] before = Files.readAllBytes(file);
        String said = refusal(1, "--port", "0", "--dir", dir());
        assertOneLine(said);
        assertThat(said).contains(file.toString(), "damaged", "backup");
        assertThat(Files.readAllBytes(file)).isEqualTo(before);
        flip(file, flipAt);

        try (RandomAccessFile cut = new RandomAccessFile(file.toFile(), "rw")) {
            // Less than a new device has; more may be growth that was not used yet, which nobody would miss.
            cut.setLength(16 << 20);
        }
        said = refusal(1, "--port", "0", "--dir", dir());
        assertOneLine(said);
        assertThat(said).contains(file.toString(), "truncated");

        Files.write(file, new byte[1 << 20]);
        said = refusal(1, "--port", "0", "--dir", dir());
        assertOneLine(said);
        assertThat(said).contains(file.toString());
    }

    private static long indexOf(byte[] bytes, byte[]... anyOf) {
        for (byte[] wanted : anyOf) {
            for (int i = 0; i + wanted.length <= bytes.length; i++) {
                if (Arrays.equals(bytes, i, i + wanted.length, wanted, 0, wanted.length)) {
                    return i;
                }
            }
        }
        throw new AssertionError("the record was not found in the file");
    }

    private static void flip(Path file, long at) throws IOException {
        try (RandomAccessFile raw = new RandomAccessFile(file.toFile(), "rw")) {
            raw.seek(at);
            int value = raw.read();
            raw.seek(at);
            raw.write(value ^ 1);
        }
    }

    @Test
    void aConfigurationFileIsReadAndItsMistakesAreNamed() throws Exception {
        Path conf = Files.writeString(
                directory.resolve("redis.conf"),
                "port 0\nappendfsync everysec\ndir " + directory + "\nloglevel notice\n");
        try (ServerUnderTest server = new ServerUnderTest(conf.toString())) {
            assertThat(server.greeting()).contains("appendfsync everysec");
            server.terminate();
            assertThat(server.exitCode()).isZero();
            assertThat(server.said()).contains("skipped options", "loglevel");
        }
        Files.writeString(conf, "port 0\nnonsense 1\n");
        String said = refusal(1, conf.toString());
        assertOneLine(said);
        assertThat(said).contains(conf + ", line 2: unknown option nonsense");
    }
}
