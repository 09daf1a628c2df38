package io.sietch.vnic.linux;

import io.sietch.net.EthernetFormat;
import io.sietch.net.FrameReceiver;
import io.sietch.vnic.Wire;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectableChannel;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A share of a network interface that the kernel has: frames for one IPv4 address come here by AF_XDP before the kernel
 * looks at them, all others stay with it. Frames lie in memory that is shared with the kernel, and are told of in
 * rings; so receiving needs no system call, and a batch that is sent needs one. Runs of datagrams, which AF_XDP has no
 * words for, are sent past it by a packet socket on the same interface.
 *
 * <p>Words. A buffer is <em>posted</em> while the kernel may write a frame into it, <em>received</em> while the
 * application looks at that, <em>claimed</em> while the application builds one, <em>sent</em> until the kernel has
 * taken it, and <em>free</em> otherwise.
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>Every buffer is in exactly one of these states; a call that does not fit its state throws and changes nothing.
 *   <li>Posted and received buffers are half of all, unless received ones were sent on.
 *   <li>A frame that is sent has its checksums and fits the MTU: nobody below would see to either.
 * </ol>
 *
 * <p>Threads: one at a time.
 */
public final class XdpWire implements Wire {
    private static final int CHUNKS = 2048;
    private static final int SMALL_CHUNK = 2048;
    private static final int LARGE_CHUNK = 4096;

    /**
     * Where in its buffer a frame to be sent begins: behind a header for runs, and so that the IP header is aligned.
     */
    private static final int FRAME = 18;

    /** The longest frame that the kernel can write into a chunk. */
    static final int MAX_FRAME_BYTES = LARGE_CHUNK - XdpFormat.RECEIVE_HEADROOM;

    private static final byte FREE = 0;
    private static final byte POSTED = 1;
    private static final byte RECEIVED = 2;
    private static final byte CLAIMED = 3;
    private static final byte SENT = 4;

    /** How often, while nothing comes, somebody asks whether the interface is still there: that is a system call. */
    private static final long ASK_NANOS = 1_000_000;

    /** A kick that got nowhere this often is left to the next turn. */
    private static final int VAIN_KICKS = 3;

    /** What several frames at once put the next look off by. A look costs little, so it finds few if it is not. */
    private static final long SQUARE_NANOS = 256;

    private final XdpPlace place;
    private final int address;
    private final XdpSocket socket;
    private final @Nullable XdpPort port;
    private final @Nullable RunSocket runSocket;
    private final boolean zeroCopy;
    private final MemorySegment memory;
    private final int chunkShift;
    private final byte[] states = new byte[CHUNKS];
    private final int[] free = new int[CHUNKS];
    private int freeCount;
    private int receiving;
    private long askedAt = System.nanoTime();
    private final LookPace pace = new LookPace(System::nanoTime, SQUARE_NANOS, 0);
    private final DatagramChannel readiness;
    private @Nullable IOException failure;
    private long nonsense;
    private long unfinished;
    private long sentRuns;
    private long refused;
    private boolean open = true;

    /**
     * @param socket is closed with the wire
     * @param port is closed with the wire; null if another process has it
     * @param runSocket is closed with the wire; null if there is none
     */
    private XdpWire(
            XdpPlace place,
            int address,
            XdpSocket socket,
            @Nullable XdpPort port,
            @Nullable RunSocket runSocket,
            boolean zeroCopy)
            throws IOException {
        this.place = place;
        this.address = address;
        this.socket = socket;
        this.port = port;
        this.runSocket = runSocket;
        this.memory = socket.memory();
        this.chunkShift = Integer.numberOfTrailingZeros(chunkBytes(place));
        for (int i = CHUNKS - 1; i >= 0; i--) {
            recycle(i);
        }
        this.zeroCopy = socket.bind(place.interfaceIndex(), place.queue(), zeroCopy);
        this.readiness = Readiness.of(socket.fd());
    }

    static XdpSocket newSocket(int fd, XdpPlace place) throws IOException {
        return new XdpSocket(fd, place.name(), CHUNKS, chunkBytes(place));
    }

    private static int chunkBytes(XdpPlace place) {
        int frame = EthernetFormat.BYTES + place.mtu();
        return frame <= SMALL_CHUNK - XdpFormat.RECEIVE_HEADROOM ? SMALL_CHUNK : LARGE_CHUNK;
    }

    /**
     * Takes the frames for an address from an interface.
     *
     * @param name of the interface, which is switched on if it is not
     * @param queue of the interface; frames that it puts into others stay with the kernel
     * @param address our IPv4 address, which the kernel does not have itself
     * @param zeroCopy whether the interface shall write into our memory itself, if it can
     * @throws IOException if that is not permitted, or the kernel or the interface cannot, or somebody else does
     */
    public static XdpWire open(String name, int queue, int address, boolean zeroCopy) throws IOException {
        XdpPlace place = XdpPlace.find(name, queue);
        XdpSocket socket = newSocket(XdpSocket.open(), place);
        try {
            return open(place, address, socket, zeroCopy);
        } catch (IOException | RuntimeException e) {
            socket.close();
            throw e;
        }
    }

    private static XdpWire open(XdpPlace place, int address, XdpSocket socket, boolean zeroCopy) throws IOException {
        RunSocket runSocket = RunSocket.open(place.name(), place.interfaceIndex());
        XdpPort port = null;
        try {
            port = XdpPort.open(place);
            port.filters(XdpPort.host(address));
            XdpWire wire = new XdpWire(place, address, socket, port, runSocket, zeroCopy);
            port.give(socket.fd());
            return wire;
        } catch (IOException | RuntimeException e) {
            if (port != null) {
                port.close();
            }
            if (runSocket != null) {
                runSocket.close();
            }
            throw e;
        }
    }

    /**
     * Asks another process for a share of an interface, and takes it. That needs no capability.
     *
     * @param door where the other process waits, as {@link XdpGrant} says
     * @throws IOException if nobody is there, or gives nothing, or it cannot be used
     */
    public static XdpWire granted(Path door) throws IOException {
        return granted(UnixSocket.connect(door), door);
    }

    /** As the other, over a connection to the door, which is closed. */
    static XdpWire granted(UnixSocket connection, Path door) throws IOException {
        try (UnixSocket control = connection) {
            int fd = control.receive();
            if (fd == MessageFormat.NO_DESCRIPTOR || !XdpGrantFormat.isGrant(control.data())) {
                throw new IOException("whoever is at " + door + " gives no AF_XDP socket, or is of another version");
            }
            XdpPlace place = XdpGrantFormat.place(control.data());
            XdpSocket socket = newSocket(fd, place);
            try {
                XdpWire wire = new XdpWire(place, XdpGrantFormat.address(control.data()), socket, null, null, false);
                control.send(MessageFormat.NO_DESCRIPTOR);
                return wire;
            } catch (IOException | RuntimeException e) {
                socket.close();
                throw e;
            }
        }
    }

    @Override
    public String name() {
        return place.name();
    }

    @Override
    public int address() {
        return address;
    }

    @Override
    public long mac() {
        return place.mac();
    }

    @Override
    public int maxFrameBytes() {
        return EthernetFormat.BYTES + place.mtu();
    }

    @Override
    public MemorySegment memory() {
        return memory;
    }

    /** Whether the interface writes into our memory itself. */
    public boolean isZeroCopy() {
        return zeroCopy;
    }

    /** Descriptors of the kernel that made no sense. Anything but 0 says that something is broken. */
    public long nonsense() {
        return nonsense;
    }

    /** Frames received whose checksum nobody had completed, because they had not left the machine. */
    public long unfinished() {
        return unfinished;
    }

    /** Frames sent that held a run. */
    public long sentRuns() {
        return sentRuns;
    }

    /** Runs that the kernel did not take. */
    public long refused() {
        return refused;
    }

    /** Why the wire carries nothing any more; null while it does. */
    public @Nullable IOException failure() {
        return failure;
    }

    // ---- buffers ----------------------------------------------------------------------------------------------------

    @Override
    public long claim() {
        if (freeCount == 0 && reap() == 0) {
            return NONE;
        }
        int buffer = free[--freeCount];
        states[buffer] = CLAIMED;
        return ((long) buffer << chunkShift) + FRAME;
    }

    @Override
    public void release(long offset) {
        int buffer = owned(offset);
        if (states[buffer] == RECEIVED) {
            receiving--;
        }
        recycle(buffer);
    }

    /** Invariant 2. */
    private void recycle(int buffer) {
        if (receiving < CHUNKS / 2) {
            receiving++;
            states[buffer] = POSTED;
            socket.fill.put((long) buffer << chunkShift, 0);
        } else {
            states[buffer] = FREE;
            free[freeCount++] = buffer;
        }
    }

    /** Invariant 1. */
    private int owned(long offset) {
        long buffer = offset >> chunkShift;
        if (buffer < 0 || buffer >= CHUNKS || states[(int) buffer] != CLAIMED && states[(int) buffer] != RECEIVED) {
            throw new IllegalArgumentException("no buffer of " + name() + " is claimed at " + offset);
        }
        return (int) buffer;
    }

    /** The buffer of a descriptor of the kernel's, if it is in that state. */
    private int inState(long offset, byte state) {
        long buffer = offset >> chunkShift;
        if (buffer < 0 || buffer >= CHUNKS || states[(int) buffer] != state) {
            nonsense++;
            return -1;
        }
        return (int) buffer;
    }

    // ---- sending ----------------------------------------------------------------------------------------------------

    @Override
    public void send(long offset, int length) {
        int buffer = owned(offset);
        // Invariant 3.
        if (length < EthernetFormat.BYTES || length > maxFrameBytes()) {
            throw new IllegalArgumentException(
                    "a frame of " + length + " bytes: must be " + EthernetFormat.BYTES + " to " + maxFrameBytes());
        }
        if (states[buffer] == RECEIVED) {
            receiving--;
        }
        states[buffer] = SENT;
        socket.transmit.put(offset, length);
    }

    @Override
    public void send(long offset, int length, int checksumStart, int checksumAt) {
        owned(offset);
        UnfinishedChecksum.complete(memory, offset, length, checksumStart, checksumAt);
        send(offset, length);
    }

    @Override
    public int maxRunBytes() {
        return runSocket == null ? 0 : (1 << chunkShift) - FRAME;
    }

    @Override
    public int maxRunDatagrams() {
        return runSocket == null ? 0 : VnetHeaderFormat.MAX_RUN_DATAGRAMS;
    }

    @Override
    public void sendRun(long offset, int length, int checksumStart, int checksumAt, int segmentBytes) {
        owned(offset);
        if (runSocket == null || length > maxRunBytes()) {
            throw new UnsupportedOperationException(name() + " takes no run of " + length + " bytes");
        }
        // What was sent before shall not arrive after.
        kick();
        VnetHeaderFormat.writeRun(memory, offset, checksumStart, checksumAt, segmentBytes);
        sentRuns++;
        int header = VnetHeaderFormat.BYTES;
        if (!runSocket.send(memory.address() + offset - header, length + header)) {
            refused++;
        }
        release(offset);
    }

    /** Takes back what the kernel has sent. Returns how many buffers are free. */
    private int reap() {
        XdpRing completion = socket.completion;
        while (completion.peek()) {
            int buffer = inState(completion.address(), SENT);
            completion.take();
            if (buffer >= 0) {
                recycle(buffer);
            }
        }
        return freeCount;
    }

    @Override
    public void kick() {
        XdpRing transmit = socket.transmit;
        int vain = 0;
        int before = transmit.drained();
        while (!transmit.isDrained() && transmit.wantsKick() && vain < VAIN_KICKS) {
            socket.kick();
            int now = transmit.drained();
            vain = now == before ? vain + 1 : 0;
            before = now;
        }
    }

    // ---- receiving --------------------------------------------------------------------------------------------------

    @Override
    public boolean hasArrived() {
        return pace.isDue() && socket.receive.peek();
    }

    @Override
    public int receive(FrameReceiver receiver, int max) {
        XdpRing arrived = socket.receive;
        if (!pace.isDue()) {
            return 0;
        }
        int count = 0;
        while (count < max && arrived.peek()) {
            long offset = arrived.address();
            int length = arrived.length();
            arrived.take();
            int buffer = inState(offset, POSTED);
            if (buffer < 0) {
                continue;
            }
            count++;
            states[buffer] = RECEIVED;
            boolean local = place.local() && UnfinishedChecksum.isIn(memory, offset, length);
            unfinished += local ? 1 : 0;
            if (receiver.receive(memory, offset, length, local)) {
                release(offset);
            }
        }
        if (count == 0) {
            whileIdle();
        }
        if (count < max) {
            pace.looked(count);
        }
        return count;
    }

    /** What needs no hurry, or was left undone. */
    private void whileIdle() {
        if (!socket.transmit.isDrained()) {
            kick();
        }
        if (socket.fill.wantsKick()) {
            socket.kickReceive();
        }
        long now = System.nanoTime();
        if (now - askedAt >= ASK_NANOS && failure == null) {
            askedAt = now;
            int error = socket.error();
            if (error != 0) {
                // Closed, for the selector would find the channel ready for ever.
                failure = new IOException("the interface " + name() + " is gone: " + Errno.text(error));
                Readiness.close(readiness);
            }
        }
    }

    @Override
    public SelectableChannel readiness() {
        return readiness;
    }

    @Override
    public void close() {
        if (open) {
            open = false;
            Readiness.close(readiness);
            if (port != null) {
                port.close();
            }
            if (runSocket != null) {
                runSocket.close();
            }
            socket.close();
        }
    }

    @Override
    public String toString() {
        return "AF_XDP " + name();
    }
}
