package io.sietch.vnic.linux;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/**
 * Sends runs on an interface that is received from by AF_XDP, which takes single frames only: a packet socket, to which
 * a run is one frame with the header of {@link VnetHeaderFormat} before it. The interface cuts it, or the kernel does
 * for one that cannot. Nothing is received here.
 *
 * <p>Threads: one at a time.
 */
final class RunSocket implements AutoCloseable {
    private static final int AF_PACKET = 17;
    private static final int RAW_NONBLOCK_CLOEXEC = 3 | 0x800 | 0x80000;
    private static final int SOL_PACKET = 263;
    private static final int PACKET_VNET_HDR = 15;

    private final Libc libc;
    private final int fd;

    private RunSocket(Libc libc, int fd) {
        this.libc = libc;
        this.fd = fd;
    }

    /**
     * Opens one.
     *
     * @return null if this kernel has no packet sockets, or none that take runs of datagrams
     * @throws IOException if it is not permitted
     */
    static @Nullable RunSocket open(String name, int interfaceIndex) throws IOException {
        if (!takesDatagrams(System.getProperty("os.version", ""))) {
            return null;
        }
        Libc libc = new Libc();
        int opened = libc.socket(AF_PACKET, RAW_NONBLOCK_CLOEXEC, 0);
        if (opened == -Errno.EAFNOSUPPORT) {
            return null;
        }
        int fd = Errno.check(opened, "open a packet socket for " + name, XdpSocket.openRemedy(opened));
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment on = arena.allocateFrom(ValueLayout.JAVA_INT, 1);
            int set = libc.setsockopt(fd, SOL_PACKET, PACKET_VNET_HDR, on.address(), Integer.BYTES);
            Errno.check(set, "have runs sent on " + name, "");
            MemorySegment address = arena.allocate(LinkAddressFormat.BYTES, 8);
            LinkAddressFormat.write(address, AF_PACKET, interfaceIndex);
            int bound = libc.bind(fd, address.address(), LinkAddressFormat.BYTES);
            Errno.check(bound, "bind a packet socket to " + name, "");
            return new RunSocket(libc, fd);
        } catch (IOException | RuntimeException e) {
            libc.close(fd);
            throw e;
        }
    }

    /** Whether a Linux of that version cuts datagrams, which it does since 6.2. There is nothing else to ask. */
    static boolean takesDatagrams(String version) {
        String[] parts = version.split("[^0-9]+", 3);
        try {
            int major = Integer.parseInt(parts[0]);
            return major > 6 || major == 6 && parts.length > 1 && Integer.parseInt(parts[1]) >= 2;
        } catch (NumberFormatException e) {
            return false;
        }
    }

    /** Sends a header of {@link VnetHeaderFormat} and the frame behind it. Returns false if the kernel takes it not. */
    boolean send(long address, int bytes) {
        return libc.write(fd, address, bytes) == bytes;
    }

    @Override
    public void close() {
        libc.close(fd);
    }
}
