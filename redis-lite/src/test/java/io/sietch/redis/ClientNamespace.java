package io.sietch.redis;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A network namespace of this test's own, in which clients of the kernel's stack run. */
final class ClientNamespace implements AutoCloseable {
    private static final Path REDIS_CLI = Path.of("/usr/bin/redis-cli");

    private final String name;

    private ClientNamespace(String name) {
        this.name = name;
    }

    /** Makes one, or has the test skipped where that is not permitted. */
    static ClientNamespace make(String name) {
        String refusal;
        try {
            refusal = run("ip", "netns", "add", name);
        } catch (IOException e) {
            refusal = String.valueOf(e.getMessage());
        }
        assumeTrue(refusal.isEmpty(), "skipped: no network namespace without ip(8) and CAP_SYS_ADMIN: " + refusal);
        return new ClientNamespace(name);
    }

    private static String run(String... command) throws IOException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        return new String(process.getInputStream().readAllBytes(), UTF_8).strip();
    }

    /** Runs a command that says nothing if it succeeds. */
    void must(String... command) throws IOException {
        assertThat(run(command)).isEmpty();
    }

    /** Gives a device in here an address with its prefix, and switches it on. */
    void setUp(String device, String address) throws IOException {
        must("ip", "-n", name, "address", "add", address, "dev", device);
        must("ip", "-n", name, "link", "set", device, "up");
    }

    /**
     * Has clients in here set a value on the server at an address, and read it on the same and on another connection.
     */
    void assertServedAt(String server) throws IOException {
        String requests = "SET k spice\\r\\nGET k\\r\\nPING\\r\\n";
        assertThat(answer(server, requests, 23)).isEqualTo("+OK\r\n$5\r\nspice\r\n+PONG");
        // The value went through our stack to the disk, and is what a later client sees.
        assertThat(answer(server, "GET k\\r\\n", 11)).isEqualTo("$5\r\nspice");
        if (Files.isExecutable(REDIS_CLI)) {
            assertThat(run("ip", "netns", "exec", name, REDIS_CLI.toString(), "-h", server, "PING"))
                    .isEqualTo("PONG");
        }
    }

    private String answer(String server, String requests, int bytes) throws IOException {
        String script = "exec 3<>/dev/tcp/" + server + "/6379; printf '" + requests + "' >&3; timeout 20 head -c "
                + bytes + " <&3";
        return run("ip", "netns", "exec", name, "bash", "-c", script);
    }

    @Override
    public void close() throws IOException {
        if (Files.exists(Path.of("/run/netns", name))) {
            run("ip", "netns", "delete", name);
        }
    }
}
