package io.sietch.vnic.linux;

import io.sietch.vnic.FrameFilter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;

/**
 * A share of a network interface for another process: the control plane. The process that has the capabilities opens it
 * and says which frames belong to it; one that has none asks for it at a UNIX socket ({@link XdpWire#granted}), and
 * from then on sends and receives without anybody's help. The first may change its mind about the frames at any time,
 * and take all of them back.
 *
 * <p>What is sent is not looked at: AF_XDP has filters for what is received only. Whoever must not be believed about
 * whom he is gets a VNIC behind a {@link io.sietch.vnic.Switch} instead, or an interface whose other end checks.
 *
 * <p>Threads: one at a time.
 */
public final class XdpGrant implements AutoCloseable {
    private final XdpPlace place;
    private final int address;
    private final Path door;
    private final XdpPort port;
    private final UnixSocket listener;
    private final int socket;

    private XdpGrant(XdpPlace place, int address, Path door, XdpPort port, UnixSocket listener, int socket) {
        this.place = place;
        this.address = address;
        this.door = door;
        this.port = port;
        this.listener = listener;
        this.socket = socket;
    }

    /**
     * Opens a share and the door at which it can be had, once. Its frames stay with the kernel until somebody has it.
     *
     * @param name of the interface, which is switched on if it is not
     * @param queue of the interface
     * @param address the IPv4 address of the share, whose frames are its own unless {@link #filters} says otherwise
     * @param door where to make a UNIX socket, whose file permissions say who may ask: only this user, to begin with
     * @throws IOException if that is not permitted, or the kernel or the interface cannot, or somebody else does
     */
    public static XdpGrant open(String name, int queue, int address, Path door) throws IOException {
        XdpPlace place = XdpPlace.find(name, queue);
        int socket = XdpSocket.open();
        try {
            XdpPort port = XdpPort.open(place);
            try {
                port.filters(XdpPort.host(address));
                UnixSocket listener = UnixSocket.listen(door);
                Files.setPosixFilePermissions(door, PosixFilePermissions.fromString("rw-------"));
                return new XdpGrant(place, address, door, port, listener, socket);
            } catch (IOException | RuntimeException e) {
                port.close();
                throw e;
            }
        } catch (IOException | RuntimeException e) {
            new Libc().close(socket);
            throw e;
        }
    }

    /**
     * Waits for a process at the door, up to half a minute, and gives it the share.
     *
     * @throws IOException if nobody came, or whoever came could not take it
     */
    public void hand() throws IOException {
        try (UnixSocket peer = listener.accept()) {
            XdpGrantFormat.write(peer.data(), place, address);
            peer.send(socket);
            // It has memory and the queue now; before, frames for it would be lost.
            peer.receive();
            port.give(socket);
        }
    }

    /** Says which frames go to the share, instead of what was said before: those that one of the filters matches. */
    public void filters(List<FrameFilter> filters) throws IOException {
        port.filters(filters);
    }

    /** Gives all frames back to the kernel for good. What the other process has received already, it keeps. */
    public void revoke() throws IOException {
        port.revoke();
    }

    @Override
    public void close() throws IOException {
        port.close();
        listener.close();
        new Libc().close(socket);
        Files.deleteIfExists(door);
    }
}
