package io.sietch.vnic;

import io.sietch.net.Ipv4Format;
import io.sietch.net.Stack;
import io.sietch.net.StackOptions;
import io.sietch.net.TcpConnection;
import io.sietch.net.TcpEnd;
import io.sietch.net.UdpHandler;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Flows over shared memory, over wires and over the kernel's sockets at once. Processes on this machine get a VNIC of
 * their own ({@link SharedVnic}), and talk TCP to a {@link Stack} in this process, through a switch that is polled
 * here, too; no byte of it goes through the kernel. On each {@link Wire} there is a stack as well. The others come
 * through {@link KernelSockets}.
 *
 * <p>Threads: as {@link Network} has it.
 */
public final class StackNetwork implements Network {
    /** Our address on the shared wire; the others have those after it. */
    public static final int ADDRESS = 0x0A53_0001;

    /** A frame holds a deep pipeline of small requests: nothing on this wire makes a short frame better. */
    private static final VnicOptions VNIC = VnicOptions.DEFAULTS.withBuffers(1024, 1 << 14);

    /** Few, because each is another piece of memory that the caches have to hold; frames wait for them. */
    private static final int OWN_BUFFERS = 256;

    private static final StackOptions STACK =
            StackOptions.DEFAULTS.withBuffers(1 << 18, 1 << 18).withTimeWait(1_000_000_000L);

    /** On a wire there may be other hosts, so TIME-WAIT is as long as usual. */
    private static final StackOptions WIRE_STACK = StackOptions.DEFAULTS.withBuffers(1 << 18, 1 << 18);

    /** How long to look for frames before sleeping: about what it costs to be woken. */
    private static final long SPIN_NANOS = 50_000;

    /** While frames come, the kernel is asked this often. A system call costs as much as several requests. */
    private static final long KERNEL_NANOS = 50_000;

    private final KernelSockets kernel;
    private final FlowTable table;
    private final Switch device = new Switch();
    private final @Nullable SharedVnics shared;
    private final @Nullable VsockDevice streams;
    private final List<Wire> wires;
    private final List<SelectionKey> wireKeys = new ArrayList<>();
    private final Stack[] stacks;
    private final ReadyFlow.Queue ready = new ReadyFlow.Queue();
    private final BooleanSupplier hasNews = this::hasNews;
    private long kernelAskedAt;
    private long now;
    private boolean hasSent;
    private boolean closed;

    private StackNetwork(KernelSockets kernel, @Nullable Path path, List<Wire> wires, int port) throws IOException {
        this.kernel = kernel;
        this.table = kernel.table();
        this.now = System.nanoTime();
        this.wires = List.copyOf(wires);
        List<Stack> all = new ArrayList<>();
        for (Wire wire : wires) {
            wireKeys.add(wire.readiness().register(kernel.selector(), 0, (KernelEvent) nowNanos -> wire.ready()));
            all.add(new Stack(wire, wire.address(), WIRE_STACK, new SecureRandom(), now));
        }
        if (path == null) {
            this.shared = null;
            this.streams = null;
        } else {
            NetworkControl control = new NetworkControl(device);
            VnicOptions few = VNIC.withBuffers(OWN_BUFFERS, VNIC.bufferBytes());
            Vnic own = control.create("own", ADDRESS, few, () -> hasSent = true, now);
            control.await(own);
            Stack stack = new Stack(own, ADDRESS, STACK, new SecureRandom(), now);
            all.add(stack);
            this.streams = new VsockDevice(table, ready, own.mac(), ADDRESS, port);
            device.streams(streams);
            this.shared = SharedVnics.open(
                    path,
                    kernel.selector(),
                    SharedVnics.unending(control, VNIC, ADDRESS),
                    VnicFormat.STREAMS,
                    ADDRESS,
                    stack::peerGone,
                    null);
        }
        this.stacks = all.toArray(Stack[]::new);
        for (Stack stack : stacks) {
            stack.listen(port, connection -> changed(connection, stack.address()));
        }
    }

    /** As the other, without wires. */
    public static StackNetwork listen(KernelSockets kernel, Path path, int port) throws IOException {
        return listen(kernel, path, List.of(), port);
    }

    /**
     * Listens on shared memory and on wires, and goes on listening at the kernel's sockets.
     *
     * @param kernel is closed with this network; it may listen nowhere
     * @param path of the socket at which processes ask for a VNIC; null for no shared memory
     * @param wires are closed with this network
     * @param port at which the stacks listen
     * @throws IOException if the path cannot be had
     */
    public static StackNetwork listen(KernelSockets kernel, @Nullable Path path, List<Wire> wires, int port)
            throws IOException {
        return new StackNetwork(kernel, path, wires, port);
    }

    /**
     * Takes datagrams at a port of every stack; the kernel's sockets are left alone.
     *
     * @throws IllegalArgumentException if the port is in use
     */
    public void bindUdp(int port, UdpHandler handler) {
        for (Stack stack : stacks) {
            stack.bind(port, handler);
        }
    }

    // ---- the loop ---------------------------------------------------------------------------------------------------

    @Override
    public int poll(long nowNanos) {
        now = nowNanos;
        try {
            return pollAll(nowNanos);
        } catch (InternalError e) {
            // What the JVM throws for memory that is not there any more.
            dropBroken(e);
            return 1;
        }
    }

    private void dropBroken(InternalError e) {
        if (shared == null || !shared.dropBroken()) {
            throw e;
        }
    }

    private int pollAll(long nowNanos) {
        int work = device.poll(nowNanos);
        for (Stack stack : stacks) {
            work += stack.poll(nowNanos);
        }
        work += ready.serve();
        // What the stack has just sent, acknowledgements above all, shall not wait for the next turn.
        deliverSent();
        if (kernel.hasReady() || nowNanos - kernelAskedAt > KERNEL_NANOS || work == 0 && !looksBeforeItSleeps()) {
            kernelAskedAt = nowNanos;
            work += kernel.poll(nowNanos);
        }
        return work + table.reportClosed();
    }

    @Override
    public void flush() {
        for (Stack stack : stacks) {
            stack.flush();
        }
        try {
            deliverSent();
        } catch (InternalError e) {
            dropBroken(e);
        }
    }

    private void deliverSent() {
        if (streams != null) {
            streams.flush();
        }
        if (hasSent) {
            hasSent = false;
            device.poll(now);
        }
    }

    private void changed(TcpConnection connection, int localAddress) {
        StackFlow flow = (StackFlow) connection.attachment();
        if (flow == null) {
            if (connection.end() != TcpEnd.NONE) {
                return;
            }
            if (table.isFull()) {
                connection.abort();
                return;
            }
            flow = new StackFlow(connection, localAddress);
            connection.attach(flow);
            table.opened(flow);
        }
        flow.makeReady();
    }

    @Override
    public void await(long maxNanos) {
        try {
            spinThenSleep(maxNanos);
        } catch (InternalError e) {
            dropBroken(e);
        }
    }

    private void spinThenSleep(long maxNanos) {
        long idle = Math.min(maxNanos, idleNanos(System.nanoTime()));
        if (looksBeforeItSleeps() && Spinning.look(hasNews, Math.min(SPIN_NANOS, idle))) {
            kernel.await(0);
            return;
        }
        sleeps(true);
        kernel.await(hasWork() ? 0 : idle);
        sleeps(false);
    }

    /** While others may send without a system call, the kernel is not asked whenever nothing has come. */
    @Override
    public boolean looksBeforeItSleeps() {
        return processes() > 0 || !wires.isEmpty();
    }

    /** For how long nothing is to be done unless something arrives: 0 if a reply waits to be sent. */
    private long idleNanos(long time) {
        long idle = ready.isEmpty() ? device.idleNanos(time) : 0;
        if (streams != null) {
            idle = Math.min(idle, streams.idleNanos());
        }
        for (Stack stack : stacks) {
            idle = Math.min(idle, stack.idleNanos(time));
        }
        return idle;
    }

    private boolean hasNews() {
        return hasWork() || kernel.isSignalled();
    }

    private boolean hasWork() {
        for (int i = 0; i < wires.size(); i++) {
            if (wires.get(i).hasArrived()) {
                return true;
            }
        }
        return shared != null && shared.hasWork();
    }

    /** A channel that is watched costs whoever sends something for each frame, so it is while this loop sleeps only. */
    private void sleeps(boolean sleeping) {
        for (int i = 0; i < wireKeys.size(); i++) {
            SelectionKey key = wireKeys.get(i);
            wires.get(i).sleeps(sleeping);
            if (key.isValid()) {
                key.interestOps(sleeping ? SelectionKey.OP_READ : 0);
            }
        }
        if (shared != null) {
            shared.sleeps(sleeping);
        }
    }

    @Override
    public void wake() {
        kernel.wake();
    }

    @Override
    public void stopAccepting() {
        kernel.stopAccepting();
        if (shared != null) {
            shared.stopAccepting();
        }
    }

    /** Processes that have a VNIC now. */
    int processes() {
        return shared == null ? 0 : shared.attached();
    }

    /** The VNICs that other processes have, for whoever wants to change what they may, or to take them away. */
    public List<VnicGrant> grants() {
        return shared == null ? List.of() : shared.grants();
    }

    @Override
    public int flows() {
        return table.size();
    }

    @Override
    public long bufferBytes() {
        return table.bufferBytes();
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            // First what uses the stack, then the stack, which says goodbye, then the wire.
            table.closeFlows();
            for (Stack stack : stacks) {
                stack.poll(now);
            }
            deliverSent();
            if (shared != null) {
                shared.close();
            }
            wires.forEach(Wire::close);
            kernel.close();
        }
    }

    // ---- flows ------------------------------------------------------------------------------------------------------

    private final class StackFlow extends ReadyFlow {
        private final TcpConnection connection;
        private final int localAddress;
        private boolean reading = true;
        private boolean writing;

        StackFlow(TcpConnection connection, int localAddress) {
            super(table, ready);
            this.connection = connection;
            this.localAddress = localAddress;
        }

        @Override
        void serve() {
            TcpEnd end = connection.end();
            if (end != TcpEnd.NONE && end != TcpEnd.NORMAL) {
                close(CloseCause.PEER);
                return;
            }
            if (writing && connection.room() > 0) {
                onWritable();
            }
            if (reading && hasInput()) {
                onReadable();
                if (reading && connection.available() > 0) {
                    makeReady();
                }
            }
        }

        private boolean hasInput() {
            return connection.available() > 0 || connection.isAtEnd();
        }

        @Override
        int transportRead(ByteBuffer target) {
            int n = connection.read(target);
            return n == 0 && connection.isAtEnd() ? -1 : n;
        }

        @Override
        int transportWrite(ByteBuffer source) throws IOException {
            if (connection.end() != TcpEnd.NONE) {
                throw new IOException("the connection has ended: " + connection.end());
            }
            return connection.write(source);
        }

        @Override
        void transportInterest(boolean nowReading, boolean nowWriting) {
            reading = nowReading;
            writing = nowWriting;
            if (reading && hasInput() || writing && connection.room() > 0) {
                makeReady();
            }
        }

        @Override
        void transportClose() {
            connection.close();
        }

        @Override
        public String peer() {
            return Ipv4Format.text(connection.remoteAddress()) + ":" + connection.remotePort();
        }

        @Override
        public String local() {
            return Ipv4Format.text(localAddress) + ":" + connection.localPort();
        }
    }
}
