package io.sietch.vnic.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import io.sietch.net.Stack;
import io.sietch.net.StackOptions;
import io.sietch.net.UdpSocket;
import io.sietch.vnic.SharedVnic;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Three processes: the daemon, one that serves on a card that it got there, and this one, which asks on another. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class VnicdTest {
    private static final int US = 0x0A540001;
    private static final int THEM = 0x0A540002;

    @TempDir
    private Path directory;

    private Path run;
    private Process daemon;

    @SuppressWarnings("NullAway.Init") // set by the test that has one
    private Process child;

    @BeforeEach
    void start() throws IOException {
        // A temporary directory is for one user; doors are for others, too.
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        run = directory.resolve("vnicd");
        daemon = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-Xmx64m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Vnicd.class.getName(),
                        "--dir",
                        run.toString(),
                        "serve")
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        assertThat(daemon.inputReader().readLine()).startsWith("vnicd ready");
    }

    @AfterEach
    void end() throws Exception {
        if (child != null) {
            child.destroyForcibly().waitFor();
        }
        daemon.destroyForcibly().waitFor();
    }

    private record Answer(int code, String text) {}

    private Answer order(String... words) {
        StringWriter said = new StringWriter();
        String[] all = new String[words.length + 2];
        all[0] = "--dir";
        all[1] = run.toString();
        System.arraycopy(words, 0, all, 2, words.length);
        int code = Vnicd.run(new PrintWriter(said), all);
        return new Answer(code, said.toString());
    }

    private void must(String... words) {
        assertThat(order(words))
                .extracting(Answer::code)
                .as(() -> order(words).text())
                .isEqualTo(0);
    }

    private String show(String name) {
        return order("show", name).text();
    }

    /** One datagram to the child. Waits for the answer, if one is to come. */
    private static final class Asker {
        private final SharedVnic shared;
        private final Stack stack;
        private final UdpSocket socket;
        private int answers;

        Asker(SharedVnic shared) {
            this.shared = shared;
            this.stack = new Stack(
                    shared.vnic(), shared.vnic().address(), StackOptions.DEFAULTS, new Random(2), System.nanoTime());
            this.socket = stack.bind(99, (from, address, port, memory, offset, length) -> answers++);
        }

        void send() {
            socket.send(THEM, 7, MemorySegment.ofArray(new byte[20]), 0, 20);
            stack.flush();
            poll();
        }

        int poll() {
            stack.poll(System.nanoTime());
            return answers;
        }

        void awaitAnswers(int count) throws IOException {
            while (poll() < count) {
                assertThat(Thread.currentThread().isInterrupted()).isFalse();
                shared.await(1_000_000, 0);
            }
        }
    }

    private void awaitText(String name, String text) {
        while (!show(name).contains(text)) {
            assertThat(Thread.currentThread().isInterrupted()).isFalse();
        }
    }

    @Test
    void aProcessWithoutRightsServesAsLongAsAndAsFarAsItMay() throws Exception {
        boolean root =
                Files.isExecutable(Path.of("/usr/bin/setpriv")) && "root".equals(System.getProperty("user.name"));
        must("attach", "us", "--ip", "10.84.0.1");
        if (root) {
            must("attach", "them", "--ip", "10.84.0.2", "--user", "nobody");
        } else {
            must("attach", "them", "--ip", "10.84.0.2");
        }
        child = VnicdChild.start(run.resolve("them"), root);
        String line = child.inputReader().readLine();
        if (root) {
            assertThat(line).isEqualTo("capabilities 0000000000000000, may give no orders");
        }
        try (SharedVnic shared = SharedVnic.connect(run.resolve("us"))) {
            Asker asker = new Asker(shared);
            asker.send();
            asker.awaitAnswers(1);
            assertThat(order("list").text()).contains("us memory 10.84.0.1").contains("them memory 10.84.0.2");

            must("transmit", "them", "arp", "udp from 10.84.0.2 to-port 98");
            asker.send();
            awaitText("them", "refused 1");
            assertThat(show("them")).contains("transmit udp from 10.84.0.2 to-port 98");
            must("transmit", "them", "arp", "udp from 10.84.0.2 to-port 99");
            asker.send();
            asker.awaitAnswers(2);

            // One frame in a hundred seconds: the first may go, the next waits.
            must("rate", "them", "--bytes", "1", "--burst", "0");
            asker.send();
            asker.send();
            asker.awaitAnswers(3);
            awaitText("them", "throttled 1");
            must("rate", "them");
            asker.awaitAnswers(4);

            must("revoke", "them");
            assertThat(child.inputReader().readLine()).isEqualTo("revoked");
            assertThat(child.waitFor()).isZero();
            asker.send();
            awaitText("us", "sent");
            assertThat(asker.poll()).isEqualTo(4);
            assertThat(order("list").text()).doesNotContain("them");
            try (var files = Files.list(run)) {
                assertThat(files.map(file -> file.getFileName().toString())).containsExactlyInAnyOrder("control", "us");
            }
        }
    }

    @Test
    void whatCannotBeDoneIsToldInOneLine() throws Exception {
        must("attach", "card", "--ip", "10.84.0.9");
        assertThat(order("attach", "card", "--ip", "10.84.0.8"))
                .isEqualTo(new Answer(1, "vnicd: there is a network card card already\n"));
        assertThat(order("attach", "control", "--ip", "10.84.0.8").text()).startsWith("vnicd: name \"control\": must");
        assertThat(order("attach", "other", "--ip", "10.84").text()).startsWith("vnicd: ");
        assertThat(order("attach", "other", "--ip", "10.84.0.8", "--user", "no-such-user")
                        .code())
                .isEqualTo(1);
        assertThat(order("revoke", "nobody").text())
                .isEqualTo("vnicd: there is no network card nobody; see: vnicd list\n");
        assertThat(order("receive", "card", "tpc").text()).startsWith("vnicd: filter \"tpc\": must be words of");
        assertThat(order("rate", "card", "--frames", "-1").text()).startsWith("vnicd: rate limit of");
        assertThat(order("rate").code()).isEqualTo(2);
        assertThat(order("--version").text()).startsWith("vnicd 0.1.0");
        assertThat(order("attach", "--help").text()).contains("--pair=INNER:OUTER");
        assertThat(order("serve").text()).startsWith("vnicd: another vnicd serves");
        daemon.destroy();
        assertThat(daemon.waitFor()).isEqualTo(143);
        assertThat(Files.list(run)).isEmpty();
        assertThat(order("list").text()).startsWith("vnicd: ").contains("start one");
    }
}
