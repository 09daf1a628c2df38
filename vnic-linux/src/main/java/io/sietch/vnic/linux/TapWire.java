package io.sietch.vnic.linux;

import io.sietch.net.EthernetFormat;
import io.sietch.net.FrameReceiver;
import io.sietch.vnic.Wire;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectableChannel;
import org.jspecify.annotations.Nullable;

/**
 * A network card whose other end is the kernel: what is sent here arrives at the interface of that name, and the other
 * way round. Each frame costs a system call, but a frame may hold a whole run of TCP segments, or to the kernel one of
 * UDP datagrams, and neither side computes checksums that nobody needs.
 *
 * <p>Threads: one at a time.
 */
public final class TapWire implements Wire {
    private static final int RDWR_NONBLOCK_CLOEXEC = 2 | 0x800 | 0x80000;
    private static final int TUNSETIFF = 0x400454ca;
    private static final int TUNSETOFFLOAD = 0x400454d0;

    /**
     * TAP, no other header, the virtio header, and NAPI. With the last the kernel takes a frame as it does one of a
     * network card, in a turn of its own for which it also frees what other processors have left to this one. Without,
     * they leave it until it is much and then interrupt this processor, which was two fifths of what a stream cost.
     */
    private static final int TAP_NO_PI_VNET_HDR_NAPI = 0x0002 | 0x1000 | 0x4000 | 0x0010;

    private static final int CSUM_TSO4 = 1 | 2;
    private static final int USO4_USO6 = 0x20 | 0x40;

    private static final int HEADER_BYTES = VnetHeaderFormat.BYTES;

    /** The longest IPv4 packet and its Ethernet header, with what stands before it, rounded up. */
    private static final int BUFFER_BYTES = (1 << 16) + 64;

    /** Where in its buffer a frame begins; so that the IP header is aligned. */
    private static final int FRAME = 34;

    private static final int BUFFERS = 128;

    /**
     * What several frames at once put the next look off by. Shorter made more looks of a stream, longer fewer answers.
     */
    private static final long SQUARE_NANOS = 64;

    /** How far apart looks in vain are, if nothing comes for a while: each is a system call. */
    private static final long VAIN_NANOS = 1_000;

    private final String name;
    private final long mac;
    private final int address;
    private final int maxFrameBytes;
    private final int maxRunDatagrams;
    private final Libc libc = new Libc();
    private final int fd;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment memory = arena.allocate((long) BUFFERS * BUFFER_BYTES, 4096);
    private final long base = memory.address();
    private final long[] free = new long[BUFFERS];
    private int freeCount;
    private long incoming;
    private int incomingBytes;

    /** Frames since there was nothing. */
    private int found;

    private final LookPace pace = new LookPace(System::nanoTime, SQUARE_NANOS, VAIN_NANOS);
    private final DatagramChannel readiness;
    private @Nullable IOException failure;
    private long refused;
    private long runs;
    private long sentRuns;

    private TapWire(String name, long mac, int address, int mtu, boolean datagramRuns, int fd) throws IOException {
        this.name = name;
        this.mac = mac;
        this.address = address;
        this.maxFrameBytes = Math.min(EthernetFormat.BYTES + mtu, 1 << 16);
        this.maxRunDatagrams = datagramRuns ? VnetHeaderFormat.MAX_RUN_DATAGRAMS : 0;
        this.fd = fd;
        for (int i = BUFFERS - 1; i >= 0; i--) {
            free[freeCount++] = (long) i * BUFFER_BYTES + FRAME;
        }
        this.incoming = claim();
        this.readiness = Readiness.of(fd);
    }

    /**
     * Makes the interface if there is none, and takes it.
     *
     * @param name of the interface
     * @param mac of our end
     * @param address of our end
     * @param host what the kernel's end shall have as IPv4 address; 0 to leave it alone
     * @param bits of the network's prefix
     * @param namespace of the network that the kernel's end is in; null for that of this process
     * @throws IOException if that is not permitted, or somebody else holds the interface
     */
    public static TapWire open(String name, long mac, int address, int host, int bits, @Nullable String namespace)
            throws IOException {
        Libc libc = new Libc();
        int fd = -1;
        try {
            int mtu;
            boolean datagramRuns;
            try (NetworkNamespace _ = namespace == null ? null : NetworkNamespace.enter(namespace)) {
                fd = take(libc, name);
                // Who can send them, takes them as well. None shall come: the stack takes datagrams one by one.
                datagramRuns = libc.ioctl(fd, TUNSETOFFLOAD, CSUM_TSO4 | USO4_USO6) >= 0;
                Errno.check(libc.ioctl(fd, TUNSETOFFLOAD, CSUM_TSO4), "switch on the offloads of " + name, "");
                mtu = setUp(name, host, bits);
            }
            return new TapWire(name, mac, address, mtu, datagramRuns, fd);
        } catch (IOException | RuntimeException e) {
            if (fd >= 0) {
                libc.close(fd);
            }
            throw e;
        }
    }

    private static int take(Libc libc, String name) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment request = arena.allocate(InterfaceRequestFormat.BYTES, 8);
            InterfaceRequestFormat.writeName(request, name);
            InterfaceRequestFormat.writeFlags(request, TAP_NO_PI_VNET_HDR_NAPI);
            int opened = libc.open(arena.allocateFrom("/dev/net/tun").address(), RDWR_NONBLOCK_CLOEXEC);
            int fd = Errno.check(opened, "open /dev/net/tun for the interface " + name, remedy(opened, name));
            int taken = libc.ioctl(fd, TUNSETIFF, request.address());
            if (taken < 0) {
                libc.close(fd);
            }
            Errno.check(taken, "take the TAP interface " + name, remedy(taken, name));
            return fd;
        }
    }

    static String remedy(int result, String name) {
        return switch (-result) {
            case Errno.EPERM, Errno.EACCES ->
                "it needs CAP_NET_ADMIN: run as root, or let root make the interface for you (ip tuntap add mode tap"
                        + " vnet_hdr user YOU name " + name + ") and /dev/net/tun readable and writable";
            case Errno.EBUSY -> "one process at a time can have it; see: fuser /dev/net/tun";
            case Errno.EINVAL -> "there is an interface of this name that is no TAP; see: ip link show " + name;
            case Errno.ENOENT, Errno.ENODEV -> "the kernel has no TAP; try: modprobe tun";
            default -> "";
        };
    }

    private static int setUp(String name, int host, int bits) throws IOException {
        try (NetDevice device = new NetDevice(name)) {
            if (host != 0) {
                device.address(host, bits);
            }
            device.up();
            return device.mtu();
        }
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public int address() {
        return address;
    }

    @Override
    public long mac() {
        return mac;
    }

    @Override
    public int maxFrameBytes() {
        return maxFrameBytes;
    }

    @Override
    public MemorySegment memory() {
        return memory;
    }

    @Override
    public long claim() {
        return freeCount == 0 ? NONE : free[--freeCount];
    }

    @Override
    public void release(long offset) {
        if (freeCount == free.length || (offset - FRAME) % BUFFER_BYTES != 0) {
            throw new IllegalArgumentException("no buffer of " + name + " is claimed at " + offset);
        }
        free[freeCount++] = offset;
    }

    /** Frames that the kernel did not take. */
    public long refused() {
        return refused;
    }

    /** Frames received that held a run of TCP segments. */
    public long runs() {
        return runs;
    }

    /** Frames sent that held a run of TCP segments or UDP datagrams. */
    public long sentRuns() {
        return sentRuns;
    }

    /** Why the wire carries nothing any more; null while it does. */
    public @Nullable IOException failure() {
        return failure;
    }

    // ---- sending ----------------------------------------------------------------------------------------------------

    @Override
    public void send(long offset, int length) {
        VnetHeaderFormat.write(memory, offset - HEADER_BYTES);
        write(offset, length);
    }

    @Override
    public void send(long offset, int length, int checksumStart, int checksumAt) {
        VnetHeaderFormat.write(memory, offset - HEADER_BYTES, checksumStart, checksumAt);
        write(offset, length);
    }

    @Override
    public int maxRunBytes() {
        return BUFFER_BYTES - FRAME;
    }

    @Override
    public int maxRunDatagrams() {
        return maxRunDatagrams;
    }

    @Override
    public void sendRun(long offset, int length, int checksumStart, int checksumAt, int segmentBytes) {
        VnetHeaderFormat.writeRun(memory, offset, checksumStart, checksumAt, segmentBytes);
        sentRuns++;
        write(offset, length);
    }

    private void write(long offset, int length) {
        if (libc.write(fd, base + offset - HEADER_BYTES, length + HEADER_BYTES) < 0) {
            // The queue is full, or the interface is down: a wire may lose frames.
            refused++;
        }
        release(offset);
    }

    @Override
    public void kick() {
        // What was sent is there already.
    }

    // ---- receiving --------------------------------------------------------------------------------------------------

    @Override
    public boolean hasArrived() {
        if (incomingBytes == 0 && failure == null && pace.isDue()) {
            long n = libc.read(fd, base + incoming - HEADER_BYTES, BUFFER_BYTES - FRAME + HEADER_BYTES);
            if (n >= HEADER_BYTES + EthernetFormat.BYTES) {
                incomingBytes = (int) n - HEADER_BYTES;
                found++;
            } else if (n == -Errno.EAGAIN) {
                pace.looked(found);
                found = 0;
            } else if (n < 0 && n != -Errno.EIO) {
                fail((int) -n);
            }
        }
        return incomingBytes > 0;
    }

    /** The interface was deleted, for example. Closed, for the selector would find the channel ready for ever. */
    private void fail(int errno) {
        failure = new IOException("the TAP interface " + name + " is gone: " + Errno.text(errno));
        Readiness.close(readiness);
    }

    @Override
    public int receive(FrameReceiver receiver, int max) {
        int count = 0;
        while (count < max && hasArrived()) {
            long offset = incoming;
            int length = incomingBytes;
            boolean checked = VnetHeaderFormat.isChecked(memory, offset - HEADER_BYTES);
            runs += VnetHeaderFormat.isRun(memory, offset - HEADER_BYTES) ? 1 : 0;
            incomingBytes = 0;
            count++;
            if (!receiver.receive(memory, offset, length, checked)) {
                long next = claim();
                if (next == NONE) {
                    throw new IllegalStateException("all " + BUFFERS + " buffers of " + name + " are kept");
                }
                incoming = next;
            }
            if (found == 1 && !pace.isStream()) {
                // It is answered before the kernel is asked whether there are more.
                break;
            }
        }
        return count;
    }

    @Override
    public SelectableChannel readiness() {
        return readiness;
    }

    @Override
    public void close() {
        if (arena.scope().isAlive()) {
            Readiness.close(readiness);
            libc.close(fd);
            arena.close();
        }
    }

    @Override
    public String toString() {
        return "TAP " + name;
    }
}
