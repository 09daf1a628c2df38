package io.sietch.vnic.linux;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sietch.net.Link;
import io.sietch.net.Stack;
import io.sietch.net.StackOptions;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
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

    @BeforeEach
    void open() throws IOException {
        namespace = Namespace.forTap();
        wire = (TapWire) LinuxWires.open("tap://" + DEVICE + "?ip=" + OURS + "/24");
        namespace.take(DEVICE, "10.83.7.1/24");
        stack = new Stack(wire, ADDRESS, StackOptions.DEFAULTS, new Random(1), System.nanoTime());
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

    /** Polls the stack until a script in the namespace has ended; says what it printed. */
    private String whileServing(String script) throws IOException {
        Path output = directory.resolve("output");
        Process process = namespace.start(output, script);
        while (process.isAlive()) {
            stack.poll(System.nanoTime());
        }
        stack.poll(System.nanoTime());
        return Files.readString(output).strip();
    }

    private static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void aStreamOfTheKernelComesBackAsItWasAndInRunsOfSegments() throws IOException {
        ByteBuffer buffer = ByteBuffer.allocateDirect(1 << 16);
        stack.listen(7, connection -> {
            while (connection.available() > 0 && connection.room() > 0) {
                connection.read(buffer.clear().limit(Math.min(buffer.capacity(), connection.room())));
                connection.write(buffer.flip());
            }
        });
        byte[] sent = IntStream.rangeClosed(1, 500_000)
                .mapToObj(Integer::toString)
                .collect(Collectors.joining("\n", "", "\n"))
                .getBytes(US_ASCII);
        String said = whileServing(
                "exec 3<>/dev/tcp/" + OURS + "/7; seq 1 500000 >&3 & head -c " + sent.length + " <&3 | sha256sum");
        assertThat(said).startsWith(sha256(sent));
        assertThat(wire.runs()).isPositive();
        assertThat(stack.counters().badChecksums()).isZero();
        assertThat(stack.counters().malformed()).isZero();
    }

    @Test
    void datagramsOfTheKernelComeBack() throws IOException {
        stack.bind(
                7,
                (socket, address, port, memory, offset, length) -> socket.send(address, port, memory, offset, length));
        assertThat(whileServing("exec 3<>/dev/udp/" + OURS + "/7; printf spice >&3; timeout 20 head -c 5 <&3"))
                .isEqualTo("spice");
        assertThat(whileServing("exec 3<>/dev/udp/" + OURS + "/9; printf x >&3; timeout 20 head -c 1 <&3"))
                .contains("Connection refused");
    }

    @Test
    void aDatagramThatTheKernelSendsInFragmentsArrivesWhole() throws IOException {
        List<Integer> lengths = new ArrayList<>();
        stack.bind(7, (socket, address, port, memory, offset, length) -> lengths.add(length));
        whileServing("exec 3<>/dev/udp/" + OURS
                + "/7; head -c 60000 /dev/urandom | dd bs=60000 iflag=fullblock >&3 2>/dev/null");
        // It may have waited for ARP, which is answered here, while the script had ended.
        while (lengths.isEmpty() && !Thread.interrupted()) {
            stack.poll(System.nanoTime());
        }
        assertThat(lengths).containsExactly(60_000);
        assertThat(stack.counters().fragments()).isGreaterThan(40);
    }

    @Test
    void aSelectorSeesThatFramesHaveComeUntilTheyAreTaken() throws IOException {
        try (Selector selector = Selector.open()) {
            SelectionKey key = wire.readiness().register(selector, SelectionKey.OP_READ);
            whileServing("true");
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
        try (TapWire first = TapWire.open(other, 1, ADDRESS, 0, 32)) {
            assertThat(first.maxFrameBytes()).isEqualTo(1514);
            assertThatThrownBy(() -> TapWire.open(other, 1, ADDRESS, 0, 32))
                    .hasMessage("cannot take the TAP interface " + other
                            + ": somebody else has it (error 16); one process at a time can have it; see: fuser"
                            + " /dev/net/tun");
        }
        assertThatThrownBy(() -> TapWire.open("lo", 1, ADDRESS, 0, 32)).hasMessageContaining("that is no TAP");
    }
}
