package io.sietch.vnic.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sietch.net.Link;
import io.sietch.net.Stack;
import io.sietch.net.StackOptions;
import java.io.IOException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Our stack on one end of a TAP interface, programs on the kernel's stack on the other. */
@Timeout(60)
class TapWireTest {
    private static final String OURS = "10.83.7.2";
    private static final int ADDRESS = 0x0A53_0702;
    private static final String DEVICE = "siet" + ProcessHandle.current().pid() % 100_000;

    @TempDir
    private Path directory;

    private Namespace namespace;
    private TapWire wire;
    private Stack stack;
    private KernelClients clients;

    @BeforeEach
    void open() throws IOException {
        namespace = Namespace.forTap();
        wire = (TapWire) LinuxWires.open("tap://" + DEVICE + "?ip=" + OURS + "/24");
        namespace.take(DEVICE, "10.83.7.1/24");
        stack = new Stack(wire, ADDRESS, StackOptions.DEFAULTS, new Random(1), System.nanoTime());
        clients = new KernelClients(namespace, stack, OURS, directory);
    }

    @AfterEach
    void close() {
        if (wire != null) {
            wire.close();
        }
        if (namespace != null) {
            namespace.close();
        }
    }

    @Test
    void aStreamOfTheKernelComesBackAsItWasAndBothWaysInRunsOfSegments() throws IOException {
        clients.assertStreamComesBack();
        assertThat(wire.runs()).isPositive();
        assertThat(wire.sentRuns()).isPositive();
    }

    @Test
    void theKernelsEndIsMadeInANamespaceAndThisThreadStaysWhereItIs() throws IOException {
        wire.close();
        Path here = Files.readSymbolicLink(Path.of("/proc/thread-self/ns/net"));
        String url = "tap://" + DEVICE + "?ip=" + OURS + "/24&host=10.83.7.1&netns=";
        assertThatThrownBy(() -> LinuxWires.open(url + "nowhere"))
                .hasMessageContaining("make it: ip netns add nowhere");
        wire = (TapWire) LinuxWires.open(url + namespace.name());
        assertThat(Files.readSymbolicLink(Path.of("/proc/thread-self/ns/net"))).isEqualTo(here);
        assertThat(Path.of("/sys/class/net", DEVICE)).doesNotExist();
        stack = new Stack(wire, ADDRESS, StackOptions.DEFAULTS, new Random(1), System.nanoTime());
        new KernelClients(namespace, stack, OURS, directory).assertDatagramsComeBack();
    }

    /** The kernel takes a run for itself as it is. On its way to an interface that takes none it has to cut it. */
    @Test
    void theKernelCutsOurRunsForAnInterfaceThatTakesNone() throws IOException {
        String far = namespace.name() + "f";
        namespace.must("ip", "netns", "add", far);
        try {
            namespace.must(
                    "ip",
                    "-n",
                    namespace.name(),
                    "link",
                    "add",
                    "near",
                    "type",
                    "veth",
                    "peer",
                    "name",
                    "far",
                    "netns",
                    far);
            namespace.must("ip", "-n", namespace.name(), "address", "add", "10.83.8.1/24", "dev", "near");
            namespace.must("ip", "-n", namespace.name(), "link", "set", "near", "up", "gso_max_segs", "1");
            namespace.must("ip", "-n", far, "address", "add", "10.83.8.2/24", "dev", "far");
            namespace.must("ip", "-n", far, "link", "set", "far", "up");
            namespace.must("ip", "-n", far, "route", "add", "default", "via", "10.83.8.1");
            String said = clients.whileServing(
                    "echo 1 >/proc/sys/net/ipv4/ip_forward; echo 1 >/proc/sys/net/ipv4/conf/" + DEVICE + "/proxy_arp");
            assertThat(said).isEmpty();
            clients.assertStreamComesBack("nsenter --net=/run/netns/" + far + " ");
            clients.assertRunsOfDatagramsArrive("nsenter --net=/run/netns/" + far + " ");
            assertThat(wire.sentRuns()).isPositive();
            assertThat(wire.refused()).isZero();
            // A frame that had to be cut again, or was too long, would be lost, and sent again.
            assertThat(stack.counters().retransmissions()).isLessThan(20);
        } finally {
            Namespace.run("ip", "netns", "delete", far);
        }
    }

    @Test
    void datagramsOfTheKernelComeBack() throws IOException {
        clients.assertDatagramsComeBack();
    }

    @Test
    void datagramsOfOneTurnReachTheKernelInRuns() throws IOException {
        assumeTrue(wire.maxRunDatagrams() > 0, "skipped: this kernel takes no runs of datagrams; it must be Linux 6.2");
        clients.assertRunsOfDatagramsArrive("");
        assertThat(wire.sentRuns()).isEqualTo(2);
        assertThat(wire.refused()).isZero();
    }

    @Test
    void aDatagramThatTheKernelSendsInFragmentsArrivesWhole() throws IOException {
        clients.assertFragmentsArriveWhole();
    }

    @Test
    void aSelectorSeesThatFramesHaveComeUntilTheyAreTaken() throws IOException {
        try (Selector selector = Selector.open()) {
            SelectionKey key = wire.readiness().register(selector, SelectionKey.OP_READ);
            clients.whileServing("true");
            while (wire.hasArrived()) {
                stack.poll(System.nanoTime());
            }
            namespace.start(directory.resolve("sent"), "printf x >/dev/udp/" + OURS + "/7");
            selector.select(20_000);
            assertThat(key.isReadable()).isTrue();
            selector.selectedKeys().clear();
            assertThat(selector.selectNow()).isOne();
        }
    }

    @Test
    void anInterfaceThatIsDeletedEndsTheWireAndNothingElse() throws IOException {
        namespace.must("ip", "-n", namespace.name(), "link", "delete", DEVICE);
        assertThat(wire.hasArrived()).isFalse();
        assertThat(wire.failure()).hasMessageContaining("the TAP interface " + DEVICE + " is gone");
        long buffer = wire.claim();
        wire.send(buffer, 60);
        assertThat(wire.refused()).isOne();
        assertThat(wire.readiness().isOpen()).isFalse();
    }

    @Test
    void buffersRunOutAndComeBackOneByOne() {
        List<Long> claimed = new ArrayList<>();
        long buffer;
        while ((buffer = wire.claim()) != Link.NONE) {
            claimed.add(buffer);
        }
        assertThat(claimed).doesNotHaveDuplicates().hasSizeGreaterThan(100);
        claimed.forEach(wire::release);
        assertThat(wire.claim()).isEqualTo(claimed.getLast());
        assertThatThrownBy(() -> wire.release(1)).hasMessage("no buffer of " + DEVICE + " is claimed at 1");
    }

    @Test
    void whoComesSecondIsToldWhy() throws IOException {
        String other = DEVICE + "b";
        try (TapWire first = TapWire.open(other, 1, ADDRESS, 0, 32, null)) {
            assertThat(first.maxFrameBytes()).isEqualTo(1514);
            assertThatThrownBy(() -> TapWire.open(other, 1, ADDRESS, 0, 32, null))
                    .hasMessage("cannot take the TAP interface " + other
                            + ": somebody else has it (error 16); one process at a time can have it; see: fuser"
                            + " /dev/net/tun");
        }
        assertThatThrownBy(() -> TapWire.open("lo", 1, ADDRESS, 0, 32, null)).hasMessageContaining("that is no TAP");
    }
}
