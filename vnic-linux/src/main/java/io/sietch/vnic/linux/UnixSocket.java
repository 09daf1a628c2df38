package io.sietch.vnic.linux;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A UNIX socket that carries descriptors of files, which Java's own do not. Each message arrives whole; nobody is
 * waited for longer than half a minute.
 *
 * <p>Threads: one at a time.
 */
final class UnixSocket implements AutoCloseable {
    private static final int AF_UNIX = 1;
    private static final int MESSAGES_CLOEXEC = 5 | 0x80000;
    private static final int CLOEXEC = 0x80000;
    private static final int RECEIVE_CLOEXEC = 0x4000_0000;
    private static final int SOL_SOCKET = 1;
    private static final int SO_RECEIVE_TIMEOUT = 20;
    private static final long PATIENCE_SECONDS = 30;

    private final Libc libc = new Libc();
    private final Arena arena = Arena.ofConfined();
    private final MemorySegment message = arena.allocate(MessageFormat.BYTES, 8);
    private final int fd;
    private final String name;

    private UnixSocket(int fd, String name) throws IOException {
        this.fd = fd;
        this.name = name;
        message.set(JAVA_LONG, 0, PATIENCE_SECONDS);
        message.set(JAVA_LONG, 8, 0);
        Errno.check(libc.setsockopt(fd, SOL_SOCKET, SO_RECEIVE_TIMEOUT, message.address(), 16), "set up " + name, "");
    }

    private static UnixSocket open(Path path) throws IOException {
        int fd = new Libc().socket(AF_UNIX, MESSAGES_CLOEXEC, 0);
        return new UnixSocket(Errno.check(fd, "open a UNIX socket", ""), path.toString());
    }

    private interface Call {
        int with(Libc libc, int fd, long address);
    }

    private UnixSocket addressed(String what, Call call) throws IOException {
        try {
            MemorySegment address = arena.allocate(MessageFormat.ADDRESS_BYTES, 8);
            MessageFormat.writeAddress(address, name);
            int result = call.with(libc, fd, address.address());
            Errno.check(result, what + " " + name, remedy(result));
            return this;
        } catch (IOException | RuntimeException e) {
            close();
            throw e;
        }
    }

    static UnixSocket listen(Path path) throws IOException {
        return open(path).addressed("listen at", (libc, fd, address) -> {
            int bound = libc.bind(fd, address, MessageFormat.ADDRESS_BYTES);
            return bound < 0 ? bound : libc.listen(fd, 1);
        });
    }

    static UnixSocket connect(Path path) throws IOException {
        return open(path).addressed("connect to", UnixSocket::call);
    }

    /** As {@link #connect}; null if who is there speaks in bytes, not in messages. */
    static @Nullable UnixSocket connectIfMessages(Path path) throws IOException {
        boolean[] bytes = {false};
        UnixSocket socket = open(path).addressed("connect to", (libc, fd, address) -> {
            int result = call(libc, fd, address);
            bytes[0] = result == -Errno.EPROTOTYPE;
            return bytes[0] ? 0 : result;
        });
        if (bytes[0]) {
            socket.close();
        }
        return bytes[0] ? null : socket;
    }

    private static int call(Libc libc, int fd, long address) {
        return libc.connect(fd, address, MessageFormat.ADDRESS_BYTES);
    }

    private static String remedy(int result) {
        return switch (-result) {
            case Errno.ENOENT, Errno.ECONNREFUSED -> "is the process that hands it out running?";
            case Errno.EACCES, Errno.EPERM -> "it is for another user";
            default -> "";
        };
    }

    /** For whoever wants to wait for more than this. */
    int fd() {
        return fd;
    }

    /** Waits for somebody. */
    UnixSocket accept() throws IOException {
        int accepted = libc.accept4(fd, CLOEXEC);
        return new UnixSocket(Errno.check(accepted, "hear from anybody at " + name, ""), name);
    }

    /** What is to be sent, or was received. */
    MemorySegment data() {
        return message.asSlice(MessageFormat.DATA);
    }

    /** Sends the data and, unless there is none, a descriptor, of which the receiver gets one of its own. */
    void send(int descriptor) throws IOException {
        if (descriptor == MessageFormat.NO_DESCRIPTOR) {
            MessageFormat.write(message);
        } else {
            MessageFormat.write(message, descriptor);
        }
        Errno.check(libc.sendmsg(fd, message.address()), "write to " + name, "");
    }

    /** Waits for data. Returns the descriptor that came with it, if any. */
    int receive() throws IOException {
        MessageFormat.writeWithRoom(message);
        int bytes = Errno.check(libc.recvmsg(fd, message.address(), RECEIVE_CLOEXEC), "read from " + name, "");
        if (bytes == 0) {
            throw new IOException("whoever was at the other end of " + name + " has gone");
        }
        return MessageFormat.descriptor(message);
    }

    @Override
    public void close() {
        if (arena.scope().isAlive()) {
            libc.close(fd);
            arena.close();
        }
    }
}
