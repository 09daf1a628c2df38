package io.sietch.vnic.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sietch.net.Ipv4Format;
import io.sietch.net.Link;
import io.sietch.net.Stack;
import io.sietch.net.StackOptions;
import java.io.IOException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Our stack on one end of a pair of interfaces by AF_XDP, programs on the kernel's stack on the other. */
@Timeout(60)
class XdpWireTest {
    private static final int ADDRESS = Namespace.network() | 2;
    private static final String OURS = Ipv4Format.text(ADDRESS);
    private static final String THEIRS = Ipv4Format.text(Namespace.network() | 1);

    /** The kernel's own address on our interface. */
    private static final String KERNEL = Ipv4Format.text(Namespace.network() | 3);

    private static final String DEVICE = "sxdp" + ProcessHandle.current().pid() % 100_000;
    private static final String PEER = DEVICE + "p";

    @TempDir
    private Path directory;

    private Namespace namespace;
    private XdpWire wire;
    private Stack stack;
    private KernelClients clients;

    @BeforeEach
    void open() throws IOException {
        namespace = Namespace.forXdp(DEVICE, PEER);
        namespace.take(PEER, THEIRS + "/24");
        open("");
    }

    private void open(String more) throws IOException {
        wire = (XdpWire) LinuxWires.open("xdp://" + DEVICE + "?ip=" + OURS + "/24" + more);
        stack = new Stack(wire, ADDRESS, StackOptions.DEFAULTS, new Random(1), System.nanoTime());
        clients = new KernelClients(namespace, stack, OURS, directory);
    }

    @AfterEach
    void close() {
        if (wire != null) {
            wire.close();
            assertThat(wire.nonsense()).isZero();
        }
        if (namespace != null) {
            namespace.close();
        }
    }

    @Test
    void aStreamOfTheKernelComesBackAsItWas() throws IOException {
        clients.assertStreamComesBack();
        assertThat(wire.unfinished()).isPositive();
        assertThat(stack.counters().notForUs()).isZero();
    }

    @Test
    void datagramsOfTheKernelComeBack() throws IOException {
        clients.assertDatagramsComeBack();
    }

    /** A buffer has room for 19 of the longer ones, and for 20 of the shorter. */
    @Test
    void datagramsOfOneTurnReachTheKernelInRuns() throws IOException {
        assumeTrue(wire.maxRunDatagrams() > 0, "skipped: this kernel takes no runs of datagrams; it must be Linux 6.2");
        clients.assertRunsOfDatagramsArrive("");
        assertThat(wire.sentRuns()).isEqualTo(6);
        assertThat(wire.refused()).isZero();
    }

    @Test
    void aDatagramThatTheKernelSendsInFragmentsArrivesWhole() throws IOException {
        clients.assertFragmentsArriveWhole();
    }

    @Test
    void whatIsNotForUsStaysWithTheKernel() throws IOException {
        namespace.must("ip", "address", "add", KERNEL + "/24", "dev", DEVICE);
        clients.echo();
        // Nobody listens there; but it is the kernel that says so, and it was the kernel that ARP found.
        assertThat(clients.whileServing("exec 3<>/dev/tcp/" + KERNEL + "/9")).contains("Connection refused");
        assertThat(stack.counters().received()).isZero();
        assertThat(clients.spice()).isEqualTo("spice");
        assertThat(stack.counters().notForUs()).isZero();
    }

    @Test
    void anInterfaceThatCannotWriteIntoOurMemoryCopies() throws IOException {
        wire.close();
        open("&mode=zero-copy");
        assertThat(wire.isZeroCopy()).isFalse();
        clients.echo();
        assertThat(clients.spice()).isEqualTo("spice");
    }

    @Test
    void aSelectorSeesThatFramesHaveComeUntilTheyAreTaken() throws IOException {
        try (Selector selector = Selector.open()) {
            SelectionKey key = wire.readiness().register(selector, SelectionKey.OP_READ);
            clients.whileServing("true");
            while (wire.hasArrived()) {
                stack.poll(System.nanoTime());
            }
            assertThat(selector.selectNow()).isZero();
            namespace.start(directory.resolve("sent"), "printf x >/dev/udp/" + OURS + "/7");
            selector.select(20_000);
            assertThat(key.isReadable()).isTrue();
            selector.selectedKeys().clear();
            assertThat(selector.selectNow()).isOne();
        }
    }

    @Test
    void anInterfaceThatIsDeletedEndsTheWireAndNothingElse() throws IOException {
        namespace.must("ip", "link", "delete", DEVICE);
        while (wire.failure() == null && !Thread.interrupted()) {
            stack.poll(System.nanoTime());
        }
        assertThat(wire.failure()).hasMessageContaining("the interface " + DEVICE + " is gone");
        wire.send(wire.claim(), 60);
        wire.kick();
        assertThat(wire.readiness().isOpen()).isFalse();
    }

    @Test
    void buffersRunOutAndComeBackOneByOne() {
        List<Long> claimed = new ArrayList<>();
        long buffer;
        while ((buffer = wire.claim()) != Link.NONE) {
            claimed.add(buffer);
        }
        assertThat(claimed).doesNotHaveDuplicates().hasSize(1024);
        claimed.forEach(wire::release);
        assertThatThrownBy(() -> wire.release(claimed.getFirst()))
                .hasMessage("no buffer of " + DEVICE + " is claimed at " + claimed.getFirst());
        assertThatThrownBy(() -> wire.send(wire.claim(), 1515)).hasMessageContaining("must be 14 to 1514");
        // Many more than there are buffers, and than one kick sends: they come back as they were sent.
        for (int i = 0; i < 5000; i++) {
            buffer = wire.claim();
            assertThat(buffer).isNotEqualTo(Link.NONE);
            wire.send(buffer, 60);
            if (i % 500 == 499) {
                wire.kick();
            }
        }
    }

    @Test
    void whoComesSecondOrToTheWrongPlaceIsToldWhy() throws IOException {
        assertThatThrownBy(() -> XdpWire.open(DEVICE, 0, ADDRESS, false))
                .hasMessageContaining("cannot attach an XDP program to the interface " + DEVICE)
                .hasMessageContaining("ip link show " + DEVICE);
        assertThatThrownBy(() -> XdpWire.open("nosuch0", 0, ADDRESS, false))
                .hasMessageContaining("of the interface nosuch0: no such device");
        assertThatThrownBy(() -> XdpWire.open("lo", 0, ADDRESS, false)).hasMessageContaining("lo has");
        wire.close();
        assertThatThrownBy(() -> XdpWire.open(DEVICE, 99, ADDRESS, false))
                .hasMessageContaining("cannot take queue 99 of the interface " + DEVICE)
                .hasMessageContaining("/sys/class/net/" + DEVICE + "/queues");
        namespace.must("ip", "link", "set", DEVICE, "mtu", "9000");
        assertThatThrownBy(() -> XdpWire.open(DEVICE, 0, ADDRESS, false))
                .hasMessageContaining("ip link set " + DEVICE + " mtu 1500");
    }

    @Test
    void theProgramGoesWithTheWireOrWithItsProcess() throws Exception {
        assertThat(Namespace.run("ip", "link", "show", DEVICE)).contains("prog/xdp");
        wire.close();
        assertThat(Namespace.run("ip", "link", "show", DEVICE)).doesNotContain("xdp id");
        Process holder = XdpHolder.start(DEVICE, OURS);
        try {
            assertThat(holder.inputReader().readLine()).isEqualTo("open");
            assertThat(Namespace.run("ip", "link", "show", DEVICE)).contains("prog/xdp");
        } finally {
            holder.destroyForcibly().waitFor();
        }
        open("");
        clients.echo();
        assertThat(clients.spice()).isEqualTo("spice");
    }
}
