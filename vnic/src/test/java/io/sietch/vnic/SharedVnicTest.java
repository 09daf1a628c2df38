package io.sietch.vnic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sietch.net.Stack;
import io.sietch.net.StackOptions;
import io.sietch.net.TcpConnection;
import io.sietch.net.TcpEnd;
import io.sietch.net.TcpState;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Flows over memory that two processes share; here the other end is mostly in this one, as the memory does not care.
 */
@Timeout(60)
class SharedVnicTest {
    private static final int PORT = 7000;

    private final RecordingHandler handler = new EchoHandler();

    @TempDir
    private Path directory;

    private StackNetwork network;
    private boolean answered;

    @BeforeEach
    void open() throws IOException {
        network = listen(directory.resolve("door"));
    }

    private StackNetwork listen(Path path) throws IOException {
        KernelSockets kernel = KernelSockets.listen(List.of(), handler, NetworkOptions.DEFAULTS);
        return StackNetwork.listen(kernel, path, PORT);
    }

    @AfterEach
    void close() {
        network.close();
    }

    private void until(BooleanSupplier done) {
        long deadline = System.nanoTime() + 20_000_000_000L;
        while (!done.getAsBoolean()) {
            assertThat(System.nanoTime()).as("still waiting").isLessThan(deadline);
            if (network.poll(System.nanoTime()) == 0) {
                network.await(1_000_000);
            }
        }
    }

    private SharedVnic connect() {
        return Asking.ask(() -> SharedVnic.connect(directory.resolve("door")), this::until);
    }

    private VnicClient client() {
        return Asking.ask(() -> VnicClient.connect(directory.resolve("door")), this::until);
    }

    private VsockStream stream(VnicClient client) {
        VsockStream stream = client.stream(PORT, changed -> {});
        until(() -> client.poll() >= 0 && stream.state() == VsockStream.State.CONNECTED);
        return stream;
    }

    private static Stack stack(SharedVnic shared) {
        return new Stack(
                shared.vnic(), shared.vnic().address(), StackOptions.DEFAULTS, new Random(1), System.nanoTime());
    }

    @Test
    void whatWasSentComesBackThroughMemory() throws IOException {
        try (SharedVnic shared = connect()) {
            Stack client = stack(shared);
            TcpConnection connection = client.connect(shared.serverAddress(), PORT, changed -> {});
            byte[] sent = new byte[5_000_000];
            new Random(7).nextBytes(sent);
            ByteBuffer out = ByteBuffer.wrap(sent);
            ByteBuffer in = ByteBuffer.allocate(sent.length);
            until(() -> {
                client.poll(System.nanoTime());
                connection.write(out);
                connection.read(in);
                return !in.hasRemaining();
            });
            assertThat(in.array()).isEqualTo(sent);
            connection.finish();
            until(() -> {
                client.poll(System.nanoTime());
                return connection.state() == TcpState.TIME_WAIT;
            });
            assertThat(network.flows()).isZero();
            assertThat(network.bufferBytes()).isZero();
            assertThat(handler.events).containsExactly("opened 1", "ended 1", "closed 1 OWNER");
            assertThat(shared.vnic().nonsense()).isZero();
        }
    }

    @Test
    void aStreamGoesPastTheStack() throws IOException {
        try (VnicClient client = client()) {
            VsockStream stream = stream(client);
            byte[] sent = new byte[5_000_000];
            new Random(7).nextBytes(sent);
            ByteArrayOutputStream got = new ByteArrayOutputStream();
            int[] written = {0};
            until(() -> {
                client.poll();
                written[0] += VsockPair.write(stream, sent, written[0], sent.length - written[0]);
                got.writeBytes(VsockPair.read(stream, Integer.MAX_VALUE));
                return got.size() == sent.length;
            });
            assertThat(got.toByteArray()).isEqualTo(sent);
            assertThat(client.stack().connections()).isZero();
            stream.finish();
            until(() -> client.poll() >= 0 && stream.state() == VsockStream.State.CLOSED);
            until(() -> network.flows() == 0);
            assertThat(network.bufferBytes()).isZero();
            assertThat(handler.events)
                    .startsWith("opened 1")
                    .endsWith("ended 1", "closed 1 OWNER")
                    .doesNotContain("closed 1 PEER");
        }
    }

    @Test
    void aStreamAndAConnectionShareACard() throws IOException {
        try (VnicClient client = client()) {
            VsockStream stream = stream(client);
            TcpConnection connection = client.connect(PORT, changed -> {});
            byte[] sent = new byte[2_000_000];
            new Random(7).nextBytes(sent);
            ByteArrayOutputStream byStream = new ByteArrayOutputStream();
            ByteBuffer out = ByteBuffer.wrap(sent);
            ByteBuffer in = ByteBuffer.allocate(sent.length);
            int[] written = {0};
            until(() -> {
                client.poll();
                written[0] += VsockPair.write(stream, sent, written[0], sent.length - written[0]);
                byStream.writeBytes(VsockPair.read(stream, Integer.MAX_VALUE));
                connection.write(out);
                connection.read(in);
                return byStream.size() == sent.length && !in.hasRemaining();
            });
            assertThat(byStream.toByteArray()).isEqualTo(sent);
            assertThat(in.array()).isEqualTo(sent);
            assertThat(client.shared().vnic().nonsense()).isZero();
        }
    }

    /** It hears of frames and of the time even while a stream has something in every poll. */
    @Test
    void aStreamDoesNotKeepTheStackFromItsTurn() throws IOException {
        StackOptions options = StackOptions.DEFAULTS.withTimeWait(1_000_000);
        Path door = directory.resolve("door");
        try (VnicClient client = Asking.ask(() -> VnicClient.connect(door, options), this::until)) {
            TcpConnection connection = client.connect(PORT, changed -> {});
            until(() -> client.poll() >= 0 && !handler.flows.isEmpty());
            Flow flow = handler.flows.getLast();
            VsockStream stream = stream(client);
            until(() -> client.stack().idleNanos(0) == Long.MAX_VALUE || client.poll() < 0);
            RecordingHandler.put(flow, new byte[3]);
            flow.flush(3);
            untilBusy(client, stream, () -> connection.available() == 3);
            connection.finish();
            untilBusy(client, stream, () -> connection.state() == TcpState.TIME_WAIT);
            untilBusy(client, stream, () -> connection.state() == TcpState.CLOSED);
        }
    }

    private void untilBusy(VnicClient client, VsockStream stream, BooleanSupplier done) {
        until(() -> {
            VsockPair.write(stream, new byte[1], 0, 1);
            client.flush();
            for (int i = 0; i < 2; i++) {
                network.poll(System.nanoTime());
                network.flush();
            }
            assertThat(client.poll()).isPositive();
            assertThat(VsockPair.read(stream, 2)).hasSize(1);
            return done.getAsBoolean();
        });
    }

    @Test
    void anAnswerOnAStreamLeavesWithoutAnotherPoll() throws IOException {
        try (VnicClient client = client()) {
            VsockStream stream = stream(client);
            VsockPair.write(stream, new byte[100], 0, 100);
            client.flush();
            handler.consumption = flow -> {
                answered = true;
                return flow.receivedLength();
            };
            until(() -> answered);
            network.flush();
            client.poll();
            assertThat(stream.available()).isEqualTo(100);
        }
    }

    @Test
    void whoHasSomethingToSendOnAStreamDoesNotSleepBefore() throws IOException {
        try (VnicClient client = client()) {
            VsockStream stream = client.stream(PORT, changed -> {});
            client.await(Long.MAX_VALUE, 0);
            until(() -> client.poll() >= 0 && stream.state() == VsockStream.State.CONNECTED);
        }
    }

    /** Who posts a buffer rings for nobody. */
    @Test
    void aServerDoesNotSleepOnAnAnswerThatWaitsForABuffer() throws IOException {
        try (VnicClient client = client()) {
            VsockStream stream = stream(client);
            int more = 600; // than there are buffers posted
            for (int i = 0; i < more; i++) {
                assertThat(VsockPair.write(stream, new byte[] {(byte) i}, 0, 1)).isEqualTo(1);
                client.flush();
                network.poll(System.nanoTime());
                network.flush();
            }
            assertThat(network.poll(System.nanoTime())).isZero();
            network.await(Long.MAX_VALUE);
            until(() -> client.poll() >= 0 && stream.available() == more);
        }
    }

    @Test
    void aStreamEndsWithItsServer() throws IOException {
        try (VnicClient client = client()) {
            VsockStream served = stream(client);
            network.close();
            assertThat(handler.events).containsExactly("opened 1", "closed 1 NETWORK_CLOSED");
            client.poll();
            assertThat(served.state()).isEqualTo(VsockStream.State.CLOSED);
            VsockStream late = client.stream(PORT, changed -> {});
            for (int i = 0; i < 3 && client.isOpen(); i++) {
                client.poll();
                client.await(1_000_000_000, 0);
            }
            assertThat(late.state()).isEqualTo(VsockStream.State.RESET);
        }
    }

    @Test
    void aRevokedCardResetsItsStreams() throws IOException {
        try (VnicClient client = client()) {
            VsockStream stream = stream(client);
            network.grants().getFirst().revoke();
            until(() -> network.flows() == 0);
            client.await(1_000_000_000, 0);
            assertThat(client.isRevoked()).isTrue();
            assertThat(stream.state()).isEqualTo(VsockStream.State.RESET);
        }
    }

    /** Else every answer would wait until the server has looked for the next request. */
    @Test
    void whatIsFlushedLeavesWithoutAnotherPoll() throws IOException {
        try (SharedVnic shared = connect()) {
            Stack client = stack(shared);
            TcpConnection connection = client.connect(shared.serverAddress(), PORT, changed -> {});
            until(() -> client.poll(System.nanoTime()) >= 0 && connection.state() == TcpState.ESTABLISHED);
            connection.write(ByteBuffer.wrap(new byte[100]));
            client.poll(System.nanoTime());
            int before = handler.events.size();
            until(() -> handler.events.size() > before);
            assertThat(connection.available()).isZero();
            network.flush();
            client.poll(System.nanoTime());
            assertThat(connection.available()).isEqualTo(100);
        }
    }

    @Test
    void noFileIsLeftOnceBothEndsHaveTheMemory() throws IOException {
        try (SharedVnic shared = connect()) {
            until(() -> names().equals(List.of("door")));
            assertThat(shared.isOpen()).isTrue();
        }
        network.close();
        assertThat(names()).isEmpty();
    }

    private List<String> names() {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString()).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void severalProcessesGetNetworkCardsWithDifferentAddresses() throws IOException {
        try (SharedVnic one = connect();
                SharedVnic two = connect()) {
            assertThat(one.vnic().address()).isNotEqualTo(two.vnic().address());
            assertThat(one.vnic().mac()).isNotEqualTo(two.vnic().mac());
            Stack first = stack(one);
            Stack second = stack(two);
            // Any two on the switch may talk.
            boolean[] reached = {false};
            second.listen(9, connection -> reached[0] = true);
            first.connect(two.vnic().address(), 9, connection -> {});
            until(() -> {
                first.poll(System.nanoTime());
                second.poll(System.nanoTime());
                return reached[0];
            });
        }
    }

    @Test
    void anOwnerThatIsGoneTakesItsFlowsWithIt() throws IOException {
        SharedVnic shared = connect();
        Stack client = stack(shared);
        TcpConnection connection = client.connect(shared.serverAddress(), PORT, changed -> {});
        until(() -> {
            client.poll(System.nanoTime());
            return connection.state() == TcpState.ESTABLISHED && network.flows() == 1;
        });
        shared.close();
        until(() -> network.flows() == 0);
        assertThat(handler.events).containsExactly("opened 1", "closed 1 PEER");
    }

    @Test
    void aServerThatEndsSaysSoAndIsMissed() throws IOException {
        try (SharedVnic shared = connect()) {
            Stack client = stack(shared);
            TcpConnection connection = client.connect(shared.serverAddress(), PORT, changed -> {});
            until(() -> {
                client.poll(System.nanoTime());
                return connection.state() == TcpState.ESTABLISHED && network.flows() == 1;
            });
            network.close();
            assertThat(handler.events).containsExactly("opened 1", "closed 1 NETWORK_CLOSED");
            client.poll(System.nanoTime());
            shared.await(1_000_000_000, 0);
            client.poll(System.nanoTime());
            assertThat(connection.state()).isEqualTo(TcpState.CLOSE_WAIT);
            assertThat(connection.end()).isEqualTo(TcpEnd.NONE);
            shared.await(1_000_000_000, 0);
            assertThat(shared.isOpen()).isFalse();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"connection", "stream"})
    void aProcessThatIsKilledIsCleanedUpAfter(String what) throws Exception {
        Path java = Path.of(System.getProperty("java.home"), "bin", "java");
        Process child = new ProcessBuilder(
                        java.toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        SharedVnicChild.class.getName(),
                        directory.resolve("door").toString(),
                        what)
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("said").toFile())
                .start();
        try {
            until(() -> handler.events.contains("opened 1") || !child.isAlive());
            assertThat(Files.readString(directory.resolve("said"))).isEmpty();
            child.destroyForcibly().waitFor();
            until(() -> network.flows() == 0);
            assertThat(handler.events).containsExactly("opened 1", "closed 1 PEER");
            assertThat(names()).containsExactlyInAnyOrder("door", "said");
        } finally {
            child.destroyForcibly();
        }
    }

    /** A process can cut off the file below the memory that it shares; the server must not fall into the hole. */
    @Test
    void memoryThatIsTakenAwayCostsItsOwnerTheCardAndNobodyElseAnything() throws IOException {
        try (SocketChannel evil = SocketChannel.open(UnixDomainSocketAddress.of(directory.resolve("door")))) {
            until(() -> names().size() == 2);
            String memory = names().stream()
                    .filter(name -> !name.equals("door"))
                    .findAny()
                    .orElseThrow();
            try (FileChannel file = FileChannel.open(directory.resolve(memory), StandardOpenOption.WRITE);
                    SharedVnic good = connect()) {
                evil.write(ByteBuffer.wrap(new byte[] {ShmHello.READY}));
                until(() -> network.processes() == 2);
                file.truncate(0);
                until(() -> network.processes() == 1);
                Stack client = stack(good);
                TcpConnection connection = client.connect(good.serverAddress(), PORT, changed -> {});
                ByteBuffer out = ByteBuffer.allocate(5);
                ByteBuffer in = ByteBuffer.allocate(5);
                until(() -> {
                    client.poll(System.nanoTime());
                    connection.write(out);
                    connection.read(in);
                    return !in.hasRemaining();
                });
            }
        }
    }

    @Test
    void aDoorIsHeldByOneProcessAndTakenOverWhenThatIsDead() throws IOException {
        Path door = directory.resolve("door");
        assertThatThrownBy(() -> listen(door)).hasMessageContaining("another process does");
        network.close();
        Files.createFile(door);
        network = listen(door);
        connect().close();
    }

    @Test
    void whoSleepsIsWokenByTheOtherEnd() throws IOException {
        try (SharedVnic shared = connect()) {
            Stack client = stack(shared);
            TcpConnection connection = client.connect(shared.serverAddress(), PORT, changed -> {});
            CompletableFuture<Integer> answers =
                    CompletableFuture.supplyAsync(() -> rounds(shared, client, connection));
            until(answers::isDone);
            assertThat(answers.join()).isEqualTo(200);
        }
    }

    @Test
    void whoSleepsIsWokenByAStream() throws IOException {
        try (VnicClient client = client()) {
            VsockStream stream = stream(client);
            CompletableFuture<Integer> answers = CompletableFuture.supplyAsync(() -> rounds(client, stream));
            until(answers::isDone);
            assertThat(answers.join()).isEqualTo(200);
        }
    }

    private static int rounds(VnicClient client, VsockStream stream) {
        int rounds = 0;
        try {
            for (int answers = 0; rounds < 200; answers += VsockPair.read(stream, 10).length) {
                if (answers == rounds) {
                    rounds += VsockPair.write(stream, new byte[1], 0, 1);
                }
                if (client.poll() == 0) {
                    client.await(Long.MAX_VALUE, 0);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return rounds;
    }

    /** Never looks twice before it sleeps, and sleeps for ever if nobody wakes it. */
    private static int rounds(SharedVnic shared, Stack client, TcpConnection connection) {
        ByteBuffer in = ByteBuffer.allocate(10);
        int rounds = 0;
        try {
            while (rounds < 200) {
                if (client.poll(System.nanoTime()) == 0) {
                    shared.await(Long.MAX_VALUE, 0);
                }
                if (connection.state() == TcpState.ESTABLISHED && in.position() == 0 && rounds == 0) {
                    rounds += connection.write(ByteBuffer.allocate(1));
                }
                if (connection.read(in.clear()) > 0) {
                    rounds += connection.write(ByteBuffer.allocate(1));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return rounds;
    }
}
