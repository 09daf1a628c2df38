package io.sietch.vnic;

import io.sietch.net.Ipv4Format;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.ConnectException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Hands out VNICs to other processes: each gets memory of its own, shared with the switch here and with nobody else. A
 * process asks through a UNIX socket, whose file permissions say who may. The same socket rings at the door of who
 * sleeps, and when a process ends, however it ends, the system closes it: then its VNIC is detached and its memory
 * freed. The same is done when a VNIC is revoked.
 *
 * <p>The memory is a file beside the socket that is deleted as soon as both ends have mapped it. So nothing is left
 * over when either process is killed, but for the socket, which the next owner replaces.
 *
 * <p>Threads: that of the switch.
 */
final class SharedVnics implements AutoCloseable {
    private static final Logger LOG = System.getLogger(SharedVnics.class.getPackageName());

    private static final int MAX_PEERS = 1024;
    private static final int PAGE = 4096;
    private static final int BACKLOG = 64;

    private final Path path;
    private final Grants grants;
    private final int features;
    private final int serverAddress;
    private final IntConsumer gone;
    private final @Nullable UserPrincipal owner;
    private final ServerSocketChannel listener;
    private final Selector selector;
    private final ByteBuffer scratch = ByteBuffer.allocateDirect(256);
    private final List<Peer> peers = new ArrayList<>();
    private Peer[] attached = {};
    private long made;

    /** Says which VNIC the next process gets. */
    @FunctionalInterface
    interface Grants {
        /** @return null if there is none for it */
        @Nullable
        VnicGrant next(SharedVnics door);
    }

    /** One process. */
    private final class Peer {
        final SocketChannel channel;
        final VnicGrant grant;
        final Path file;
        final Arena arena = Arena.ofShared();
        final MemorySegment memory;
        final VnicPort port;
        boolean ready;

        Peer(SocketChannel channel, VnicGrant grant) throws IOException {
            this.channel = channel;
            this.grant = grant;
            this.file = path.resolveSibling(path.getFileName() + ".vnic" + made++);
            VnicOptions options = grant.options();
            this.memory = newMemory(file, VnicFormat.totalBytes(options.buffers(), options.bufferBytes()), arena);
            VnicFormat.writeHeader(memory, options.buffers(), options.bufferBytes(), grant.mac(), grant.address());
            VnicFormat.writeFeatures(memory, features);
            Doorbell doorbell = new SocketDoorbell(memory, VnicFormat.APPLICATION_SLEEPS, channel);
            this.port = new VnicPort(
                    file.getFileName().toString(), memory, options.buffers(), options.bufferBytes(), doorbell);
        }

        /** Touches every page. */
        boolean isWhole() {
            try {
                int sum = 0;
                for (long at = 0; at < memory.byteSize(); at += PAGE) {
                    sum += memory.get(ValueLayout.JAVA_BYTE, at);
                }
                return sum != Integer.MIN_VALUE;
            } catch (InternalError e) {
                return false;
            }
        }

        /** The socket has something to say. */
        void read(long now) {
            int n;
            try {
                n = channel.read(scratch.clear());
            } catch (IOException e) {
                n = -1;
            }
            if (n < 0) {
                drop(this);
            } else if (n > 0 && !ready && grant.state() == VnicGrant.State.FREE) {
                attach(this, now);
            }
        }
    }

    private SharedVnics(
            Path path,
            ServerSocketChannel listener,
            Selector selector,
            Grants grants,
            int features,
            int serverAddress,
            IntConsumer gone,
            @Nullable UserPrincipal owner) {
        this.path = path;
        this.listener = listener;
        this.selector = selector;
        this.grants = grants;
        this.features = features;
        this.serverAddress = serverAddress;
        this.gone = gone;
        this.owner = owner;
    }

    /** Grants without end, to a door open to many: each has the next address after that of the server. */
    static Grants unending(NetworkControl control, VnicOptions options, int serverAddress) {
        return new Grants() {
            private long made;

            @Override
            public VnicGrant next(SharedVnics door) {
                int address = serverAddress + (int) (made++ % 0xFFFE) + 1;
                return new VnicGrant(Ipv4Format.text(address), address, options, control, door::take);
            }
        };
    }

    /** One grant, to one process after the other. */
    static Grants one(VnicGrant grant) {
        return door -> grant.state() == VnicGrant.State.FREE && door.peers.isEmpty() ? grant : null;
    }

    /**
     * Opens the door.
     *
     * @param path of the socket; one that a dead process left is replaced
     * @param selector to which the sockets are added, with a {@link KernelEvent} attached
     * @param grants what is handed out
     * @param features of the switch that serves them
     * @param serverAddress whom the others are told to talk to
     * @param gone hears the address of each process that has ended, or that has lost its VNIC
     * @param owner who may ask, besides root; null for the user of this process
     * @throws IOException if a living process holds the socket, or it cannot be made
     */
    static SharedVnics open(
            Path path,
            Selector selector,
            Grants grants,
            int features,
            int serverAddress,
            IntConsumer gone,
            @Nullable UserPrincipal owner)
            throws IOException {
        UnixDomainSocketAddress address = UnixDomainSocketAddress.of(path);
        if (Files.exists(path)) {
            try (SocketChannel probe = SocketChannel.open(address)) {
                throw new IOException("cannot listen at " + path + ": another process does (" + probe + ")");
            } catch (ConnectException nobody) {
                Files.delete(path);
            }
        }
        ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            listener.bind(address, BACKLOG);
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
            give(path, owner);
            listener.configureBlocking(false);
            SharedVnics vnics = new SharedVnics(path, listener, selector, grants, features, serverAddress, gone, owner);
            KernelEvent accept = vnics::accept;
            listener.register(selector, SelectionKey.OP_ACCEPT, accept);
            return vnics;
        } catch (IOException | RuntimeException e) {
            listener.close();
            throw e;
        }
    }

    private static void give(Path file, @Nullable UserPrincipal owner) throws IOException {
        if (owner != null) {
            Files.setOwner(file, owner);
        }
    }

    private MemorySegment newMemory(Path file, long bytes, Arena arena) throws IOException {
        Files.deleteIfExists(file);
        var mode = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
        Files.createFile(file, mode);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            MemorySegment memory = channel.map(FileChannel.MapMode.READ_WRITE, 0, bytes, arena);
            give(file, owner);
            return memory;
        } catch (IOException e) {
            arena.close();
            delete(file);
            throw e;
        }
    }

    private void accept(long now) {
        SocketChannel channel = null;
        try {
            channel = listener.accept();
            if (channel == null) {
                return;
            }
            VnicGrant grant = peers.size() == MAX_PEERS ? null : grants.next(this);
            if (grant == null) {
                channel.close();
                return;
            }
            channel.configureBlocking(false);
            Peer peer = new Peer(channel, grant);
            peers.add(peer);
            KernelEvent event = peer::read;
            channel.register(selector, SelectionKey.OP_READ, event);
            channel.write(new ShmHello(peer.file.toAbsolutePath().toString(), serverAddress).encode());
        } catch (IOException e) {
            LOG.log(Level.WARNING, "cannot hand out a VNIC at " + path, e);
            close(channel);
        }
    }

    private void attach(Peer peer, long now) {
        peer.ready = true;
        delete(peer.file);
        peer.grant.take(peer.port, now);
        update();
    }

    /** Its process has ended, or it is taken from it. Nobody may look at the memory after. */
    private void drop(Peer peer) {
        peers.remove(peer);
        peer.grant.giveBack();
        update();
        delete(peer.file);
        close(peer.channel);
        peer.arena.close();
        gone.accept(peer.grant.address());
    }

    /** Takes a revoked VNIC from whoever has it. */
    void take(VnicGrant grant) {
        for (Peer peer : List.copyOf(peers)) {
            if (peer.grant == grant) {
                try {
                    // Before the socket is closed, so that whoever finds it closed knows why.
                    VnicFormat.writeRevoked(peer.memory);
                } catch (InternalError e) {
                    LOG.log(Level.DEBUG, "the owner of " + peer.port.name() + " has cut off its memory", e);
                }
                drop(peer);
            }
        }
    }

    /** The VNICs that processes have. */
    List<VnicGrant> grants() {
        return peers.stream()
                .map(peer -> peer.grant)
                .filter(grant -> grant.state() == VnicGrant.State.IN_USE)
                .toList();
    }

    private void update() {
        attached = peers.stream().filter(peer -> peer.ready).toArray(Peer[]::new);
    }

    private static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            LOG.log(Level.WARNING, "cannot delete " + file + "; delete it by hand", e);
        }
    }

    private static void close(@Nullable SocketChannel channel) {
        if (channel != null) {
            try {
                channel.close();
            } catch (IOException e) {
                LOG.log(Level.DEBUG, "cannot close a socket", e);
            }
        }
    }

    /** Processes that have a VNIC now. */
    int attached() {
        return attached.length;
    }

    /**
     * Looks for memory that cannot be accessed any more, and takes it away from its owner, who has cut off the file
     * below it. The JVM says that such an access has failed, but neither which nor at once.
     *
     * @return false if all memory is there
     */
    boolean dropBroken() {
        boolean found = false;
        for (Peer peer : List.copyOf(peers)) {
            if (!peer.isWhole()) {
                LOG.log(Level.WARNING, peer.port.name() + " was cut off by its owner; the owner loses it");
                drop(peer);
                found = true;
            }
        }
        return found;
    }

    /** Whether any of them has something to send. */
    boolean hasWork() {
        Peer[] all = attached;
        for (int i = 0; i < all.length; i++) {
            if (all[i].port.hasWork()) {
                return true;
            }
        }
        return false;
    }

    /** Says to all that the switch is about to sleep, or that it is awake. */
    void sleeps(boolean sleeping) {
        Peer[] all = attached;
        for (int i = 0; i < all.length; i++) {
            SocketDoorbell.sleeps(all[i].memory, VnicFormat.DEVICE_SLEEPS, sleeping);
        }
    }

    /** Hands out no more. */
    void stopAccepting() {
        try {
            listener.close();
        } catch (IOException e) {
            LOG.log(Level.WARNING, "cannot close " + path, e);
        }
        delete(path);
    }

    @Override
    public void close() {
        stopAccepting();
        List.copyOf(peers).forEach(this::drop);
    }
}
