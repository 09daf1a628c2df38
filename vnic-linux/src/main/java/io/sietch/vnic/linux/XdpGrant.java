package io.sietch.vnic.linux;

import io.sietch.vnic.FrameFilter;
import io.sietch.vnic.RateLimit;
import io.sietch.vnic.VnicHost;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An AF_XDP socket for another process: the control plane. The process that has the capabilities opens it and says
 * which frames belong to it; one that has none asks for it at a UNIX socket ({@link XdpWire#granted}), and from then on
 * sends and receives without anybody's help. The first may change its mind at any time, and take everything back.
 *
 * <p>There are two kinds. One is a pair of interfaces made for the purpose ({@link #openPair}): at its outer end, which
 * the other process cannot reach, the kernel runs transmit filters and a rate, and to revoke it is to delete the pair,
 * with which the socket is dead, whoever holds it. The other is a share of an interface that is there ({@link #open}):
 * its receive filters hold, and revocation stops what is received; but what is sent is not looked at, and cannot be
 * stopped as long as the other process and the interface live, because AF_XDP sends past every hook that there is. It
 * is for processes that are trusted.
 *
 * <p>Threads: one at a time.
 */
public final class XdpGrant implements AutoCloseable {
    private static final Logger LOG = System.getLogger(XdpGrant.class.getPackageName());

    private final XdpPlace place;
    private final int address;
    private final Path door;
    private final XdpPort port;
    private final @Nullable XdpGuard guard;
    private final UnixSocket listener;
    private @Nullable DatagramChannel listening;
    private List<FrameFilter> filters;
    private boolean revoked;
    private boolean closed;

    private XdpGrant(
            XdpPlace place, int address, Path door, XdpPort port, @Nullable XdpGuard guard, UnixSocket listener) {
        this.place = place;
        this.address = address;
        this.door = door;
        this.port = port;
        this.guard = guard;
        this.listener = listener;
        this.filters = XdpPort.host(address);
    }

    /**
     * Opens a share of an interface and the door at which it can be had, by one process at a time. Its frames stay with
     * the kernel until somebody has it.
     *
     * @param name of the interface, which is switched on if it is not
     * @param queue of the interface
     * @param address the IPv4 address of the share, whose frames are its own unless {@link #filters} says otherwise
     * @param door where to make a UNIX socket, whose file permissions say who may ask: only this user, to begin with
     * @throws IOException if that is not permitted, or the kernel or the interface cannot, or somebody else does
     */
    public static XdpGrant open(String name, int queue, int address, Path door) throws IOException {
        return open(XdpPlace.find(name, queue), address, door, null, null);
    }

    /**
     * Makes a pair of interfaces and the door at which the inner one can be had, by one process at a time. What that
     * process sends comes out of the outer one, and only if it truly says whose it is, until {@link #transmit} says
     * otherwise.
     *
     * @param inner what the one interface shall be called, of which the process gets an AF_XDP socket
     * @param outer what the other shall be called; it is the kernel's, to be routed or bridged as one likes
     * @param address the IPv4 address of the process
     * @param host what the outer one shall have as IPv4 address; 0 to leave it alone
     * @param bits of the network's prefix
     * @param door where to make a UNIX socket, whose file permissions say who may ask
     * @param owner who may, besides root; null for the user of this process
     * @throws IOException if that is not permitted, or the kernel cannot, or there are interfaces of these names
     */
    public static XdpGrant openPair(
            String inner, String outer, int address, int host, int bits, Path door, @Nullable UserPrincipal owner)
            throws IOException {
        XdpGuard guard = XdpGuard.open(inner, outer, address, host, bits);
        try {
            return open(XdpPlace.find(inner, 0), address, door, guard, owner);
        } catch (IOException | RuntimeException e) {
            guard.delete();
            guard.close();
            throw e;
        }
    }

    private static XdpGrant open(
            XdpPlace place, int address, Path door, @Nullable XdpGuard guard, @Nullable UserPrincipal owner)
            throws IOException {
        XdpPort port = XdpPort.open(place);
        try {
            port.filters(XdpPort.host(address));
            UnixSocket listener = UnixSocket.listen(door);
            Files.setPosixFilePermissions(door, PosixFilePermissions.fromString("rw-------"));
            if (owner != null) {
                Files.setOwner(door, owner);
            }
            return new XdpGrant(place, address, door, port, guard, listener);
        } catch (IOException | RuntimeException e) {
            port.close();
            throw e;
        }
    }

    // ---- the door ---------------------------------------------------------------------------------------------------

    /**
     * Waits for a process at the door, up to half a minute, and gives it the socket.
     *
     * @throws IOException if nobody came, or whoever came could not take it
     */
    public void hand() throws IOException {
        int socket = XdpSocket.open();
        try (UnixSocket peer = listener.accept()) {
            offer(peer, socket);
            settle(peer, socket);
        } finally {
            close(socket);
        }
    }

    private void offer(UnixSocket peer, int socket) throws IOException {
        XdpGrantFormat.write(peer.data(), place, address);
        peer.send(socket);
    }

    private void settle(UnixSocket peer, int socket) throws IOException {
        // It has memory and the queue now; before, frames for it would be lost.
        peer.receive();
        if (!revoked) {
            port.give(socket);
        }
    }

    /** Only the other process shall hold the socket, so that everything that belongs to it goes when that ends. */
    private static void close(int socket) {
        new Libc().close(socket);
    }

    /** Has a loop do what {@link #hand} does, for every process that comes, without waiting for any of them. */
    public void serve(VnicHost host) throws IOException {
        DatagramChannel channel = Readiness.of(listener.fd());
        listening = channel;
        host.watch(channel, SelectionKey.OP_READ, () -> welcome(host));
    }

    private void welcome(VnicHost host) {
        if (revoked) {
            return;
        }
        try {
            UnixSocket peer = listener.accept();
            int socket = XdpSocket.open();
            try {
                offer(peer, socket);
                DatagramChannel answering = Readiness.of(peer.fd());
                host.watch(answering, SelectionKey.OP_READ, () -> conclude(peer, socket, answering));
            } catch (IOException | RuntimeException e) {
                peer.close();
                close(socket);
                throw e;
            }
        } catch (IOException e) {
            LOG.log(Level.WARNING, "cannot hand out " + place.name() + " at " + door, e);
        }
    }

    private void conclude(UnixSocket peer, int socket, DatagramChannel answering) {
        try {
            settle(peer, socket);
        } catch (IOException e) {
            LOG.log(Level.WARNING, "a process that asked for " + place.name() + " has not taken it", e);
        } finally {
            Readiness.close(answering);
            peer.close();
            close(socket);
        }
    }

    // ---- what the other process may ---------------------------------------------------------------------------------

    /** Says which frames go to the socket, instead of what was said before: those that one of the filters matches. */
    public void filters(List<FrameFilter> newFilters) throws IOException {
        port.filters(newFilters);
        filters = List.copyOf(newFilters);
    }

    /** Which frames go to the socket. */
    public List<FrameFilter> filters() {
        return filters;
    }

    /**
     * Says which frames the other process may send, instead of what was said before: those that one of the filters
     * matches.
     *
     * @throws IllegalStateException if it is no pair
     */
    public void transmit(List<FrameFilter> newFilters) throws IOException {
        guard().transmit(newFilters);
    }

    /** Which frames the other process may send. As {@link #transmit(List)}. */
    public List<FrameFilter> transmit() {
        return guard().filters();
    }

    /**
     * Limits what the other process may send from now on. What is above the limit is dropped.
     *
     * @throws IllegalStateException if it is no pair
     */
    public void limit(RateLimit limit) throws IOException {
        guard().limit(limit);
    }

    /** What the other process may send. As {@link #limit(RateLimit)}. */
    public RateLimit limit() {
        return guard().limit();
    }

    /** Frames that the other process has sent, and that went on. As {@link #transmit(List)}. */
    public long passed() throws IOException {
        return guard().count(GuardProgram.PASSED);
    }

    /** Frames that no transmit filter matches. As {@link #transmit(List)}. */
    public long refused() throws IOException {
        return guard().count(GuardProgram.REFUSED);
    }

    /** Frames above the limit. As {@link #transmit(List)}. */
    public long limited() throws IOException {
        return guard().count(GuardProgram.LIMITED);
    }

    private XdpGuard guard() {
        if (guard == null) {
            throw new IllegalStateException("what is sent at " + place.name()
                    + " by AF_XDP cannot be filtered or limited: that needs a pair of interfaces");
        }
        return guard;
    }

    /** Whether it is a pair of interfaces. */
    public boolean isPair() {
        return guard != null;
    }

    /** Its IPv4 address. */
    public int address() {
        return address;
    }

    /** What the interface of the other process is called. */
    public String name() {
        return place.name();
    }

    public boolean isRevoked() {
        return revoked;
    }

    /**
     * Gives all frames back to the kernel for good, and, if it is a pair, deletes it: nothing that the other process
     * sends from then on goes anywhere, and its wire has failed. What it has received already, it keeps.
     */
    public void revoke() throws IOException {
        revoked = true;
        port.revoke();
        if (guard != null) {
            guard.delete();
        }
    }

    /** Closes the door. A pair is deleted; the share of an interface goes back to the kernel. */
    @Override
    public void close() throws IOException {
        if (closed) {
            return;
        }
        closed = true;
        try {
            revoke();
        } finally {
            port.close();
            if (guard != null) {
                guard.close();
            }
            if (listening != null) {
                Readiness.close(listening);
            }
            listener.close();
            Files.deleteIfExists(door);
        }
    }
}
