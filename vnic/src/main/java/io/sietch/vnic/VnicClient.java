package io.sietch.vnic;

import io.sietch.net.Stack;
import io.sietch.net.StackOptions;
import io.sietch.net.TcpConnection;
import io.sietch.net.TcpHandler;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.function.Consumer;

/**
 * A process's own network card in memory that it shares with a server, and a stack of its own on it: the server is
 * reached without a system call while both are awake. Bytes are sent and received in place with {@link
 * TcpConnection#bytes}, or through buffers with {@link TcpConnection#read} and {@link TcpConnection#write}. A {@link
 * #stream} does without the stack, and takes half to two thirds of the time.
 *
 * <p>Everything happens in {@link #poll}; when it has nothing to do, {@link #await} waits for something. For blocking
 * sockets see {@link VnicSocketFactory}.
 *
 * <p>Threads: one at a time.
 */
public final class VnicClient implements AutoCloseable {
    /** Packets of streams taken in one poll before it is the stack's turn. */
    private static final int BATCH = 64;

    private final SharedVnic shared;
    private final Stack stack;
    private final VsockStreams streams;

    private VnicClient(SharedVnic shared, StackOptions options) {
        this.shared = shared;
        this.stack = new Stack(shared.vnic(), shared.vnic().address(), options, new SecureRandom(), System.nanoTime());
        this.streams = new VsockStreams(shared.vnic(), shared.serverAddress());
    }

    /**
     * Asks for a network card.
     *
     * @param path of the socket at which the server hands them out
     * @throws IOException if there is none, or it gives none, or is of another version
     */
    public static VnicClient connect(Path path) throws IOException {
        return connect(path, StackOptions.DEFAULTS);
    }

    /** As the other, with limits and times. */
    public static VnicClient connect(Path path, StackOptions options) throws IOException {
        return new VnicClient(SharedVnic.connect(path), options);
    }

    /**
     * Opens a connection to the server. It is there when its state says so; until then nothing can be written.
     *
     * @param handler hears of what happens to it, in {@link #poll}
     */
    public TcpConnection connect(int port, TcpHandler handler) {
        return stack.connect(shared.serverAddress(), port, handler);
    }

    /**
     * Opens a stream to the server: as a connection, but without a protocol between the two that guards against what
     * cannot happen in memory. It is there when its state says so; until then nothing can be written.
     *
     * @param handler hears of what happens to it, in {@link #poll}
     * @throws UnsupportedOperationException if whoever gave the card takes frames only: {@link VnicHost} does
     * @throws IllegalStateException if there are too many
     */
    public VsockStream stream(int port, Consumer<VsockStream> handler) {
        if ((VnicFormat.features(shared.vnic().memory()) & VnicFormat.STREAMS) == 0) {
            throw new UnsupportedOperationException(shared.vnic().name() + " takes frames only; connect by TCP");
        }
        return streams.open(port, handler);
    }

    /** The stack, for datagrams, listeners and counters. */
    public Stack stack() {
        return stack;
    }

    /** The IPv4 address of the server. */
    public int serverAddress() {
        return shared.serverAddress();
    }

    /** Whether the server is there, as far as is known: one that has ended is noticed while waiting. */
    public boolean isOpen() {
        return shared.isOpen();
    }

    /** Whether the server has taken the card away: then nothing that is sent goes anywhere, for good. */
    public boolean isRevoked() {
        return shared.isRevoked();
    }

    SharedVnic shared() {
        return shared;
    }

    /**
     * Takes what has arrived, and sends.
     *
     * @return how much was done; 0 says that there was nothing to do
     */
    public int poll() {
        int work = shared.vnic().receiveStreams(BATCH);
        // Who wants answers over streams alone does not wait for a look at the clock. A frame that came behind them is
        // the first in the next poll.
        if (work == 0 || stack.idleNanos(0) != Long.MAX_VALUE) {
            work += stack.poll(System.nanoTime());
        }
        return work + streams.poll();
    }

    /** Sends what was written since the last poll. */
    public void flush() {
        stack.flush();
        streams.flush();
    }

    /**
     * Waits until something has arrived or a timer is due, the server has ended, or the time is over. What has arrived
     * before and was not consumed is not waited for, so look at all of it first.
     *
     * @param maxNanos upper bound in nanoseconds; {@link Long#MAX_VALUE} for none
     * @param spinNanos how long to look before sleeping; being woken takes some 50 us
     */
    public void await(long maxNanos, long spinNanos) throws IOException {
        long idle = streams.isIdle() ? stack.idleNanos(System.nanoTime()) : 0;
        if (idle > 0) {
            shared.await(Math.min(idle, maxNanos), spinNanos);
        }
        if (!shared.isOpen()) {
            streams.lost();
        }
    }

    /** Resets the connections that are open, and gives the card back. */
    @Override
    public void close() throws IOException {
        streams.close();
        stack.close();
        shared.close();
    }
}
