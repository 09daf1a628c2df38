package io.sietch.vnic;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/**
 * Flows within one thread, for tests: each {@link Peer#send} arrives as one piece in one poll, in the order in which
 * the peers connected, and a peer decides how much it takes. Nothing depends on time.
 */
public final class MemoryNetwork implements Network {
    private final FlowTable table;
    private final List<Peer> peers = new ArrayList<>();
    private boolean accepting = true;

    public MemoryNetwork(FlowHandler handler, NetworkOptions options) {
        this.table = new FlowTable(handler, options);
    }

    /** Connects. The server hears of it in its next poll; if it accepts no more, this peer is closed then. */
    public Peer connect() {
        Peer peer = new Peer();
        peers.add(peer);
        return peer;
    }

    @Override
    public int poll(long nowNanos) {
        int work = table.reportClosed();
        for (Peer peer : List.copyOf(peers)) {
            work += peer.poll();
        }
        peers.removeIf(Peer::isClosed);
        return work + table.reportClosed();
    }

    /** Does not wait: whatever could end the waiting is done by the same thread. */
    @Override
    public void await(long maxNanos) {
        // see above
    }

    @Override
    public void wake() {
        // nobody sleeps here
    }

    @Override
    public void stopAccepting() {
        accepting = false;
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
        table.close();
    }

    /** The other end of a flow. */
    public final class Peer {
        private final ArrayDeque<ByteBuffer> toServer = new ArrayDeque<>();
        private final ByteArrayOutputStream fromServer = new ByteArrayOutputStream();
        private final MemoryFlow flow = new MemoryFlow(this);
        private long window = Long.MAX_VALUE;
        private boolean opened;
        private boolean ended;
        private boolean reset;
        private boolean closed;
        private boolean reading = true;
        private boolean writing;

        private Peer() {}

        /** Sends one piece. */
        public void send(byte[] bytes) {
            toServer.add(ByteBuffer.wrap(bytes.clone()));
        }

        /** Sends one piece, each character a byte. */
        public void send(String latin1) {
            send(latin1.getBytes(StandardCharsets.ISO_8859_1));
        }

        /** Sends no more, but still reads. */
        public void end() {
            ended = true;
        }

        /** Goes away without a word. */
        public void reset() {
            reset = true;
        }

        /** Takes at most so many bytes more from now on. */
        public void window(long bytes) {
            window = bytes;
        }

        /** What has come from the server since the last call. */
        public byte[] take() {
            byte[] bytes = fromServer.toByteArray();
            fromServer.reset();
            return bytes;
        }

        /** As {@link #take}, each byte a character. */
        public String takeText() {
            return new String(take(), StandardCharsets.ISO_8859_1);
        }

        /** Whether the server has closed the flow. */
        public boolean isClosed() {
            return closed;
        }

        /** Pieces that the server has not taken. */
        public int pieces() {
            return toServer.size();
        }

        /** The server's end. */
        public Flow flow() {
            return flow;
        }

        private int poll() {
            int work = 0;
            if (!opened && !closed) {
                if (!accepting) {
                    closed = true;
                    return 1;
                }
                if (table.isFull()) {
                    return 0;
                }
                opened = true;
                work++;
                table.opened(flow);
            }
            if (reset && !closed) {
                flow.close(CloseCause.PEER);
                return work + 1;
            }
            if (writing && window > 0 && !closed) {
                work++;
                flow.onWritable();
            }
            if (reading && !closed && (ended || !toServer.isEmpty())) {
                work++;
                flow.onReadable();
            }
            return work;
        }
    }

    private final class MemoryFlow extends BufferedFlow {
        private final Peer peer;

        MemoryFlow(Peer peer) {
            super(table);
            this.peer = peer;
        }

        @Override
        int transportRead(ByteBuffer target) {
            ByteBuffer piece = peer.toServer.peek();
            if (piece == null) {
                return -1;
            }
            int n = Math.min(piece.remaining(), target.remaining());
            target.put(piece.slice(piece.position(), n));
            piece.position(piece.position() + n);
            if (!piece.hasRemaining()) {
                peer.toServer.remove();
            }
            return n;
        }

        @Override
        int transportWrite(ByteBuffer source) throws IOException {
            if (peer.reset) {
                throw new IOException("peer is gone");
            }
            byte[] taken = new byte[(int) Math.min(peer.window, source.remaining())];
            source.get(taken);
            peer.fromServer.writeBytes(taken);
            peer.window -= peer.window == Long.MAX_VALUE ? 0 : taken.length;
            return taken.length;
        }

        @Override
        void transportInterest(boolean reading, boolean writing) {
            peer.reading = reading;
            peer.writing = writing;
        }

        @Override
        void transportClose() {
            peer.closed = true;
        }

        @Override
        public String peer() {
            return "127.0.0.1:" + id();
        }

        @Override
        public String local() {
            return "127.0.0.1:0";
        }
    }
}
