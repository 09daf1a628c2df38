package io.sietch.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a program asks of the kernel, by {@code strace}, while Jedis talks to the server. Skipped where that is not. */
@Timeout(60)
class SystemCallsTest {
    private static final int REQUESTS = 1_000;

    @TempDir
    private Path directory;

    /** The calls of the program that read from, write to or otherwise use a socket of TCP. */
    private long callsOnTcp(String server) throws Exception {
        Path log = directory.resolve("calls");
        Path said = directory.resolve("said");
        List<String> command = List.of(
                "strace",
                "-f",
                "-yy",
                "-o",
                log.toString(),
                "-e",
                "trace=%network,read,write,readv,writev",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xmx64m",
                "-cp",
                System.getProperty("java.class.path"),
                JedisProgram.class.getName(),
                server,
                String.valueOf(REQUESTS));
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(said.toFile())
                .start();
        try {
            assertThat(process.waitFor()).as(() -> read(said)).isZero();
        } finally {
            process.destroyForcibly();
        }
        assertThat(read(said)).contains(REQUESTS + " requests answered");
        try (Stream<String> lines = Files.lines(log)) {
            return lines.filter(line -> line.contains("<TCP") || line.contains("connect(") && line.contains("AF_INET"))
                    .count();
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return e.toString();
        }
    }

    private static boolean canTrace() throws InterruptedException {
        try {
            return new ProcessBuilder("strace", "-f", "-yy", "-o", "/dev/null", "true")
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException e) {
            return false;
        }
    }

    @Test
    void jedisOverSharedMemorySendsNothingThroughANetworkSocket() throws Exception {
        assumeTrue(canTrace(), "skipped: there is no strace, or it may not trace");
        Path door = directory.resolve("door");
        Path data = Files.createDirectory(directory.resolve("data"));
        try (RunningServer server =
                new RunningServer(data, "listen", "tcp://127.0.0.1:0", "log-segment-size", "16mb")) {
            // What is counted can be seen: a request is written, and its answer read.
            assertThat(callsOnTcp(String.valueOf(server.port()))).isGreaterThan(2 * REQUESTS);
        }
        try (RunningServer server = new RunningServer(data, "listen", "shm://" + door, "log-segment-size", "16mb")) {
            assertThat(server.greeting()).contains("ready");
            // Java looks once what kinds of sockets there are, whoever asks for one.
            assertThat(callsOnTcp(door.toString())).isLessThan(50);
        }
    }
}
