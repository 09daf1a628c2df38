package io.sietch.redis;

import static org.assertj.core.api.Assertions.assertThat;

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

    private ClientNamespace clients;

    @BeforeEach
    void makeNamespace() throws IOException {
        clients = ClientNamespace.make(NAMESPACE);
        clients.must("ip", "link", "add", DEVICE, "type", "veth", "peer", "name", PEER, "netns", NAMESPACE);
        clients.setUp(PEER, "10.83.5.1/24");
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
        try (RunningServer server = new RunningServer(data, "listen", "xdp://" + DEVICE + "?ip=10.83.5.2/24")) {
            assertThat(server.greeting()).contains(" and xdp://" + DEVICE);
            clients.assertServedAt("10.83.5.2");
        }
    }
}
