package io.sietch.vnic.linux;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A network namespace of the kernel that exists for one test: the kernel's end of a wire is moved there. */
final class Namespace implements AutoCloseable {
    private static final Path TUN = Path.of("/dev/net/tun");
    private static final long PATIENCE_SECONDS = 30;

    private final String name = "sietch-" + ProcessHandle.current().pid();

    /** Of a pair of interfaces, the one that is not here. */
    private @Nullable String pair;

    /** Makes one for the kernel's end of a TAP interface; skips the test where either is not to be had. */
    static Namespace forTap() throws IOException {
        assumeTrue(
                Files.isReadable(TUN) && Files.isWritable(TUN),
                "skipped: " + TUN + " is not there for this user (root has it)");
        return new Namespace();
    }

    /** Makes one, and a pair of interfaces between it and us; skips the test where AF_XDP is not to be had. */
    static Namespace forXdp(String ours, String theirs) throws IOException {
        try (Bpf bpf = new Bpf()) {
            Libc libc = new Libc();
            libc.close(XdpSocket.open());
            libc.close(bpf.mapOfSockets(1));
        } catch (IOException e) {
            assumeTrue(false, "skipped: " + e.getMessage());
        }
        Namespace namespace = new Namespace();
        try {
            namespace.must("ip", "link", "add", ours, "type", "veth", "peer", "name", theirs);
            namespace.pair = ours;
            return namespace;
        } catch (IOException e) {
            namespace.close();
            throw e;
        }
    }

    /** The first three bytes of a network that nobody else uses: our end has addresses of the kernel's there, too. */
    static int network() {
        long pid = ProcessHandle.current().pid();
        return 10 << 24 | (int) (100 + (pid >> 8 & 127)) << 16 | (int) (pid & 0xFF) << 8;
    }

    private Namespace() throws IOException {
        String refusal;
        try {
            refusal = run("ip", "netns", "add", name).strip();
        } catch (IOException e) {
            refusal = String.valueOf(e.getMessage());
        }
        assumeTrue(refusal.isEmpty(), "skipped: no network namespace without ip(8) and CAP_SYS_ADMIN: " + refusal);
    }

    /** Moves an interface here, gives it an address and switches it on. */
    void take(String device, String address) throws IOException {
        must("ip", "link", "set", device, "netns", name);
        must("ip", "-n", name, "address", "add", address, "dev", device);
        must("ip", "-n", name, "link", "set", device, "up");
    }

    void must(String... command) throws IOException {
        String said = run(command);
        if (!said.isBlank()) {
            throw new IOException(String.join(" ", command) + ": " + said);
        }
    }

    String name() {
        return name;
    }

    /** Starts a script of bash in the namespace, for 30 s at most; its output goes to a file. */
    Process start(Path output, String script) throws IOException {
        List<String> command =
                new ArrayList<>(List.of("ip", "netns", "exec", name, "timeout", "30", "bash", "-c", script));
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
    }

    static String run(String... command) throws IOException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        try {
            String said = new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
            if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                return "took too long";
            }
            return process.exitValue() != 0 && said.isBlank() ? "ended with " + process.exitValue() : said;
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    @Override
    public void close() {
        try {
            // A namespace goes later than it is said to; the next test wants the same names at once.
            if (pair != null) {
                run("ip", "link", "delete", pair);
            }
            run("ip", "netns", "delete", name);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
