package io.sietch.redis;

import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where {@code --listen} says that clients come from.
 *
 * @param sockets TCP sockets of the kernel
 * @param door the UNIX socket through which processes of this machine get a network card in shared memory, if any
 */
record ListenAt(List<InetSocketAddress> sockets, @Nullable Path door) {
    /** Nowhere in particular: {@code bind} and {@code port} say where. */
    static final ListenAt NOT_SAID = new ListenAt(List.of(), null);

    /** Reads {@code tcp://HOST:PORT} and {@code shm:///PATH}, any number of the first, one of the second. */
    static ListenAt parse(List<String> urls) throws ConfigException {
        List<InetSocketAddress> sockets = new ArrayList<>();
        Path door = null;
        for (String url : urls) {
            URI uri = uri(url);
            String path = uri.getPath();
            if ("tcp".equals(uri.getScheme()) && uri.getHost() != null && uri.getPort() >= 0 && path.isEmpty()) {
                sockets.add(new InetSocketAddress(uri.getHost(), uri.getPort()));
            } else if ("shm".equals(uri.getScheme()) && uri.getHost() == null && path.length() > 1 && door == null) {
                door = Path.of(path);
            } else {
                throw refused(url);
            }
        }
        return new ListenAt(List.copyOf(sockets), door);
    }

    private static URI uri(String url) throws ConfigException {
        try {
            return URI.create(url);
        } catch (IllegalArgumentException e) {
            throw refused(url);
        }
    }

    private static ConfigException refused(String url) {
        return new ConfigException("listen is " + url
                + ": must be tcp://HOST:PORT, or shm:///PATH of a socket to make, that once at most");
    }

    boolean isSaid() {
        return !sockets.isEmpty() || door != null;
    }
}
