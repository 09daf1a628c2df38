package io.sietch.vnic;

import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.function.BooleanSupplier;

/**
 * The application's end of a VNIC whose device is in another process: {@link #vnic} is used as any other, and {@link
 * #await} is where the application may wait for frames.
 *
 * <p>When the other process ends, {@link #isOpen} becomes false at the next wait; when it takes the VNIC away, at once,
 * and {@link #isRevoked} says so. Frames sent after that go nowhere, and none arrives.
 *
 * <p>Threads: one at a time.
 */
public final class SharedVnic implements AutoCloseable {
    private final SocketChannel channel;
    private final Selector selector;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment memory;
    private final Vnic vnic;
    private final int serverAddress;
    private final BooleanSupplier hasNews;
    private final ByteBuffer scratch = ByteBuffer.allocateDirect(256);
    private volatile boolean open = true;
    private volatile boolean revoked;

    private SharedVnic(SocketChannel channel, Selector selector, Path path) throws IOException {
        this.channel = channel;
        this.selector = selector;
        try {
            ByteBuffer head = readFully(channel, ShmHello.HEAD_BYTES, path);
            ShmHello hello = ShmHello.decode(head, readFully(channel, ShmHello.pathBytes(head), path));
            this.serverAddress = hello.serverAddress();
            this.memory = map(Path.of(hello.path()), arena);
            this.vnic =
                    new Vnic(path.toString(), memory, new SocketDoorbell(memory, VnicFormat.DEVICE_SLEEPS, channel));
            channel.write(ByteBuffer.wrap(new byte[] {ShmHello.READY}));
            channel.configureBlocking(false);
            channel.register(selector, SelectionKey.OP_READ);
            this.hasNews = () -> !vnic.isEmpty() || !isOpen();
        } catch (IOException | RuntimeException e) {
            arena.close();
            throw e;
        }
    }

    /**
     * Asks for a VNIC.
     *
     * @param path of the socket of the process that hands them out
     * @throws IOException if there is none, or it gives none, or is of another version
     */
    public static SharedVnic connect(Path path) throws IOException {
        SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(path));
        try {
            Selector selector = Selector.open();
            try {
                return new SharedVnic(channel, selector, path);
            } catch (IOException | RuntimeException e) {
                selector.close();
                throw e;
            }
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    /**
     * Asks for a VNIC, to be used as a wire by a loop that waits for other things, too: {@link StackNetwork}.
     *
     * @param path as in {@link #connect}
     * @throws IOException as there
     */
    public static Wire wire(Path path) throws IOException {
        return new SharedWire(connect(path), path);
    }

    private static ByteBuffer readFully(SocketChannel channel, int bytes, Path path) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(bytes);
        while (buffer.hasRemaining()) {
            if (channel.read(buffer) < 0) {
                throw new EOFException(
                        path + " was closed before it gave a VNIC: it may have none left, or somebody has it");
            }
        }
        return buffer.flip();
    }

    private static MemorySegment map(Path file, Arena arena) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            MemorySegment memory = channel.map(FileChannel.MapMode.READ_WRITE, 0, channel.size(), arena);
            String complaint = VnicFormat.complaint(memory);
            if (complaint != null) {
                throw new IOException(file + " " + complaint);
            }
            return memory;
        }
    }

    /** The network card. */
    public Vnic vnic() {
        return vnic;
    }

    /** The IPv4 address of the process that gave it. */
    public int serverAddress() {
        return serverAddress;
    }

    /** Whether the other process is there, as far as is known, and has not taken the VNIC away. */
    public boolean isOpen() {
        return open && !isRevoked();
    }

    /** Whether the other process has taken the VNIC away, which is for good. */
    public boolean isRevoked() {
        // What it said last is known after the memory is gone, too.
        if (!revoked && arena.scope().isAlive()) {
            revoked = VnicFormat.isRevoked(memory);
        }
        return revoked;
    }

    /**
     * Waits until a frame has arrived, the other process has ended, or the time is over. It looks for a while before it
     * sleeps, because waking takes longer than most answers.
     *
     * @param maxNanos upper bound in nanoseconds; {@link Long#MAX_VALUE} for none
     * @param spinNanos how long to look before sleeping
     */
    public void await(long maxNanos, long spinNanos) throws IOException {
        long spin = Math.min(maxNanos, spinNanos);
        if (!Spinning.look(hasNews, spin)) {
            sleep(maxNanos - spin);
        }
    }

    private void sleep(long nanos) throws IOException {
        if (nanos <= 0 || !isOpen()) {
            return;
        }
        asksToBeWoken(true);
        if (vnic.isEmpty()) {
            select(nanos);
        }
        asksToBeWoken(false);
        listen();
    }

    /** Whether the other process shall wake this one when it has sent something. */
    void asksToBeWoken(boolean asks) {
        SocketDoorbell.sleeps(memory, VnicFormat.APPLICATION_SLEEPS, asks);
    }

    /** Waits to be woken, by the other process or by {@link #wake}. */
    void select(long nanos) throws IOException {
        // Rounded up, and 0 would be for ever.
        selector.select(key -> {}, nanos >= Long.MAX_VALUE / 2 ? 0 : nanos / 1_000_000 + 1);
    }

    /** Ends the present or the next {@link #select}. Any thread. */
    void wake() {
        selector.wakeup();
    }

    /** Takes what the other process said to wake this one. */
    void listen() {
        int n = 1;
        try {
            while (n > 0) {
                n = channel.read(scratch.clear());
            }
        } catch (IOException e) {
            // It ended without having read what was said to it.
            n = -1;
        }
        open = n == 0;
    }

    /** What becomes readable when the other process wakes this one, or ends. */
    SocketChannel channel() {
        return channel;
    }

    /** Gives the VNIC back. */
    @Override
    public void close() throws IOException {
        open = false;
        isRevoked();
        selector.close();
        channel.close();
        if (arena.scope().isAlive()) {
            arena.close();
        }
    }
}
