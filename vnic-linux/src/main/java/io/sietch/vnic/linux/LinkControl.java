package io.sietch.vnic.linux;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Makes and deletes pairs of interfaces, and attaches programs that stay when this process ends, by netlink.
 *
 * <p>Threads: one at a time.
 */
final class LinkControl implements AutoCloseable {
    private static final int AF_NETLINK = 16;
    private static final int RAW_CLOEXEC = 3 | 0x80000;

    private final Libc libc = new Libc();
    private final Arena arena = Arena.ofShared();
    private final MemorySegment message = arena.allocate(LinkMessageFormat.BYTES, 8);
    private final int socket;

    LinkControl() throws IOException {
        this.socket = Errno.check(libc.socket(AF_NETLINK, RAW_CLOEXEC, 0), "open a netlink socket", "");
    }

    private int call(int bytes) throws IOException {
        Errno.check(libc.write(socket, message.address(), bytes), "write to a netlink socket", "");
        Errno.check(libc.read(socket, message.address(), LinkMessageFormat.BYTES), "read from a netlink socket", "");
        return LinkMessageFormat.error(message);
    }

    /** Makes two interfaces of which each sends what the other receives. They are not switched on. */
    void makePair(String name, String peer) throws IOException {
        int made = call(LinkMessageFormat.writeNewPair(message, name, peer));
        Errno.check(made, "make the interfaces " + name + " and " + peer, pairRemedy(made, name, peer));
    }

    static String pairRemedy(int result, String name, String peer) {
        return switch (-result) {
            case Errno.EPERM, Errno.EACCES -> "it needs CAP_NET_ADMIN: run as root";
            case Errno.EEXIST ->
                "one of them is there already, perhaps left by a process that was killed: ip link delete " + name
                        + " (or " + peer + ")";
            case Errno.EOPNOTSUPP -> "this kernel has no veth; it needs CONFIG_VETH";
            default -> "";
        };
    }

    /** Deletes an interface, and with it the other one of its pair. One that is gone is gone. */
    void delete(int interfaceIndex) throws IOException {
        int deleted = call(LinkMessageFormat.writeDelete(message, interfaceIndex));
        if (deleted != -Errno.ENODEV) {
            Errno.check(deleted, "delete the interface " + interfaceIndex, "");
        }
    }

    /** Puts a program in the place of the one that an interface has, if any. */
    void attach(int interfaceIndex, int program) throws IOException {
        int attached = call(LinkMessageFormat.writeProgram(message, interfaceIndex, program));
        Errno.check(attached, "attach an XDP program to the interface " + interfaceIndex, "");
    }

    @Override
    public void close() {
        libc.close(socket);
        arena.close();
    }
}
