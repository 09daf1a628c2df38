package io.sietch.bench.redis;

import io.sietch.bench.report.Children;
import io.sietch.net.StackOptions;
import io.sietch.net.TcpBytes;
import io.sietch.net.TcpConnection;
import io.sietch.net.TcpEnd;
import io.sietch.vnic.CloseCause;
import io.sietch.vnic.Flow;
import io.sietch.vnic.FlowHandler;
import io.sietch.vnic.KernelSockets;
import io.sietch.vnic.Network;
import io.sietch.vnic.NetworkOptions;
import io.sietch.vnic.StackNetwork;
import io.sietch.vnic.VnicClient;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.List;

/** As many bytes as go through one connection, from one thread to another, in a JVM of its own. */
final class BulkFork {
    private static final int PORT = 5001;
    private static final int WRITE_BYTES = 64 << 10;
    private static final int BUFFER_BYTES = 1 << 19;
    private static final long SPIN_NANOS = 50_000;

    private BulkFork() {}

    /** Takes everything, and keeps nothing. */
    private static final class Sink implements FlowHandler {
        volatile long bytes;

        @Override
        public void opened(Flow flow) {
            // nothing to say
        }

        @Override
        @SuppressWarnings("NonAtomicVolatileUpdate") // one writer
        public void received(Flow flow) {
            bytes += flow.receivedLength();
            flow.consume(flow.receivedLength());
        }

        @Override
        public void closed(Flow flow, CloseCause cause) {
            // the run is over
        }
    }

    /** Sends something, and may wait for room. */
    @FunctionalInterface
    private interface Source {
        void send() throws IOException;
    }

    private static volatile boolean over;

    /** The arguments are shm or tcp, the seconds to warm up and to measure, and a directory. */
    public static void main(String[] args) throws Exception {
        Children.endWithParent();
        boolean shm = args[0].equals("shm");
        Path door = Path.of(args[3], "door");
        Sink sink = new Sink();
        List<InetSocketAddress> at = List.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        KernelSockets sockets = KernelSockets.listen(shm ? List.of() : at, sink, NetworkOptions.DEFAULTS);
        Network network = shm ? StackNetwork.listen(sockets, door, PORT) : sockets;
        InetSocketAddress address = shm ? at.getFirst() : sockets.addresses().getFirst();
        Thread receiver = Thread.ofPlatform().start(() -> receive(network));
        if (shm) {
            try (VnicClient client =
                    VnicClient.connect(door, StackOptions.DEFAULTS.withBuffers(BUFFER_BYTES, BUFFER_BYTES))) {
                TcpConnection connection = client.connect(PORT, changed -> {});
                measure(sink, args, () -> send(client, connection));
            }
        } else {
            ByteBuffer bytes = ByteBuffer.allocateDirect(WRITE_BYTES);
            try (SocketChannel channel = SocketChannel.open(address)) {
                measure(sink, args, () -> channel.write(bytes.clear()));
            }
        }
        over = true;
        network.wake();
        receiver.join();
    }

    private static void receive(Network network) {
        try (network) {
            while (!over) {
                if (network.poll(System.nanoTime()) == 0) {
                    network.await(Long.MAX_VALUE);
                }
            }
        }
    }

    private static void send(VnicClient client, TcpConnection connection) throws IOException {
        TcpBytes bytes = connection.bytes();
        // As much work as writing is for a socket: the bytes come from somewhere.
        for (int left = WRITE_BYTES; left > 0; ) {
            int length = Math.min(left, bytes.claimedLength());
            if (length > 0) {
                MemorySegment.copy(SOURCE, 0, bytes.claimedSegment(), bytes.claimedOffset(), length);
                bytes.commit(length);
                left -= length;
            }
            if (client.poll() == 0 && length == 0) {
                client.await(100_000_000L, SPIN_NANOS);
            }
            if (connection.end() != TcpEnd.NONE) {
                throw new IOException("the connection has ended: " + connection.end());
            }
        }
    }

    private static final MemorySegment SOURCE = MemorySegment.ofBuffer(ByteBuffer.allocateDirect(WRITE_BYTES));

    private static void measure(Sink sink, String[] args, Source source) throws IOException {
        run(source, Double.parseDouble(args[1]));
        long bytes = sink.bytes;
        double took = run(source, Double.parseDouble(args[2]));
        System.out.println(Measured.line((sink.bytes - bytes) / took));
    }

    private static double run(Source source, double seconds) throws IOException {
        long begin = System.nanoTime();
        while (System.nanoTime() - begin < seconds * 1e9) {
            source.send();
        }
        return (System.nanoTime() - begin) / 1e9;
    }
}
