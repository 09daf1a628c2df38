package io.sietch.vnic;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Flows over TCP sockets of the kernel: one selector, which is also where the loop waits, and no thread of its own. In
 * one poll each flow is read at most once; each flush writes at most once.
 */
public final class KernelSockets implements Network {
    private static final Logger LOG = System.getLogger(KernelSockets.class.getPackageName());

    /** Connections that the kernel may hold ready for us. */
    private static final int BACKLOG = 511;

    /** Connections taken in one poll, so that a flood of them cannot starve the flows there are. */
    private static final int ACCEPTS_PER_POLL = 256;

    /** How long to wait after a failed accept, which mostly says that the process has no file descriptor left. */
    private static final long ACCEPT_PAUSE_NANOS = 100_000_000L;

    /** At most one complaint about failed accepts in this time. */
    private static final long COMPLAINT_NANOS = 60_000_000_000L;

    private final FlowTable table;
    private final Selection selection = new Selection();
    private final Selection.Server serve = this::serve;
    private final List<ServerSocketChannel> listeners = new ArrayList<>();

    private boolean accepting = true;
    private boolean acceptPaused;
    private long acceptPausedUntil;
    private long complainAgainAt;
    private boolean complained;
    private boolean closed;

    private KernelSockets(FlowHandler handler, NetworkOptions options) throws IOException {
        this.table = new FlowTable(handler, options);
    }

    /**
     * Listens.
     *
     * @param addresses where; port 0 lets the system choose
     * @throws IOException if one of them cannot be had: then none is taken
     */
    public static KernelSockets listen(List<InetSocketAddress> addresses, FlowHandler handler, NetworkOptions options)
            throws IOException {
        KernelSockets network = new KernelSockets(handler, options);
        try {
            for (InetSocketAddress address : addresses) {
                network.listenAt(address);
            }
            return network;
        } catch (IOException | RuntimeException e) {
            network.close();
            throw e;
        }
    }

    private void listenAt(InetSocketAddress address) throws IOException {
        if (address.isUnresolved()) {
            throw new IOException("unknown host " + address.getHostString());
        }
        ServerSocketChannel listener = ServerSocketChannel.open();
        listeners.add(listener);
        listener.setOption(StandardSocketOptions.SO_REUSEADDR, true);
        listener.configureBlocking(false);
        try {
            listener.bind(address, BACKLOG);
        } catch (IOException e) {
            throw new IOException(
                    "cannot listen at " + address.getHostString() + ":" + address.getPort() + ": " + e.getMessage(), e);
        }
        listener.register(selection.selector(), SelectionKey.OP_ACCEPT);
    }

    /** Where it listens, with the ports that the system chose. */
    public List<InetSocketAddress> addresses() {
        List<InetSocketAddress> bound = new ArrayList<>();
        for (ServerSocketChannel listener : listeners) {
            try {
                bound.add((InetSocketAddress) listener.getLocalAddress());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return bound;
    }

    // ---- the loop
    // -----------------------------------------------------------------------------------------------------

    @Override
    public int poll(long nowNanos) {
        int work = table.reportClosed();
        updateAccepting(nowNanos);
        work += selection.poll(serve, nowNanos);
        return work + table.reportClosed();
    }

    private void serve(SelectionKey key, long nowNanos) {
        if (key.attachment() instanceof KernelFlow flow) {
            int events = key.readyOps();
            if ((events & SelectionKey.OP_WRITE) != 0) {
                flow.onWritable();
            }
            if ((events & SelectionKey.OP_READ) != 0) {
                flow.onReadable();
            }
        } else if (key.attachment() instanceof KernelEvent event) {
            event.ready(nowNanos);
        } else {
            accept((ServerSocketChannel) key.channel(), nowNanos);
        }
    }

    @Override
    public void await(long maxNanos) {
        selection.await(acceptPaused ? Math.min(maxNanos, ACCEPT_PAUSE_NANOS) : maxNanos);
    }

    @Override
    public void wake() {
        selection.wake();
    }

    /** Where the loop waits; further channels may be added, each with a {@link KernelEvent}. */
    Selector selector() {
        return selection.selector();
    }

    FlowTable table() {
        return table;
    }

    /** Whether an await has found something that the next poll will serve. */
    boolean hasReady() {
        return selection.hasReady();
    }

    /** Whether a wake has come that has not ended an await yet. */
    boolean isSignalled() {
        return selection.isSignalled();
    }

    // ---- accepting
    // ----------------------------------------------------------------------------------------------------

    private void accept(ServerSocketChannel listener, long nowNanos) {
        for (int i = 0; i < ACCEPTS_PER_POLL && !table.isFull() && accepting; i++) {
            SocketChannel channel = null;
            try {
                channel = listener.accept();
                if (channel == null) {
                    return;
                }
                channel.configureBlocking(false);
                channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
                channel.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
                table.opened(new KernelFlow(table, channel, selection.selector()));
            } catch (IOException e) {
                acceptFailed(channel, e, nowNanos);
                return;
            }
        }
    }

    /** One peer that is gone already, or no file descriptor left: neither may end the accepting of others. */
    private void acceptFailed(@Nullable SocketChannel channel, IOException e, long nowNanos) {
        acceptPausedUntil = nowNanos + ACCEPT_PAUSE_NANOS;
        acceptPaused = true;
        listenFor(0);
        if (!complained || nowNanos - complainAgainAt > 0) {
            complained = true;
            complainAgainAt = nowNanos + COMPLAINT_NANOS;
            LOG.log(
                    Level.WARNING,
                    "cannot accept a connection: " + e.getMessage() + "; " + table.size()
                            + " are open; raise the limit on open files if there are too few");
        }
        if (channel != null) {
            try {
                channel.close();
            } catch (IOException again) {
                LOG.log(Level.DEBUG, "cannot close a connection that was not accepted", again);
            }
        }
    }

    private void updateAccepting(long nowNanos) {
        boolean pause = table.isFull() || (acceptPaused && nowNanos - acceptPausedUntil < 0);
        if (pause != acceptPaused && accepting) {
            acceptPaused = pause;
            listenFor(pause ? 0 : SelectionKey.OP_ACCEPT);
        }
    }

    private void listenFor(int events) {
        for (ServerSocketChannel listener : listeners) {
            SelectionKey key = listener.keyFor(selection.selector());
            if (key != null && key.isValid()) {
                key.interestOps(events);
            }
        }
    }

    @Override
    public void stopAccepting() {
        accepting = false;
        for (ServerSocketChannel listener : listeners) {
            try {
                listener.close();
            } catch (IOException e) {
                LOG.log(Level.WARNING, "cannot close a listening socket", e);
            }
        }
        listeners.clear();
    }

    // ---- the rest
    // -----------------------------------------------------------------------------------------------------

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
        if (closed) {
            return;
        }
        closed = true;
        stopAccepting();
        table.close();
        try {
            selection.close();
        } catch (IOException e) {
            LOG.log(Level.WARNING, "cannot close the selector", e);
        }
    }

    private static final class KernelFlow extends BufferedFlow {
        private final SocketChannel channel;
        private final SelectionKey key;
        private int interest = SelectionKey.OP_READ;

        KernelFlow(FlowTable table, SocketChannel channel, Selector selector) throws IOException {
            super(table);
            this.channel = channel;
            this.key = channel.register(selector, interest, this);
        }

        @Override
        int transportRead(ByteBuffer target) throws IOException {
            return channel.read(target);
        }

        @Override
        int transportWrite(ByteBuffer source) throws IOException {
            return channel.write(source);
        }

        @Override
        void transportInterest(boolean reading, boolean writing) {
            int events = (reading ? SelectionKey.OP_READ : 0) | (writing ? SelectionKey.OP_WRITE : 0);
            if (events != interest) {
                interest = events;
                key.interestOps(events);
            }
        }

        @Override
        void transportClose() {
            try {
                channel.close();
            } catch (IOException e) {
                LOG.log(Level.DEBUG, "cannot close " + this, e);
            }
        }

        @Override
        public String peer() {
            try {
                return text(channel.getRemoteAddress());
            } catch (IOException e) {
                return "?:0";
            }
        }

        @Override
        public String local() {
            try {
                return text(channel.getLocalAddress());
            } catch (IOException e) {
                return "?:0";
            }
        }

        private static String text(SocketAddress address) {
            return address instanceof InetSocketAddress inet
                    ? inet.getAddress().getHostAddress() + ":" + inet.getPort()
                    : String.valueOf(address);
        }
    }
}
