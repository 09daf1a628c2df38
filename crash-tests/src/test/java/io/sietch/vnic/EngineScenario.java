package io.sietch.vnic;

import io.sietch.crash.order.Scenario;
import io.sietch.crash.order.Steps;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Threads wait for frames by a {@link VnicEngine}; a device at the other end sends them, each when it is waited for.
 */
class EngineScenario implements Scenario {
    /** One thread waits for two frames, one after the other, and another for the second. */
    static final class Two extends EngineScenario {
        Two() {
            super(2, new int[] {1, 2}, new int[] {2});
        }
    }

    /** One frame for one thread: nobody else's looking makes up for what it overlooks. */
    static final class One extends EngineScenario {
        One() {
            super(1, new int[] {1});
        }
    }

    private static final int BUFFERS = 4;
    private static final int BUFFER_BYTES = 2048;
    private static final int FRAME_BYTES = 64;

    private final VnicEngine engine;
    private final SocketChannel device;
    private final VnicPort port;
    private final MemorySegment frame = Arena.ofAuto().allocate(FRAME_BYTES);
    private final List<Runnable> threads = new ArrayList<>();
    private final int frames;
    private long received;
    private volatile int wanted;
    private final AtomicInteger waiting;

    /** @param waits the numbers of frames that each thread waits for, one after the other */
    private EngineScenario(int frames, int[]... waits) {
        this.frames = frames;
        this.waiting = new AtomicInteger(waits.length);
        try {
            Path directory = Files.createTempDirectory("engine");
            Path door = directory.resolve("door");
            Path file = directory.resolve("memory");
            MemorySegment memory = newMemory(file);
            VnicFormat.writeHeader(memory, BUFFERS, BUFFER_BYTES, 0x02_00_00_00_00_01L, 0x0A000002);
            try (ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
                listener.bind(UnixDomainSocketAddress.of(door));
                CompletableFuture<SocketChannel> accepted =
                        CompletableFuture.supplyAsync(() -> handOut(listener, file));
                VnicClient client = VnicClient.connect(door);
                device = accepted.join();
                engine = new VnicEngine(client, 0);
            }
            Files.delete(door);
            Files.delete(file);
            Files.delete(directory);
            port = new VnicPort(
                    "device",
                    memory,
                    BUFFERS,
                    BUFFER_BYTES,
                    new SocketDoorbell(memory, VnicFormat.APPLICATION_SLEEPS, device));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        threads.addAll(Steps.started());
        for (int[] counts : waits) {
            threads.add(() -> waitFor(counts));
        }
        threads.add(this::send);
    }

    private static MemorySegment newMemory(Path file) throws IOException {
        try (FileChannel channel =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            return channel.map(
                    FileChannel.MapMode.READ_WRITE, 0, VnicFormat.totalBytes(BUFFERS, BUFFER_BYTES), Arena.ofAuto());
        }
    }

    private static SocketChannel handOut(ServerSocketChannel listener, Path file) {
        try {
            SocketChannel channel = listener.accept();
            channel.write(new ShmHello(file.toString(), 0x0A000001).encode());
            channel.read(ByteBuffer.allocate(1));
            channel.configureBlocking(false);
            return channel;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public List<Runnable> threads() {
        return threads;
    }

    /** The last to end closes. */
    private void waitFor(int... counts) {
        for (int count : counts) {
            engine.lock();
            try {
                wanted = Math.max(wanted, count);
                engine.await(() -> engine.client().stack().counters().received() >= count, Long.MAX_VALUE);
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            } finally {
                engine.unlock();
            }
        }
        if (waiting.decrementAndGet() == 0) {
            received = engine.client().stack().counters().received();
            engine.close();
        }
    }

    private void send() {
        for (int i = 1; i <= frames; i++) {
            while (wanted < i) {
                Thread.yield();
            }
            port.put(frame, 0, FRAME_BYTES, 0);
            port.ring();
        }
    }

    @Override
    public void check() {
        try {
            device.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        if (received != frames) {
            throw new AssertionError("received " + received);
        }
    }
}
