package io.sietch.vnic.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * An AF_XDP socket with memory for its frames and four rings. It may have been opened by another process, which has the
 * capabilities; all that is done here needs none.
 *
 * <p>Threads: one at a time.
 */
@SuppressWarnings("restricted")
final class XdpSocket implements AutoCloseable {
    private static final int RAW_CLOEXEC = 3 | 0x80000;
    private static final int READ_WRITE = 1 | 2;
    private static final int SHARED = 1;
    private static final int ANONYMOUS = 0x20;
    private static final int POPULATE = 0x8000;
    private static final int SOL_SOCKET = 1;
    private static final int SO_ERROR = 4;
    private static final int PATIENCE_MILLIS = 1000;

    private final int fd;
    private final Libc libc = new Libc();
    private final Arena arena = Arena.ofShared();
    private final MemorySegment scratch = arena.allocate(XdpFormat.PLACES_BYTES + 16L, 8);
    private final List<MemorySegment> mapped = new ArrayList<>();
    private final MemorySegment memory;
    final XdpRing receive;
    final XdpRing transmit;
    final XdpRing fill;
    final XdpRing completion;

    /** What the interface is called; for messages. */
    private final String name;

    /**
     * @param fd of a socket without memory; closed with this one, also if that cannot be made
     * @param chunks each of the rings has as many entries; a power of two
     */
    XdpSocket(int fd, String name, int chunks, int chunkBytes) throws IOException {
        this.fd = fd;
        this.name = name;
        try {
            long bytes = (long) chunks * chunkBytes;
            this.memory = map(bytes, SHARED | ANONYMOUS | POPULATE, -1, 0);
            XdpFormat.writeMemory(scratch, memory.address(), bytes, chunkBytes);
            int registered = set(XdpFormat.MEMORY, XdpFormat.MEMORY_BYTES);
            Errno.check(registered, "register memory for frames of " + name, memoryRemedy(registered, bytes));
            for (int ring = XdpFormat.RECEIVE_RING; ring <= XdpFormat.COMPLETION_RING; ring++) {
                if (ring != XdpFormat.MEMORY) {
                    scratch.set(JAVA_INT, 0, chunks);
                    Errno.check(set(ring, Integer.BYTES), "make the rings of " + name, "");
                }
            }
            MemorySegment places = places();
            this.receive = ring(places, XdpFormat.RECEIVE_RING, chunks);
            this.transmit = ring(places, XdpFormat.TRANSMIT_RING, chunks);
            this.fill = ring(places, XdpFormat.FILL_RING, chunks);
            this.completion = ring(places, XdpFormat.COMPLETION_RING, chunks);
        } catch (IOException | RuntimeException e) {
            close();
            throw e;
        }
    }

    /** Opens a socket for {@link #XdpSocket}. */
    static int open() throws IOException {
        int opened = new Libc().socket(XdpFormat.FAMILY, RAW_CLOEXEC, 0);
        return Errno.check(opened, "open an AF_XDP socket", openRemedy(opened));
    }

    static String openRemedy(int result) {
        return switch (-result) {
            case Errno.EPERM, Errno.EACCES ->
                "it needs CAP_NET_RAW, and what follows CAP_BPF and CAP_NET_ADMIN: run as root, or let the service"
                        + " manager give these capabilities";
            case Errno.EAFNOSUPPORT -> "this kernel has no AF_XDP; it needs CONFIG_XDP_SOCKETS";
            default -> "";
        };
    }

    static String memoryRemedy(int result, long bytes) {
        return switch (-result) {
            case Errno.ENOBUFS, Errno.ENOMEM, Errno.EPERM ->
                "the process may not lock " + (bytes >> 10)
                        + " KiB of memory; it needs CAP_IPC_LOCK or a larger limit (ulimit -l, LimitMEMLOCK=)";
            default -> "";
        };
    }

    private int set(int option, int bytes) {
        return libc.setsockopt(fd, XdpFormat.LEVEL, option, scratch.address(), bytes);
    }

    private MemorySegment places() throws IOException {
        MemorySegment length = scratch.asSlice(XdpFormat.PLACES_BYTES);
        length.set(JAVA_INT, 0, XdpFormat.PLACES_BYTES);
        int got = libc.getsockopt(fd, XdpFormat.LEVEL, XdpFormat.RING_PLACES, scratch.address(), length.address());
        Errno.check(got, "find the rings of " + name, "");
        if (length.get(JAVA_INT, 0) != XdpFormat.PLACES_BYTES) {
            throw new IOException("this kernel's AF_XDP is too old for " + name + ": it must be Linux 5.4 or later");
        }
        return scratch;
    }

    private XdpRing ring(MemorySegment places, int ring, int entries) throws IOException {
        long bytes = XdpFormat.descriptors(places, ring) + (long) entries * XdpFormat.descriptorBytes(ring);
        return new XdpRing(map(bytes, SHARED | POPULATE, fd, XdpFormat.mapAt(ring)), places, ring, entries);
    }

    /**
     * Not from an arena: the kernel may go on writing frames for as long as somebody else has the socket, and shall not
     * do so into what the C library has given to others by then. What is unmapped stays the kernel's alone.
     */
    private MemorySegment map(long bytes, int flags, int from, long at) throws IOException {
        long address = libc.mmap(bytes, READ_WRITE, flags, from, at);
        if (address < 0 && address > -4096) {
            Errno.check(address, "map " + bytes + " bytes of memory for " + name, "");
        }
        MemorySegment segment = MemorySegment.ofAddress(address).reinterpret(bytes, arena, null);
        mapped.add(segment);
        return segment;
    }

    /**
     * Begins to carry frames.
     *
     * @param zeroCopy whether the interface shall write into our memory itself; it is tried without if it cannot
     * @return whether it does
     */
    boolean bind(int interfaceIndex, int queue, boolean zeroCopy) throws IOException {
        int bound = -Errno.EOPNOTSUPP;
        if (zeroCopy) {
            bound = bind(interfaceIndex, queue, XdpFormat.ZERO_COPY);
        }
        boolean copies = bound == -Errno.EOPNOTSUPP;
        if (copies) {
            bound = bind(interfaceIndex, queue, XdpFormat.COPY);
        }
        Errno.check(bound, "take queue " + queue + " of the interface " + name, bindRemedy(bound, name));
        return !copies;
    }

    private int bind(int interfaceIndex, int queue, int mode) {
        XdpFormat.writeAddress(scratch, mode | XdpFormat.TELLS_WHEN_TO_KICK, interfaceIndex, queue);
        int bound = libc.bind(fd, scratch.address(), XdpFormat.ADDRESS_BYTES);
        // The kernel gives a queue back a little after the socket that had it was closed.
        for (int i = 0; i < PATIENCE_MILLIS && bound == -Errno.EBUSY; i++) {
            LockSupport.parkNanos(1_000_000L);
            bound = libc.bind(fd, scratch.address(), XdpFormat.ADDRESS_BYTES);
        }
        return bound;
    }

    static String bindRemedy(int result, String name) {
        return switch (-result) {
            case Errno.EBUSY -> "one socket at a time can have it";
            case Errno.EINVAL -> "there may be no such queue; see: ls /sys/class/net/" + name + "/queues";
            case Errno.ENETDOWN -> "switch it on: ip link set " + name + " up";
            default -> "";
        };
    }

    MemorySegment memory() {
        return memory;
    }

    int fd() {
        return fd;
    }

    /** Says that there are frames to send. Sends a few dozen at a time; negative if it could not. */
    long kick() {
        return libc.kick(fd);
    }

    /** Says that there are buffers to receive into. */
    void kickReceive() {
        libc.kickReceive(fd);
    }

    /** What has happened to the interface, as an error number; 0 if nothing. Told once. */
    int error() {
        scratch.set(JAVA_INT, 0, 0);
        scratch.set(JAVA_INT, 8, Integer.BYTES);
        int asked = libc.getsockopt(fd, SOL_SOCKET, SO_ERROR, scratch.address(), scratch.address() + 8);
        return asked < 0 ? -asked : scratch.get(JAVA_INT, 0);
    }

    @Override
    public void close() {
        if (arena.scope().isAlive()) {
            libc.close(fd);
            for (MemorySegment segment : mapped) {
                libc.munmap(segment.address(), segment.byteSize());
            }
            arena.close();
        }
    }
}
