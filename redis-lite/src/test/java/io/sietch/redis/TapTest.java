package io.sietch.redis;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The whole server on a TAP interface, with a client of the kernel's in another network namespace. */
@Timeout(60)
class TapTest {
    private static final Path TUN = Path.of("/dev/net/tun");
    private static final String SELF = String.valueOf(ProcessHandle.current().pid());
    private static final String NAMESPACE = "sietch-redis-" + SELF;
    private static final String DEVICE = "redis" + SELF;

    @TempDir
    private Path directory;

    private static String run(String... command) throws IOException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        return new String(process.getInputStream().readAllBytes(), UTF_8).strip();
    }

    @BeforeEach
    void makeNamespace() throws IOException {
        assumeTrue(
                Files.isReadable(TUN) && Files.isWritable(TUN),
                "skipped: " + TUN + " is not there for this user (root has it)");
        String refusal;
        try {
            refusal = run("ip", "netns", "add", NAMESPACE);
        } catch (IOException e) {
            refusal = String.valueOf(e.getMessage());
        }
        assumeTrue(refusal.isEmpty(), "skipped: no network namespace without ip(8) and CAP_SYS_ADMIN: " + refusal);
    }

    @AfterEach
    void removeNamespace() throws IOException {
        if (Files.exists(Path.of("/run/netns", NAMESPACE))) {
            run("ip", "netns", "delete", NAMESPACE);
        }
    }

    @Test
    void aClientInAnotherNamespaceIsServed() throws IOException {
        Path data = Files.createDirectory(directory.resolve("data"));
        try (RunningServer server = new RunningServer(data, "listen", "tap://" + DEVICE + "?ip=10.83.6.2/24")) {
            assertThat(server.greeting()).contains(" and tap://" + DEVICE);
            assertThat(run("ip", "link", "set", DEVICE, "netns", NAMESPACE)).isEmpty();
            assertThat(run("ip", "-n", NAMESPACE, "address", "add", "10.83.6.1/24", "dev", DEVICE))
                    .isEmpty();
            assertThat(run("ip", "-n", NAMESPACE, "link", "set", DEVICE, "up")).isEmpty();
            String requests = "SET k spice\\r\\nGET k\\r\\nPING\\r\\n";
            String script = "exec 3<>/dev/tcp/10.83.6.2/6379; printf '" + requests + "' >&3; timeout 20 head -c 23 <&3";
            assertThat(run("ip", "netns", "exec", NAMESPACE, "bash", "-c", script))
                    .isEqualTo("+OK\r\n$5\r\nspice\r\n+PONG");
            // The value went through our stack to the disk, and is what a later client sees.
            String again = "exec 3<>/dev/tcp/10.83.6.2/6379; printf 'GET k\\r\\n' >&3; timeout 20 head -c 11 <&3";
            assertThat(run("ip", "netns", "exec", NAMESPACE, "bash", "-c", again))
                    .isEqualTo("$5\r\nspice");
        }
    }

    @Test
    void aWireIsSaidByUrlLikeTheOthers() throws ConfigException {
        String tap = "tap://siet0?ip=10.83.7.2/24&host=10.83.7.1";
        ListenAt at = ListenAt.parse(List.of("tcp://127.0.0.1:7000", tap));
        assertThat(at.wires()).containsExactly(tap);
        assertThat(at.sockets()).hasSize(1);
        assertThat(ListenAt.parse(List.of(tap)).isSaid()).isTrue();
        for (String bad : List.of("tap://siet0", "xdp://eth0?ip=10.0.0.2&host=10.0.0.1")) {
            assertThatThrownBy(() -> ListenAt.parse(List.of(bad)))
                    .isInstanceOf(ConfigException.class)
                    .hasMessageContaining(bad + ": must be");
        }
    }
}
