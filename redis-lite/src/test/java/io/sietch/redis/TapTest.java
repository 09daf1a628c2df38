package io.sietch.redis;

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

    private ClientNamespace clients;

    @BeforeEach
    void makeNamespace() throws IOException {
        assumeTrue(
                Files.isReadable(TUN) && Files.isWritable(TUN),
                "skipped: " + TUN + " is not there for this user (root has it)");
        clients = ClientNamespace.make(NAMESPACE);
    }

    @AfterEach
    void removeNamespace() throws IOException {
        if (clients != null) {
            clients.close();
        }
    }

    @Test
    void aClientInAnotherNamespaceIsServed() throws IOException {
        Path data = Files.createDirectory(directory.resolve("data"));
        String url = "tap://" + DEVICE + "?ip=10.83.6.2/24&host=10.83.6.1&netns=" + NAMESPACE;
        try (RunningServer server = new RunningServer(data, "listen", url)) {
            assertThat(server.greeting()).contains(" and tap://" + DEVICE);
            clients.assertServedAt("10.83.6.2");
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
