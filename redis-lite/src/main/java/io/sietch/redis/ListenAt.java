package io.sietch.redis;

import io.sietch.vnic.linux.LinuxWires;
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
 * @param wires URLs of wires on which the server has a stack of its own
 */
record ListenAt(List<InetSocketAddress> sockets, @Nullable Path door, List<String> wires) {
    /** Nowhere in particular: {@code bind} and {@code port} say where. */
    static final ListenAt NOT_SAID = new ListenAt(List.of(), null, List.of());

    /**
     * Reads {@code tcp://HOST:PORT}, {@code shm:///PATH}, and what {@link LinuxWires} knows; any number of each, but
     * one of the second.
     */
    static ListenAt parse(List<String> urls) throws ConfigException {
        List<InetSocketAddress> sockets = new ArrayList<>();
        List<String> wires = new ArrayList<>();
        Path door = null;
        for (String url : urls) {
            if (LinuxWires.knows(url)) {
                wires.add(wire(url));
                continue;
            }
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
        return new ListenAt(List.copyOf(sockets), door, List.copyOf(wires));
    }

    private static String wire(String url) throws ConfigException {
        try {
            LinuxWires.check(url);
            return url;
        } catch (IllegalArgumentException e) {
            throw new ConfigException("listen is " + e.getMessage());
        }
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
                + ": must be tcp://HOST:PORT, shm:///PATH of a socket to make, that once at most,"
                + " tap://NAME?ip=..., xdp://NAME?ip=..., or vnicd:///PATH of a door");
    }

    boolean isSaid() {
        return !sockets.isEmpty() || door != null || !wires.isEmpty();
    }
}
