package io.sietch.bench.redis;

import io.sietch.net.TcpBytes;
import io.sietch.net.TcpConnection;
import io.sietch.net.TcpEnd;
import io.sietch.vnic.VnicClient;
import io.sietch.vnic.VsockStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/** One of the two ways to a server over shared memory, for a load that does not care. */
interface ShmPipe {
    /** @throws IOException if the server has ended it */
    void check() throws IOException;

    int available();

    void consume(int length);

    /** How many bytes can be written in one run; 0 if none can now. */
    int claimedLength();

    MemorySegment claimedSegment();

    long claimedOffset();

    void commit(int length);

    /** A stream over the rings, or a connection of TCP. */
    static ShmPipe open(VnicClient client, int port, boolean overTcp) {
        if (overTcp) {
            TcpConnection connection = client.connect(port, changed -> {});
            return new Tcp(connection, connection.bytes());
        }
        return new Stream(client.stream(port, changed -> {}));
    }

    /** A stream. */
    record Stream(VsockStream stream) implements ShmPipe {
        @Override
        public void check() throws IOException {
            if (stream.state() == VsockStream.State.RESET || stream.state() == VsockStream.State.CLOSED) {
                throw new IOException("the server ended a stream: " + stream);
            }
        }

        @Override
        public int available() {
            return stream.available();
        }

        @Override
        public void consume(int length) {
            stream.consume(length);
        }

        @Override
        public int claimedLength() {
            return stream.claimedLength();
        }

        @Override
        public MemorySegment claimedSegment() {
            return stream.claimedSegment();
        }

        @Override
        public long claimedOffset() {
            return stream.claimedOffset();
        }

        @Override
        public void commit(int length) {
            stream.commit(length);
        }
    }

    /** A connection of TCP. */
    record Tcp(TcpConnection connection, TcpBytes bytes) implements ShmPipe {
        @Override
        public void check() throws IOException {
            if (connection.end() != TcpEnd.NONE) {
                throw new IOException("the server ended a connection: " + connection.end());
            }
        }

        @Override
        public int available() {
            return connection.available();
        }

        @Override
        public void consume(int length) {
            bytes.consume(length);
        }

        @Override
        public int claimedLength() {
            return bytes.claimedLength();
        }

        @Override
        public MemorySegment claimedSegment() {
            return bytes.claimedSegment();
        }

        @Override
        public long claimedOffset() {
            return bytes.claimedOffset();
        }

        @Override
        public void commit(int length) {
            bytes.commit(length);
        }
    }
}
