package io.sietch.redis;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The whole server on an interface of the kernel's by AF_XDP, with a client in another network namespace. */
@Timeout(60)
class XdpTest {
    private static final String SELF = String.valueOf(ProcessHandle.current().pid());
    private static final String NAMESPACE = "sietch-xdp-" + SELF;
    private static final String DEVICE = "rxdp" + SELF;
    private static final String PEER = DEVICE + "p";

    @TempDir
    private Path directory;

    private static String run(String... command) throws IOException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        return new String(process.getInputStream().readAllBytes(), UTF_8).strip();
    }

    @BeforeEach
    void makeNamespace() throws IOException {
        String refusal;
        try {
            refusal = run("ip", "netns", "add", NAMESPACE);
        } catch (IOException e) {
            refusal = String.valueOf(e.getMessage());
        }
        assumeTrue(refusal.isEmpty(), "skipped: no network namespace without ip(8) and CAP_SYS_ADMIN: " + refusal);
        assertThat(run("ip", "link", "add", DEVICE, "type", "veth", "peer", "name", PEER, "netns", NAMESPACE))
                .isEmpty();
        assertThat(run("ip", "-n", NAMESPACE, "address", "add", "10.83.5.1/24", "dev", PEER))
                .isEmpty();
        assertThat(run("ip", "-n", NAMESPACE, "link", "set", PEER, "up")).isEmpty();
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
        try (RunningServer server = new RunningServer(data, "listen", "xdp://" + DEVICE + "?ip=10.83.5.2/24")) {
            assertThat(server.greeting()).contains(" and xdp://" + DEVICE);
            String requests = "SET k spice\\r\\nGET k\\r\\nPING\\r\\n";
            String script = "exec 3<>/dev/tcp/10.83.5.2/6379; printf '" + requests + "' >&3; timeout 20 head -c 23 <&3";
            assertThat(run("ip", "netns", "exec", NAMESPACE, "bash", "-c", script))
                    .isEqualTo("+OK\r\n$5\r\nspice\r\n+PONG");
            // The value went through our stack to the disk, and is what a later client sees.
            String again = "exec 3<>/dev/tcp/10.83.5.2/6379; printf 'GET k\\r\\n' >&3; timeout 20 head -c 11 <&3";
            assertThat(run("ip", "netns", "exec", NAMESPACE, "bash", "-c", again))
                    .isEqualTo("$5\r\nspice");
        }
    }
}
