package io.sietch.redis;

import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a program asks of the kernel, by {@code strace}, while Jedis talks to the server. Skipped where that is not. */
@Timeout(60)
class SystemCallsTest {
    private static final int REQUESTS = 1_000;

    /** What {@code strace -f -yy} writes: process, call, arguments. */
    private static final Pattern NETWORK_CALL = Pattern.compile("^\\d+ +(\\w+)\\(.*(<(TCP|UDP)|AF_INET)");

    @TempDir
    private Path directory;

    /** How often the program made which calls that name a socket of TCP or UDP, or an address of either. */
    private Map<String, Long> networkCalls(String server) throws Exception {
        Path log = directory.resolve("calls");
        Path said = directory.resolve("said");
        List<String> command = List.of(
                "strace",
                "-f",
                "--seccomp-bpf",
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
            return lines.map(NETWORK_CALL::matcher)
                    .filter(Matcher::find)
                    .collect(groupingBy(call -> call.group(1), TreeMap::new, counting()));
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
            // What is looked for can be found: a request is written, and its answer read.
            Map<String, Long> calls = networkCalls(String.valueOf(server.port()));
            assertThat(calls).containsKey("connect");
            assertThat(calls.get("write")).isGreaterThanOrEqualTo(REQUESTS);
            assertThat(calls.get("read")).isGreaterThanOrEqualTo(REQUESTS);
        }
        try (RunningServer server = new RunningServer(data, "listen", "shm://" + door, "log-segment-size", "16mb")) {
            assertThat(server.greeting()).contains("ready");
            // Java asks at its start which kinds and options of sockets there are, with sockets that it does not use.
            Map<String, Long> calls = networkCalls(door.toString());
            assertThat(calls.keySet()).isSubsetOf("socket", "getsockopt", "setsockopt");
            // Of each it does so a few times, whatever the number of requests.
            assertThat(calls.values()).allMatch(count -> count < 20);
        }
    }
}
