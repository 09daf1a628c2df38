package io.sietch.vnic;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The same flows over the kernel's sockets, the client on the same thread. */
@Timeout(60)
class KernelSocketsTest {
    /** Sends back what it gets. */
    private static final class Echo extends RecordingHandler {
        @Override
        public void received(Flow flow) {
            put(flow, peek(flow, flow.receivedLength()));
            flow.consume(flow.receivedLength());
            flow.flush(flow.committed());
        }
    }

    private static final List<InetSocketAddress> ANY_PORT =
            List.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));

    private final RecordingHandler handler = new Echo();
    private KernelSockets network = open(NetworkOptions.DEFAULTS);

    private KernelSockets open(NetworkOptions options) {
        try {
            return KernelSockets.listen(ANY_PORT, handler, options);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @AfterEach
    void close() {
        network.close();
    }

    private SocketChannel connect() throws IOException {
        return SocketChannel.open(network.addresses().getFirst());
    }

    private void until(BooleanSupplier done) {
        while (!done.getAsBoolean()) {
            if (network.poll(System.nanoTime()) == 0) {
                network.await(10_000_000);
            }
        }
    }

    private byte[] receive(SocketChannel client, int length) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(length);
        client.configureBlocking(false);
        until(() -> {
            try {
                return client.read(bytes) < 0 || !bytes.hasRemaining();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        return Arrays.copyOf(bytes.array(), bytes.position());
    }

    @Test
    void whatWasSentComesBack() throws IOException {
        try (SocketChannel client = connect()) {
            client.write(ByteBuffer.wrap("hello".getBytes(ISO_8859_1)));
            assertThat(receive(client, 5)).isEqualTo("hello".getBytes(ISO_8859_1));
            assertThat(network.bufferBytes()).isZero();
        }
        until(() -> network.flows() == 0);
        assertThat(handler.events).containsExactly("opened 1", "ended 1", "closed 1 OWNER");
    }

    @Test
    void megabytesGoBothWaysThoughSocketBuffersAreSmaller() throws IOException {
        byte[] large = new byte[8 << 20];
        new Random(3).nextBytes(large);
        try (SocketChannel client = connect()) {
            client.configureBlocking(false);
            ByteBuffer out = ByteBuffer.wrap(large);
            ByteBuffer in = ByteBuffer.allocate(large.length);
            until(() -> {
                try {
                    client.write(out);
                    client.read(in);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
                return !in.hasRemaining();
            });
            assertThat(Arrays.equals(in.array(), large)).isTrue();
        }
    }

    @Test
    void aClientThatReadsNothingIsNotReadFromForeverAndOthersAreServed() throws IOException {
        network.close();
        network = open(NetworkOptions.DEFAULTS.withFlowBytes(1 << 20, 1 << 20));
        try (SocketChannel silent = connect();
                SocketChannel other = connect()) {
            silent.configureBlocking(false);
            ByteBuffer flood = ByteBuffer.allocate(1 << 16);
            // The echo's put fails at the send limit, as a server's claim would; it then closes the flow.
            handler.consumption = Flow::receivedLength;
            boolean[] refused = new boolean[1];
            until(() -> {
                try {
                    silent.write(flood.clear());
                } catch (IOException e) {
                    refused[0] = true;
                }
                try {
                    network.poll(System.nanoTime());
                } catch (IllegalStateException full) {
                    refused[0] = true;
                }
                return refused[0];
            });
            other.write(ByteBuffer.wrap("ping".getBytes(ISO_8859_1)));
            assertThat(receive(other, 4)).isEqualTo("ping".getBytes(ISO_8859_1));
        }
    }

    @Test
    void aWakeFromAnotherThreadEndsTheWait() throws Exception {
        Thread waker = Thread.ofPlatform().start(network::wake);
        network.await(Long.MAX_VALUE);
        waker.join();
        network.wake();
        assertThat(network.isSignalled()).isTrue();
        network.await(Long.MAX_VALUE);
        // Each wake ends one wait: a loop that was woken once sleeps again.
        assertThat(network.isSignalled()).isFalse();
        assertThat(network.flows()).isZero();
    }

    @Test
    void flowsBeyondTheLimitWaitForARoom() throws IOException {
        network.close();
        network = open(NetworkOptions.DEFAULTS.withMaxFlows(2));
        try (SocketChannel one = connect();
                SocketChannel two = connect();
                SocketChannel three = connect()) {
            until(() -> network.flows() == 2);
            three.write(ByteBuffer.wrap("x".getBytes(ISO_8859_1)));
            network.poll(System.nanoTime());
            network.poll(System.nanoTime());
            assertThat(network.flows()).isEqualTo(2);
            one.shutdownOutput();
            assertThat(receive(three, 1)).isEqualTo("x".getBytes(ISO_8859_1));
            assertThat(two.isOpen()).isTrue();
        }
    }

    @Test
    void nobodyIsAcceptedAfterItWasToldToStop() throws IOException {
        InetSocketAddress address = network.addresses().getFirst();
        try (SocketChannel client = connect()) {
            until(() -> network.flows() == 1);
            network.stopAccepting();
            network.poll(System.nanoTime());
            assertThatThrownBy(() -> SocketChannel.open(address)).isInstanceOf(IOException.class);
            client.write(ByteBuffer.wrap("y".getBytes(ISO_8859_1)));
            assertThat(receive(client, 1)).isEqualTo("y".getBytes(ISO_8859_1));
        }
    }

    @Test
    void anAddressInUseIsNamedAndNothingIsTaken() {
        InetSocketAddress taken = network.addresses().getFirst();
        assertThatThrownBy(() -> KernelSockets.listen(List.of(taken), handler, NetworkOptions.DEFAULTS))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("cannot listen at")
                .hasMessageContaining(":" + taken.getPort());
    }

    @Test
    void closingTheNetworkClosesEveryFlow() throws IOException {
        try (SocketChannel client = connect()) {
            until(() -> network.flows() == 1);
            network.close();
            assertThat(client.read(ByteBuffer.allocate(1))).isEqualTo(-1);
        }
        assertThat(handler.events).containsExactly("opened 1", "closed 1 NETWORK_CLOSED");
    }
}
