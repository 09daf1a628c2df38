package io.sietch.redis;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.sietch.vnic.VnicSocketFactory;
import java.io.IOException;
import java.io.InputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import redis.clients.jedis.Jedis;

/**
 * Three processes: the control plane, a server that has nothing but the card that it is given there, and this one, with
 * a client on another card. Run as root, the server is a user without any right.
 */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class CardOfVnicdTest {
    @TempDir
    private Path directory;

    private Path run;
    private Process daemon;

    @SuppressWarnings("NullAway.Init") // set by the test that has one
    private Process server;

    private static List<String> java(String classPath, String... more) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xmx128m",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                classPath));
        command.addAll(List.of(more));
        return command;
    }

    private static Process start(List<String> command) throws IOException {
        return new ProcessBuilder(command).redirectErrorStream(true).start();
    }

    @BeforeEach
    void startDaemon() throws IOException {
        // A temporary directory is for one user; doors are for others, too.
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        run = directory.resolve("vnicd");
        String classPath = System.getProperty("java.class.path");
        daemon = start(java(classPath, "io.sietch.vnic.daemon.Vnicd", "--dir", run.toString(), "serve"));
        assertThat(daemon.inputReader().readLine()).startsWith("vnicd ready");
    }

    @AfterEach
    void end() throws Exception {
        if (server != null) {
            server.destroyForcibly().waitFor();
        }
        daemon.destroyForcibly().waitFor();
    }

    private void order(String... words) throws IOException {
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(UnixDomainSocketAddress.of(run.resolve("control")));
            channel.write(ByteBuffer.wrap((String.join("\0", words) + "\0").getBytes(UTF_8)));
            channel.shutdownOutput();
            InputStream answer = Channels.newInputStream(channel);
            assertThat(answer.read()).as(() -> said(answer)).isZero();
        }
    }

    private static String said(InputStream answer) {
        try {
            return new String(answer.readAllBytes(), UTF_8);
        } catch (IOException e) {
            return e.toString();
        }
    }

    /** Copies what the server needs to where everybody can read it. */
    private String readableClassPath() throws IOException {
        Path readable = Files.createDirectory(directory.resolve("classes"));
        List<String> copies = new ArrayList<>();
        for (String each : System.getProperty("java.class.path").split(":")) {
            Path entry = Path.of(each);
            Path copy = readable.resolve(copies.size() + ".jar");
            if (Files.isDirectory(entry)) {
                copy(entry, copy);
            } else {
                Files.copy(entry, copy);
            }
            copies.add(copy.toString());
        }
        return String.join(":", copies);
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(from.relativize(file).toString()));
            }
        }
    }

    private Process startServer(boolean unprivileged) throws IOException {
        Path data = Files.createDirectory(directory.resolve("data"));
        Files.setPosixFilePermissions(data, PosixFilePermissions.fromString("rwxrwxrwx"));
        List<String> command = new ArrayList<>();
        if (unprivileged) {
            command.addAll(List.of("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"));
            command.addAll(List.of("--bounding-set=-all", "--inh-caps=-all", "--no-new-privs"));
        }
        String url = "vnicd://" + run.resolve("server");
        command.addAll(java(readableClassPath(), RedisServer.class.getName(), "--listen", url));
        command.addAll(List.of("--dir", data.toString(), "--log-segment-size", "16mb"));
        return start(command);
    }

    @Test
    void aServerWithoutRightsServesOnItsCardUntilThatIsTakenAway() throws Exception {
        boolean root =
                Files.isExecutable(Path.of("/usr/bin/setpriv")) && "root".equals(System.getProperty("user.name"));
        order("attach", "server", "--ip", "10.84.0.1", "--user", root ? "nobody" : System.getProperty("user.name"));
        order("attach", "client", "--ip", "10.84.0.2", "--server", "10.84.0.1");
        server = startServer(root);
        assertThat(server.inputReader().readLine()).contains("ready on port").contains(" and vnicd://" + run);
        try (VnicSocketFactory sockets = VnicSocketFactory.open(run.resolve("client"));
                Jedis jedis = JedisProgram.over(sockets)) {
            assertThat(jedis.set("spice", "melange")).isEqualTo("OK");
            assertThat(jedis.get("spice")).isEqualTo("melange");
            assertThat(jedis.clientInfo()).contains(" addr=10.84.0.2:").contains("laddr=10.84.0.1:6379");
            // The server sleeps in between, and is woken.
            for (int i = 0; i < 20; i++) {
                assertThat(jedis.incr("count")).isEqualTo(i + 1);
                Thread.yield();
            }
            order("revoke", "server");
            String taken = "the network card of " + run.resolve("server") + " was taken away";
            assertThat(server.inputReader().lines().anyMatch(line -> line.contains(taken)))
                    .isTrue();
            assertThat(server.isAlive()).isTrue();
        }
    }
}
