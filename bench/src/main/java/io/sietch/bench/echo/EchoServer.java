package io.sietch.bench.echo;

import static io.sietch.bench.echo.EchoKind.Carrier.XDP;

import io.sietch.vnic.KernelSockets;
import io.sietch.vnic.NetworkOptions;
import io.sietch.vnic.StackNetwork;
import io.sietch.vnic.Wire;
import io.sietch.vnic.linux.LinuxWires;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.DatagramChannel;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/** The application: every datagram goes back to where it came from (RFC 862). On a thread of its own. */
final class EchoServer implements AutoCloseable {
    static final int PORT = 7;
    private static final String TAP_OURS = "10.83.8.2";
    private static final String TAP_URL = "tap://sietecho?ip=" + TAP_OURS + "/24&host=10.83.8.1";
    private static final int MAX_BYTES = 2048;
    private static final long SLEEP_NANOS = 100_000_000L;

    private final EchoKind kind;
    private final Path door;
    private final CompletableFuture<@Nullable InetSocketAddress> started = new CompletableFuture<>();
    private final Thread thread;
    private volatile boolean stopped;
    private volatile @Nullable Throwable failure;
    private volatile @Nullable DatagramChannel channel;
    private volatile @Nullable StackNetwork network;

    /**
     * Starts the server.
     *
     * @param directory where the socket for shared memory shall be
     * @throws IOException if the system does not let it
     */
    EchoServer(EchoKind kind, Path directory) throws IOException {
        this.kind = kind;
        this.door = directory.resolve("door");
        this.thread = Thread.ofPlatform().name("echo").start(this::run);
        try {
            started.join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof IOException refused ? refused : new IOException(e.getCause());
        }
    }

    /** Where it is, for sockets of the kernel. */
    InetSocketAddress address() {
        InetSocketAddress own = started.join();
        return own == null ? new InetSocketAddress(kind.carrier() == XDP ? EchoPair.OURS : TAP_OURS, PORT) : own;
    }

    /** Where processes get a VNIC. */
    Path door() {
        return door;
    }

    /** The thread that serves. */
    long threadId() {
        return thread.threadId();
    }

    private void run() {
        try {
            if (kind.carrier() == EchoKind.Carrier.KERNEL) {
                serveSocket();
            } else {
                serveStack();
            }
        } catch (ClosedChannelException e) {
            // That is how a blocked one is stopped.
            if (!stopped) {
                failure = e;
            }
        } catch (IOException | RuntimeException e) {
            failure = e;
            started.completeExceptionally(e);
        }
    }

    private void serveSocket() throws IOException {
        try (DatagramChannel socket = DatagramChannel.open()) {
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            socket.configureBlocking(!kind.polled());
            channel = socket;
            started.complete((InetSocketAddress) socket.getLocalAddress());
            ByteBuffer buffer = ByteBuffer.allocateDirect(MAX_BYTES);
            while (!stopped) {
                SocketAddress from = socket.receive(buffer.clear());
                if (from != null) {
                    socket.send(buffer.flip(), from);
                } else {
                    Thread.onSpinWait();
                }
            }
        }
    }

    private void serveStack() throws IOException {
        switch (kind.carrier()) {
            case TAP -> serveStack(List.of(LinuxWires.open(TAP_URL)));
            case XDP -> {
                try (EchoPair pair = new EchoPair()) {
                    serveStack(List.of(LinuxWires.open(pair.url())));
                }
            }
            case SHM, KERNEL -> serveStack(List.of());
        }
    }

    private void serveStack(List<Wire> wires) throws IOException {
        KernelSockets sockets = KernelSockets.listen(List.of(), new NoFlows(), NetworkOptions.DEFAULTS);
        try (StackNetwork stacks = StackNetwork.listen(sockets, wires.isEmpty() ? door : null, wires, PORT)) {
            stacks.bindUdp(
                    PORT,
                    (socket, address, port, memory, offset, length) ->
                            socket.send(address, port, memory, offset, length));
            network = stacks;
            started.complete(null);
            while (!stopped) {
                if (stacks.poll(System.nanoTime()) == 0 && !kind.polled()) {
                    stacks.await(SLEEP_NANOS);
                }
            }
        }
    }

    @Override
    public void close() throws IOException {
        stopped = true;
        DatagramChannel socket = channel;
        if (socket != null && !kind.polled()) {
            socket.close();
        }
        StackNetwork stacks = network;
        if (stacks != null) {
            stacks.wake();
        }
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
        if (failure != null) {
            throw new IOException("the echo server failed: " + failure, failure);
        }
    }
}
