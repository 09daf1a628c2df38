package io.sietch.vnic.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sietch.net.Ipv4Format;
import io.sietch.vnic.FrameFilter;
import io.sietch.vnic.RateLimit;
import io.sietch.vnic.VnicHost;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a process without capabilities may send by AF_XDP, where it got one end of a pair and the other end is ours. */
@Timeout(60)
class XdpPairTest {
    private static final int ADDRESS = Namespace.network() | 9;
    private static final int HOST = Namespace.network() | 8;
    private static final String OURS = Ipv4Format.text(ADDRESS);
    private static final String THEIRS = Ipv4Format.text(HOST);
    private static final String STRANGER = Ipv4Format.text(Namespace.network() | 77);
    private static final String INNER = "sgui" + ProcessHandle.current().pid() % 100_000;
    private static final String OUTER = "sguo" + ProcessHandle.current().pid() % 100_000;

    @TempDir
    private Path directory;

    private XdpGrant grant;

    @SuppressWarnings("NullAway.Init") // set by start()
    private Process child;

    @SuppressWarnings("NullAway.Init") // set by start()
    private DatagramSocket ear;

    @BeforeEach
    void open() throws IOException {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/setpriv")), "skipped: there is no setpriv(1)");
        Path door = directory.resolve("door");
        try {
            grant = XdpGrant.openPair(INNER, OUTER, ADDRESS, HOST, 24, door, null);
        } catch (IOException e) {
            assumeTrue(!String.valueOf(e.getMessage()).contains("CAP_"), "skipped: " + e.getMessage());
            throw e;
        }
    }

    private void start() throws IOException {
        child = XdpGrantChild.start(directory.resolve("door"));
        grant.hand();
        assertThat(child.inputReader().readLine()).startsWith("capabilities 0000000000000000");
        ear = new DatagramSocket(9, InetAddress.getByName(THEIRS));
        ear.setSoTimeout(10_000);
    }

    @AfterEach
    void close() throws Exception {
        if (child != null) {
            child.destroyForcibly().waitFor();
        }
        if (ear != null) {
            ear.close();
        }
        if (grant != null) {
            grant.close();
        }
    }

    /** Has the child send datagrams to us from an address. Returns why its wire has failed, or "null". */
    private String send(String source, int count) throws IOException {
        byte[] mac = NetworkInterface.getByName(OUTER).getHardwareAddress();
        child.outputWriter()
                .append(HexFormat.of().formatHex(mac))
                .append(" " + THEIRS + " " + source + " " + count + "\n")
                .flush();
        return child.inputReader().readLine();
    }

    /** Who has sent the next datagram that has come here; empty if none comes. */
    private String hears() throws IOException {
        DatagramPacket datagram = new DatagramPacket(new byte[100], 100);
        try {
            ear.receive(datagram);
            return datagram.getAddress().getHostAddress();
        } catch (SocketTimeoutException e) {
            return "";
        }
    }

    private interface Counter {
        long count() throws IOException;
    }

    /** The kernel moves frames from one end to the other a little later than it says that they are sent. */
    private static void until(Counter counter, long atLeast) throws IOException {
        while (counter.count() < atLeast) {
            assertThat(Thread.currentThread().isInterrupted()).isFalse();
            Thread.yield();
        }
    }

    private String ask() throws IOException {
        try (DatagramSocket socket = new DatagramSocket()) {
            socket.setSoTimeout(10_000);
            byte[] spice = {'s', 'p', 'i', 'c', 'e'};
            socket.send(new DatagramPacket(spice, 5, InetAddress.getByName(OURS), 7));
            DatagramPacket answer = new DatagramPacket(new byte[100], 100);
            socket.receive(answer);
            return new String(answer.getData(), 0, answer.getLength(), java.nio.charset.StandardCharsets.US_ASCII);
        }
    }

    @Test
    void theOtherProcessServesAndIsHeldToItsOwnAddresses() throws IOException {
        start();
        assertThat(ask()).isEqualTo("spice");
        assertThat(send(OURS, 1)).isEqualTo("null");
        assertThat(hears()).isEqualTo(OURS);

        long passed = grant.passed();
        long refused = grant.refused();
        send(STRANGER, 3);
        until(grant::refused, refused + 3);
        assertThat(grant.passed()).isEqualTo(passed);
        send(OURS, 1);
        assertThat(hears()).isEqualTo(OURS);
        // It is the filter that holds them back: with another the same frames go on.
        grant.transmit(List.of(FrameFilter.ALL));
        send(STRANGER, 1);
        assertThat(hears()).isEqualTo(STRANGER);

        // A filter set while it sends holds from the next frame on.
        grant.transmit(List.of(FrameFilter.ALL.protocol(Ipv4Format.UDP).destinationPorts(10, 10)));
        passed = grant.passed();
        refused = grant.refused();
        send(OURS, 3);
        until(grant::refused, refused + 3);
        grant.transmit(List.of());
        send(OURS, 3);
        until(grant::refused, refused + 6);
        assertThat(grant.passed()).isEqualTo(passed);
        grant.transmit(List.of(FrameFilter.ALL));
        send(STRANGER, 1);
        assertThat(hears()).isEqualTo(STRANGER);
    }

    @Test
    void aRateHoldsWhateverTheOtherProcessSends() throws IOException {
        start();
        grant.limit(new RateLimit(1, RateLimit.UNLIMITED, 0));
        long passed = grant.passed();
        send(OURS, 20);
        until(grant::limited, 19);
        // The first may go; the next one hundred seconds later.
        assertThat(grant.passed()).isEqualTo(passed + 1);
        assertThat(hears()).isEqualTo(OURS);
        grant.limit(RateLimit.NONE);
        grant.transmit(List.of(FrameFilter.ALL));
        send(STRANGER, 1);
        assertThat(hears()).isEqualTo(STRANGER);

        long begin = System.nanoTime();
        passed = grant.passed();
        grant.limit(new RateLimit(RateLimit.UNLIMITED, 500, 10_000_000));
        while (grant.passed() < passed + 100) {
            assertThat(send(OURS, 50)).isEqualTo("null");
        }
        passed = grant.passed() - passed;
        long took = System.nanoTime() - begin;
        assertThat(passed).isLessThanOrEqualTo(took * 500 / 1_000_000_000L + 5 + 2);

        grant.limit(RateLimit.NONE);
        passed = grant.passed();
        send(OURS, 50);
        until(grant::passed, passed + 50);
    }

    @Test
    void revocationStopsWhatIsSentAndTheOtherProcessSeesIt() throws IOException {
        start();
        assertThat(send(OURS, 1)).isEqualTo("null");
        assertThat(hears()).isEqualTo(OURS);
        String order =
                HexFormat.of().formatHex(NetworkInterface.getByName(OUTER).getHardwareAddress());
        grant.revoke();
        assertThat(NetworkInterface.getByName(INNER)).isNull();
        assertThat(NetworkInterface.getByName(OUTER)).isNull();
        child.outputWriter().append(order + " " + THEIRS + " " + OURS + " 5\n").flush();
        assertThat(child.inputReader().readLine()).contains("the interface " + INNER + " is gone");
        ear.setSoTimeout(1);
        assertThat(hears()).isEmpty();
        assertThat(child.isAlive()).isTrue();
    }

    @Test
    void aLoopHandsItToOneProcessAfterTheOther() throws Exception {
        try (VnicHost host = VnicHost.open()) {
            grant.serve(host);
            for (int i = 0; i < 2; i++) {
                child = XdpGrantChild.start(directory.resolve("door"));
                while (!child.inputReader().ready()) {
                    assertThat(Thread.currentThread().isInterrupted()).isFalse();
                    host.await(1_000_000);
                    host.poll(System.nanoTime());
                }
                assertThat(child.inputReader().readLine()).startsWith("capabilities 0000000000000000");
                host.poll(System.nanoTime());
                assertThat(ask()).isEqualTo("spice");
                // What it had is free again, though the control plane goes on.
                child.destroyForcibly().waitFor();
            }
        }
    }

    /** Else a control plane that is killed would set free whom it held. */
    @Test
    void theGuardStaysWhenWhoSetItIsGone() throws Exception {
        // Another process's pair, for this one cannot be killed.
        grant.close();
        Process holder = XdpHolder.startPair(INNER, OUTER, OURS, directory.resolve("other"));
        try {
            assertThat(holder.inputReader().readLine()).isEqualTo("open");
            holder.destroyForcibly().waitFor();
            assertThat(Namespace.run("ip", "link", "show", OUTER)).contains("prog/xdp");
            assertThat(Namespace.run("ip", "link", "show", INNER)).doesNotContain("prog/xdp");
        } finally {
            holder.destroyForcibly();
            Namespace.run("ip", "link", "delete", INNER);
        }
    }

    @Test
    void aShareOfAnInterfaceHasNoGuardAndSaysSo() throws IOException {
        grant.close();
        Namespace.run("ip", "link", "add", INNER, "type", "veth", "peer", "name", OUTER);
        try (XdpGrant share = XdpGrant.open(INNER, 0, ADDRESS, directory.resolve("other"))) {
            assertThat(share.isPair()).isFalse();
            assertThatThrownBy(() -> share.limit(RateLimit.NONE))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("needs a pair of interfaces");
        } finally {
            Namespace.run("ip", "link", "delete", INNER);
        }
    }
}
