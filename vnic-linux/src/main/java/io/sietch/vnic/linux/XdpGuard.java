package io.sietch.vnic.linux;

import io.sietch.vnic.FrameFilter;
import io.sietch.vnic.NetworkControl;
import io.sietch.vnic.RateLimit;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/**
 * A pair of interfaces, of which another process gets the inner one by AF_XDP, and this process keeps the outer one:
 * there a program in the kernel looks at every frame that the inner one has sent, and lets it out into the system, or
 * not. It has to be there: what AF_XDP sends passes neither the queueing discipline nor any other hook of the interface
 * that it is sent on.
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>The outer interface has a program before it is switched on, and at all times after. The program stays when this
 *       process is killed: the other then goes on under what was said last.
 *   <li>There is one queue, so the program runs on one processor at a time, and counts without locks.
 * </ol>
 *
 * <p>Threads: one at a time.
 */
final class XdpGuard implements AutoCloseable {
    private final Bpf bpf = new Bpf();
    private final Libc libc = new Libc();
    private final LinkControl links;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment counters = arena.allocate(GuardProgram.BYTES, 8);
    private final int outerIndex;
    private final int array;
    private List<FrameFilter> filters = List.of();
    private RateLimit limit = RateLimit.NONE;
    private boolean deleted;

    private XdpGuard(LinkControl links, int outerIndex, int array) {
        this.links = links;
        this.outerIndex = outerIndex;
        this.array = array;
    }

    /**
     * Makes the pair. Only frames that truly say that they are from the inner interface and of that address pass, until
     * something else is said.
     *
     * @param host what the outer one shall have as IPv4 address; 0 to leave it alone
     * @param bits of the network's prefix
     */
    static XdpGuard open(String inner, String outer, int address, int host, int bits) throws IOException {
        LinkControl links = new LinkControl();
        try {
            links.makePair(inner, outer);
        } catch (IOException | RuntimeException e) {
            links.close();
            throw e;
        }
        try (NetDevice innerDevice = new NetDevice(inner);
                NetDevice outerDevice = new NetDevice(outer);
                Bpf bpf = new Bpf()) {
            int outerIndex = outerDevice.index();
            XdpGuard guard;
            try {
                guard = new XdpGuard(links, outerIndex, bpf.newArray(GuardProgram.BYTES));
            } catch (IOException e) {
                links.delete(outerIndex);
                links.close();
                throw e;
            }
            try {
                guard.transmit(NetworkControl.honest(innerDevice.mac(), address));
                if (host != 0) {
                    outerDevice.address(host, bits);
                }
                innerDevice.up();
                outerDevice.up();
                return guard;
            } catch (IOException | RuntimeException e) {
                guard.delete();
                guard.close();
                throw e;
            }
        }
    }

    void transmit(List<FrameFilter> newFilters) throws IOException {
        set(List.copyOf(newFilters), limit);
    }

    void limit(RateLimit newLimit) throws IOException {
        set(filters, newLimit);
    }

    /** Invariant 1. */
    private void set(List<FrameFilter> newFilters, RateLimit newLimit) throws IOException {
        int program = bpf.load(GuardProgram.of(newFilters, newLimit, array));
        try {
            links.attach(outerIndex, program);
            filters = newFilters;
            limit = newLimit;
        } finally {
            // The interface has it now, or nobody wants it.
            libc.close(program);
        }
    }

    /** @param counter one of those of {@link GuardProgram} */
    long count(int counter) throws IOException {
        bpf.read(array, counters);
        return counters.get(ValueLayout.JAVA_LONG, counter);
    }

    List<FrameFilter> filters() {
        return filters;
    }

    RateLimit limit() {
        return limit;
    }

    /** Takes both interfaces away. Sockets on them are cut off from everything, whoever holds them. */
    void delete() throws IOException {
        if (!deleted) {
            deleted = true;
            links.delete(outerIndex);
        }
    }

    @Override
    public void close() {
        libc.close(array);
        links.close();
        bpf.close();
        arena.close();
    }
}
