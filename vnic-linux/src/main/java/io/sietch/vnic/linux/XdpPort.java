package io.sietch.vnic.linux;

import io.sietch.net.EthernetFormat;
import io.sietch.vnic.FrameFilter;
import java.io.IOException;
import java.util.List;

/**
 * The control plane of an {@link XdpWire}: says which frames of one queue of an interface go to it, and takes them away
 * again. Everything else stays with the kernel, which goes on using the interface. No frame passes here.
 *
 * <p>The program in the kernel lives as long as this object, or its process.
 *
 * <p>Threads: one at a time.
 */
final class XdpPort implements AutoCloseable {
    private final XdpPlace place;
    private final Libc libc = new Libc();
    private final Bpf bpf = new Bpf();
    private final int map;
    private int program = -1;
    private int link = -1;

    private XdpPort(XdpPlace place, int map) {
        this.place = place;
        this.map = map;
    }

    /**
     * Attaches to an interface. Until filters are set and a socket is given, all frames stay with the kernel.
     *
     * @throws IOException if that is not permitted, or somebody else has attached a program
     */
    static XdpPort open(XdpPlace place) throws IOException {
        int map;
        try (Bpf bpf = new Bpf()) {
            map = bpf.mapOfSockets(place.queue() + 1);
        }
        XdpPort port = new XdpPort(place, map);
        try {
            port.program = port.bpf.load(FilterProgram.redirecting(List.of(), map));
            port.link = port.bpf.attach(port.program, place.interfaceIndex(), place.name());
            return port;
        } catch (IOException | RuntimeException e) {
            port.close();
            throw e;
        }
    }

    /** What a host with that IPv4 address gets: packets to it, and ARP packets that are about it. */
    static List<FrameFilter> host(int address) {
        FrameFilter to = FrameFilter.ALL.destination(address, Integer.SIZE);
        return List.of(to.type(EthernetFormat.IPV4), to.type(EthernetFormat.ARP));
    }

    /** Says which frames go to the socket, instead of what was said before: those that one of the filters matches. */
    void filters(List<FrameFilter> filters) throws IOException {
        int next = bpf.load(FilterProgram.redirecting(filters, map));
        try {
            bpf.exchange(link, next);
        } catch (IOException e) {
            libc.close(next);
            throw e;
        }
        libc.close(program);
        program = next;
    }

    /** Lets a socket have the frames that match. */
    void give(int socket) throws IOException {
        bpf.set(map, place.queue(), socket);
    }

    /** Gives all frames back to the kernel. What has reached the socket already stays there. */
    void revoke() throws IOException {
        bpf.delete(map, place.queue());
    }

    private void close(int fd) {
        if (fd >= 0) {
            libc.close(fd);
        }
    }

    @Override
    public void close() {
        close(link);
        close(program);
        close(map);
        link = -1;
        program = -1;
        bpf.close();
    }
}
