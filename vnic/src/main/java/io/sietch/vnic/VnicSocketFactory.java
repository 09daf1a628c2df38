package io.sietch.vnic;

import io.sietch.net.Ipv4Format;
import io.sietch.net.StackOptions;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import javax.net.SocketFactory;

/**
 * Blocking sockets over a network card in shared memory: a client that can be given a {@link SocketFactory}, or a
 * connected {@link Socket}, talks to the server without the kernel, unchanged.
 *
 * <p>Whoever waits for bytes looks for them for a while before it sleeps. One thread of the factory's own, which sleeps
 * as long as nothing comes, answers for the sockets that nobody waits at.
 *
 * <p>Threads: any; a socket as any socket.
 */
public final class VnicSocketFactory extends SocketFactory implements AutoCloseable {
    /** How long a thread looks for bytes before it sleeps: about what it costs to be woken. */
    public static final long SPIN_NANOS = 50_000;

    private final VnicEngine engine;

    private VnicSocketFactory(VnicEngine engine) {
        this.engine = engine;
    }

    /**
     * Asks for a network card.
     *
     * @param path of the socket at which the server hands them out
     * @throws IOException if there is none, or it gives none, or is of another version
     */
    public static VnicSocketFactory open(Path path) throws IOException {
        return open(path, SPIN_NANOS);
    }

    /**
     * As the other.
     *
     * @param spinNanos how long a thread looks for bytes before it sleeps; 0 where processors are scarce
     */
    public static VnicSocketFactory open(Path path, long spinNanos) throws IOException {
        return new VnicSocketFactory(new VnicEngine(VnicClient.connect(path, StackOptions.DEFAULTS), spinNanos));
    }

    /** The only host that can be reached. */
    public InetAddress serverAddress() {
        try {
            byte[] bytes = ByteBuffer.allocate(4)
                    .putInt(engine.client().serverAddress())
                    .array();
            return InetAddress.getByAddress(bytes);
        } catch (IOException e) {
            throw new IllegalStateException("four bytes are an address", e);
        }
    }

    /** A socket that is connected to the server. */
    public Socket createSocket(int port) throws IOException {
        return createSocket(serverAddress(), port);
    }

    /** A socket that is not connected yet. */
    @Override
    public Socket createSocket() throws SocketException {
        return new VnicSocket(new VnicSocketImpl(engine));
    }

    @Override
    public Socket createSocket(String host, int port) throws IOException {
        return createSocket(InetAddress.getByName(host), port);
    }

    /** As {@link #createSocket(String, int)}; the local address and port are not of the caller's choice. */
    @Override
    public Socket createSocket(String host, int port, InetAddress localHost, int localPort) throws IOException {
        return createSocket(InetAddress.getByName(host), port);
    }

    /** As {@link #createSocket(InetAddress, int)}; the local address and port are not of the caller's choice. */
    @Override
    public Socket createSocket(InetAddress host, int port, InetAddress localHost, int localPort) throws IOException {
        return createSocket(host, port);
    }

    @Override
    public Socket createSocket(InetAddress host, int port) throws IOException {
        Socket socket = createSocket();
        try {
            socket.connect(new InetSocketAddress(host, port));
            return socket;
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    /** Ends all sockets, and gives the card back. */
    @Override
    public void close() throws IOException {
        engine.close();
    }

    @Override
    public String toString() {
        return "sockets to " + Ipv4Format.text(engine.client().serverAddress()) + " over shared memory";
    }

    /** Only a subclass can name its implementation. */
    private static final class VnicSocket extends Socket {
        VnicSocket(VnicSocketImpl implementation) throws SocketException {
            super(implementation);
        }
    }
}
