package io.sietch.vnic;

import io.sietch.net.Ipv4Format;
import io.sietch.net.StackOptions;
import io.sietch.net.TcpConnection;
import io.sietch.net.TcpEnd;
import io.sietch.net.TcpState;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketImpl;
import java.net.SocketOptions;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One blocking socket on a {@link VnicEngine}. Its connection is touched under the engine's lock alone. Options are
 * remembered, and have no effect but for the time limit of reading: there is no Nagle to switch off.
 */
final class VnicSocketImpl extends SocketImpl {
    private final VnicEngine engine;
    private final Map<Integer, Object> options = new HashMap<>();
    private volatile int timeoutMillis;
    private @Nullable TcpConnection connection;
    private boolean inputShut;
    private volatile boolean closed;

    VnicSocketImpl(VnicEngine engine) {
        this.engine = engine;
    }

    // ---- connecting -------------------------------------------------------------------------------------------------

    @Override
    protected void create(boolean stream) throws IOException {
        if (!stream) {
            throw new SocketException("a socket for datagrams: there are streams only");
        }
    }

    @Override
    protected void connect(String host, int toPort) throws IOException {
        connect(InetAddress.getByName(host), toPort);
    }

    @Override
    protected void connect(InetAddress to, int toPort) throws IOException {
        connect(new InetSocketAddress(to, toPort), 0);
    }

    @Override
    protected void connect(SocketAddress to, int millis) throws IOException {
        if (!(to instanceof InetSocketAddress inet) || inet.isUnresolved()) {
            throw new UnknownHostException(String.valueOf(to));
        }
        byte[] bytes = inet.getAddress().getAddress();
        if (bytes.length != 4
                || ByteBuffer.wrap(bytes).getInt() != engine.client().serverAddress()) {
            throw new NoRouteToHostException(inet + " is not on the shared memory: the server is at "
                    + Ipv4Format.text(engine.client().serverAddress()));
        }
        address = inet.getAddress();
        port = inet.getPort();
        engine.lock();
        try {
            requireOpen();
            TcpConnection opening = engine.client().connect(port, changed -> {});
            connection = opening;
            localport = opening.localPort();
            boolean inTime = await(
                    () -> opening.state() == TcpState.ESTABLISHED || opening.end() != TcpEnd.NONE,
                    millis == 0 ? Long.MAX_VALUE : millis * 1_000_000L);
            requireOpen();
            if (!inTime) {
                opening.abort();
                throw new SocketTimeoutException("no connection within " + millis + " ms");
            }
            if (opening.end() != TcpEnd.NONE) {
                throw new ConnectException("no connection to " + inet + ": " + opening.end());
            }
        } finally {
            engine.unlock();
        }
    }

    private boolean await(BooleanSupplier done, long nanos) throws InterruptedIOException {
        try {
            return engine.await(done, nanos);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted");
        }
    }

    private void requireOpen() throws SocketException {
        if (closed) {
            throw new SocketException("Socket closed");
        }
        if (!engine.isOpen()) {
            throw new SocketException(
                    engine.client().isRevoked()
                            ? "the server has taken the network card away"
                            : "the server's end of the shared memory is gone");
        }
    }

    private TcpConnection connected() throws SocketException {
        TcpConnection there = connection;
        if (there == null) {
            throw new SocketException("not connected");
        }
        return there;
    }

    // ---- bytes ------------------------------------------------------------------------------------------------------

    private int read(byte[] target, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        engine.lock();
        try {
            TcpConnection from = connected();
            if (closed) {
                throw new SocketException("Socket closed");
            }
            if (!isReadable(from)) {
                // Also what the server said last, before it ended.
                engine.use();
            }
            if (!isReadable(from)) {
                requireOpen();
                int millis = timeoutMillis;
                boolean inTime = await(() -> isReadable(from), millis == 0 ? Long.MAX_VALUE : millis * 1_000_000L);
                if (!inTime) {
                    throw new SocketTimeoutException("nothing to read within " + millis + " ms");
                }
            }
            int n = from.read(ByteBuffer.wrap(target, offset, length));
            if (n > 0) {
                return n;
            }
            if (!closed && (inputShut || from.isAtEnd())) {
                return -1;
            }
            requireOpen();
            throw new SocketException("the connection has ended: " + from.end());
        } finally {
            engine.unlock();
        }
    }

    private boolean isReadable(TcpConnection from) {
        return closed || inputShut || from.available() > 0 || from.isAtEnd() || from.end() != TcpEnd.NONE;
    }

    private void write(byte[] source, int offset, int length) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(source, offset, length);
        engine.lock();
        try {
            TcpConnection to = connected();
            while (bytes.hasRemaining()) {
                requireOpen();
                if (to.end() != TcpEnd.NONE) {
                    throw new SocketException("the connection has ended: " + to.end());
                }
                if (to.write(bytes) == 0) {
                    await(() -> closed || to.room() > 0 || to.end() != TcpEnd.NONE, Long.MAX_VALUE);
                }
            }
            engine.use();
        } finally {
            engine.unlock();
        }
    }

    @Override
    protected InputStream getInputStream() {
        return new InputStream() {
            @Override
            public int read() throws IOException {
                byte[] one = new byte[1];
                return VnicSocketImpl.this.read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
            }

            @Override
            public int read(byte[] target, int offset, int length) throws IOException {
                Objects.checkFromIndexSize(offset, length, target.length);
                return VnicSocketImpl.this.read(target, offset, length);
            }

            @Override
            public int available() throws IOException {
                return VnicSocketImpl.this.available();
            }

            @Override
            public void close() throws IOException {
                VnicSocketImpl.this.close();
            }
        };
    }

    @Override
    protected OutputStream getOutputStream() {
        return new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                VnicSocketImpl.this.write(new byte[] {(byte) b}, 0, 1);
            }

            @Override
            public void write(byte[] source, int offset, int length) throws IOException {
                Objects.checkFromIndexSize(offset, length, source.length);
                VnicSocketImpl.this.write(source, offset, length);
            }

            @Override
            public void close() throws IOException {
                VnicSocketImpl.this.close();
            }
        };
    }

    @Override
    protected int available() throws IOException {
        engine.lock();
        try {
            requireOpen();
            engine.use();
            return connected().available();
        } finally {
            engine.unlock();
        }
    }

    // ---- the end ----------------------------------------------------------------------------------------------------

    @Override
    protected void shutdownInput() {
        inputShut = true;
        wakeReader();
    }

    @Override
    protected void shutdownOutput() throws IOException {
        engine.lock();
        try {
            requireOpen();
            connected().finish();
            engine.use();
        } finally {
            engine.unlock();
        }
    }

    @Override
    protected void close() {
        closed = true;
        engine.lock();
        try {
            TcpConnection there = connection;
            if (there != null && engine.isOpen()) {
                there.close();
                engine.use();
            }
        } finally {
            engine.unlock();
        }
        wakeReader();
    }

    private void wakeReader() {
        engine.lock();
        engine.wakeAll();
        engine.unlock();
    }

    // ---- what there is not ------------------------------------------------------------------------------------------

    @Override
    protected void bind(InetAddress host, int toPort) {
        // The address is the card's, and the port any: as if nobody had asked.
    }

    @Override
    protected void listen(int backlog) throws IOException {
        throw new SocketException("sockets on shared memory connect, they do not listen");
    }

    @Override
    protected void accept(SocketImpl socket) throws IOException {
        throw new SocketException("sockets on shared memory connect, they do not listen");
    }

    @Override
    protected void sendUrgentData(int data) throws IOException {
        throw new SocketException("urgent data is not there");
    }

    @Override
    public void setOption(int option, Object value) throws SocketException {
        if (option == SocketOptions.SO_TIMEOUT && value instanceof Integer millis) {
            timeoutMillis = millis;
        }
        synchronized (options) {
            options.put(option, value);
        }
    }

    @Override
    public Object getOption(int option) {
        synchronized (options) {
            Object set = options.get(option);
            return set != null ? set : defaultOption(option);
        }
    }

    private static Object defaultOption(int option) {
        return switch (option) {
            case SocketOptions.SO_TIMEOUT, SocketOptions.IP_TOS -> 0;
            case SocketOptions.SO_LINGER -> -1;
            case SocketOptions.SO_SNDBUF, SocketOptions.SO_RCVBUF -> StackOptions.DEFAULTS.receiveBytes();
            case SocketOptions.TCP_NODELAY -> true;
            case SocketOptions.SO_BINDADDR -> InetAddress.ofLiteral("0.0.0.0");
            default -> false;
        };
    }
}
