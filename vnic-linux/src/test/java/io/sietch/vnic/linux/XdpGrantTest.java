package io.sietch.vnic.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sietch.net.Ipv4Format;
import io.sietch.vnic.FrameFilter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A process without any capability serves a network interface that another one gave it, and may take away. */
@Timeout(60)
class XdpGrantTest {
    private static final int ADDRESS = Namespace.network() | 5;
    private static final String OURS = Ipv4Format.text(ADDRESS);
    private static final String THEIRS = Ipv4Format.text(Namespace.network() | 4);
    private static final String DEVICE = "sgra" + ProcessHandle.current().pid() % 100_000;
    private static final String PEER = DEVICE + "p";

    @TempDir
    private Path directory;

    /** Asks the echo at a port, and says what the client printed. */
    private String ask(Namespace namespace, int port) throws Exception {
        Path output = directory.resolve("output");
        String script = "exec 3<>/dev/udp/" + OURS + "/" + port + "; printf spice >&3; timeout 20 head -c 5 <&3";
        namespace.start(output, script).waitFor();
        return Files.readString(output).strip();
    }

    private static FrameFilter datagramsTo(int port) {
        return FrameFilter.ALL
                .destination(ADDRESS, Integer.SIZE)
                .protocol(Ipv4Format.UDP)
                .destinationPorts(port, port);
    }

    @Test
    void aProcessWithoutCapabilitiesServesWhatItIsGivenUntilItIsTakenAway() throws Exception {
        Path door = directory.resolve("door");
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/setpriv")), "skipped: there is no setpriv(1)");
        try (Namespace namespace = Namespace.forXdp(DEVICE, PEER)) {
            namespace.take(PEER, THEIRS + "/24");
            try (XdpGrant grant = XdpGrant.open(DEVICE, 0, ADDRESS, door)) {
                Process child = XdpGrantChild.start(door);
                try {
                    grant.hand();
                    assertThat(child.inputReader().readLine())
                            .isEqualTo("capabilities 0000000000000000, open an AF_XDP socket: not permitted");
                    assertThat(ask(namespace, 7)).isEqualTo("spice");
                    assertThat(ask(namespace, 8)).isEqualTo("spice");

                    // From here on the kernel has the address, too, and answers for what the child does not get.
                    namespace.must("ip", "address", "add", OURS + "/24", "dev", DEVICE);
                    grant.filters(List.of(datagramsTo(8)));
                    assertThat(ask(namespace, 7)).contains("Connection refused");
                    assertThat(ask(namespace, 8)).isEqualTo("spice");

                    grant.revoke();
                    assertThat(ask(namespace, 8)).contains("Connection refused");
                    assertThat(child.isAlive()).isTrue();
                } finally {
                    child.destroyForcibly().waitFor();
                }
            }
            assertThat(Files.exists(door)).isFalse();
            assertThat(Namespace.run("ip", "link", "show", DEVICE)).doesNotContain("prog/xdp");
        }
    }
}
