package io.sietch.vnic.daemon;

import io.sietch.vnic.VnicHost;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.ConnectException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The process that has the capabilities: gives network cards to processes that have none, moves the frames of those in
 * memory, and does what it is told at a UNIX socket, whose file permissions say who may.
 *
 * <p>Threads: that of the loop, but for {@link #stop}.
 */
final class Daemon implements AutoCloseable {
    private static final Logger LOG = System.getLogger(Daemon.class.getPackageName());

    /** The name of the socket at which it is told what to do. */
    static final String CONTROL = "control";

    /** The longest order. */
    static final int MAX_ORDER_BYTES = 1 << 16;

    private static final int MAX_HOLDINGS = 1024;
    private static final int BACKLOG = 16;

    private final Path directory;
    private final Path control;
    private final VnicHost host;
    private final ServerSocketChannel listener;
    private final Map<String, Holding> holdings = new LinkedHashMap<>();
    private volatile boolean stopping;

    /** @param directory where its socket and the doors are; made if it is missing, so that all may pass it */
    Daemon(Path directory) throws IOException {
        this.directory = directory;
        this.control = directory.resolve(CONTROL);
        if (!Files.isDirectory(directory)) {
            Files.createDirectories(directory);
            Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
        UnixDomainSocketAddress address = UnixDomainSocketAddress.of(control);
        if (Files.exists(control)) {
            try (SocketChannel probe = SocketChannel.open(address)) {
                throw new IOException("another vnicd serves " + directory + " (" + probe.getRemoteAddress() + ")");
            } catch (ConnectException nobody) {
                Files.delete(control);
            }
        }
        this.host = VnicHost.open();
        this.listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            listener.bind(address, BACKLOG);
            Files.setPosixFilePermissions(control, PosixFilePermissions.fromString("rw-------"));
            listener.configureBlocking(false);
            host.watch(listener, SelectionKey.OP_ACCEPT, this::accept);
        } catch (IOException | RuntimeException e) {
            listener.close();
            host.close();
            throw e;
        }
    }

    Path directory() {
        return directory;
    }

    VnicHost host() {
        return host;
    }

    Map<String, Holding> holdings() {
        return holdings;
    }

    /** @throws IllegalArgumentException if there is no such network card */
    Holding holding(String name) {
        Holding holding = holdings.get(name);
        if (holding == null) {
            throw new IllegalArgumentException("there is no network card " + name + "; see: vnicd list");
        }
        return holding;
    }

    /** @throws IllegalArgumentException if the name cannot be had */
    void checkNew(String name) {
        if (!name.matches("[A-Za-z0-9_.-]{1,40}") || name.equals(CONTROL) || name.startsWith(".")) {
            throw new IllegalArgumentException("name \"" + name
                    + "\": must be 1 to 40 letters, digits, dots, dashes or underscores, and not " + CONTROL);
        }
        if (holdings.containsKey(name)) {
            throw new IllegalArgumentException("there is a network card " + name + " already");
        }
        if (holdings.size() == MAX_HOLDINGS) {
            throw new IllegalArgumentException("there are " + MAX_HOLDINGS + " network cards, which is the limit");
        }
    }

    // ---- orders -----------------------------------------------------------------------------------------------------

    private void accept() {
        try {
            SocketChannel channel = listener.accept();
            if (channel != null) {
                channel.configureBlocking(false);
                ByteBuffer order = ByteBuffer.allocate(MAX_ORDER_BYTES);
                host.watch(channel, SelectionKey.OP_READ, () -> read(channel, order));
            }
        } catch (IOException e) {
            LOG.log(Level.WARNING, "cannot take an order at " + control, e);
        }
    }

    private void read(SocketChannel channel, ByteBuffer order) {
        try {
            int n = channel.read(order);
            if (n < 0) {
                channel.write(execute(order.flip()));
                channel.close();
            } else if (!order.hasRemaining()) {
                channel.close();
            }
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "whoever gave an order has gone", e);
            close(channel);
        }
    }

    private static void close(SocketChannel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "cannot close a socket", e);
        }
    }

    /** The exit code, in one byte, and what there is to say. */
    private ByteBuffer execute(ByteBuffer order) {
        List<String> words = new ArrayList<>(
                List.of(StandardCharsets.UTF_8.decode(order).toString().split("\0", -1)));
        words.removeLast();
        StringWriter said = new StringWriter();
        int code = Vnicd.commandLine(this, new PrintWriter(said)).execute(words.toArray(String[]::new));
        byte[] text = said.toString().getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(1 + text.length).put((byte) code).put(text).flip();
    }

    // ---- the loop ---------------------------------------------------------------------------------------------------

    void run() {
        while (!stopping) {
            if (host.poll(System.nanoTime()) == 0) {
                host.await(Long.MAX_VALUE);
            }
        }
    }

    /** Ends {@link #run}. Any thread. */
    void stop() {
        stopping = true;
        host.wake();
    }

    /** Takes everything back that it has given. */
    @Override
    public void close() throws IOException {
        listener.close();
        Files.deleteIfExists(control);
        for (Holding holding : holdings.values()) {
            try {
                holding.revoke();
            } catch (IOException e) {
                LOG.log(Level.WARNING, "cannot take back " + holding.door(), e);
            }
        }
        host.close();
    }
}
