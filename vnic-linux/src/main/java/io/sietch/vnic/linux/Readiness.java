package io.sietch.vnic.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.sietch.net.NetBytes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.channels.DatagramChannel;

/**
 * Lets a selector wait for any file descriptor. Java offers no channel for one that it did not open itself, and a loop
 * shall wait at one place only. So a datagram channel is opened, its descriptor is found by the port that it is bound
 * to, and made to stand for the file in question. The channel then is good for being selected, and for nothing else.
 */
final class Readiness {
    private static final int AF_INET = 2;
    private static final int CLOEXEC = 0x80000;
    private static final int SOL_SOCKET = 1;
    private static final int SO_TYPE = 3;
    private static final int SOCK_DGRAM = 2;
    private static final int ADDRESS_BYTES = 16;
    private static final int FURTHEST = 1 << 16;

    private Readiness() {}

    /** A channel that is ready when the descriptor is. It has a descriptor of its own, and is to be closed. */
    static DatagramChannel of(int fd) throws IOException {
        DatagramChannel channel = DatagramChannel.open(StandardProtocolFamily.INET);
        try (Arena arena = Arena.ofConfined()) {
            channel.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            channel.configureBlocking(false);
            Libc libc = new Libc();
            int port = ((InetSocketAddress) channel.getLocalAddress()).getPort();
            int own = find(libc, arena.allocate(64, 8), port);
            Errno.check(libc.dup3(fd, own, CLOEXEC), "watch a file descriptor", "");
            return channel;
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    /** Closes such a channel, after which a selector forgets it. */
    static void close(DatagramChannel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static int find(Libc libc, MemorySegment scratch, int port) throws IOException {
        long length = scratch.address() + 32;
        for (int fd = 0; fd < FURTHEST; fd++) {
            scratch.set(JAVA_INT, 32, ADDRESS_BYTES);
            if (libc.getsockname(fd, scratch.address(), length) == 0
                    && scratch.get(JAVA_INT, 32) == ADDRESS_BYTES
                    && scratch.get(java.lang.foreign.ValueLayout.JAVA_SHORT, 0) == AF_INET
                    && NetBytes.u16(scratch, 2) == port
                    && isDatagram(libc, scratch, fd)) {
                return fd;
            }
        }
        throw new IOException("the file descriptor of a channel was not found");
    }

    private static boolean isDatagram(Libc libc, MemorySegment scratch, int fd) {
        scratch.set(JAVA_INT, 32, 4);
        return libc.getsockopt(fd, SOL_SOCKET, SO_TYPE, scratch.address() + 40, scratch.address() + 32) == 0
                && scratch.get(JAVA_INT, 40) == SOCK_DGRAM;
    }
}
