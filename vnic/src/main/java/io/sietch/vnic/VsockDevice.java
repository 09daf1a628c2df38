package io.sietch.vnic;

import io.sietch.net.EthernetFormat;
import io.sietch.net.Ipv4Format;
import java.util.ArrayDeque;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The streams that other processes have with this one over their VNICs: the host's end of a virtio socket device
 * (Virtual I/O Device 1.2, section 5.10), one port of it. Memory loses no packet and keeps their order, so there are no
 * sequence numbers, checksums, timers or frames; what a stream costs is its packets' header and one copy.
 *
 * <p>A stream may be opened by whoever's transmit filters allow the TCP connection that would take its place: from the
 * VNIC's own addresses and the low 16 bits of the stream's port. These low bits are the stream's place among those of
 * its VNIC, so there is one stream to each.
 *
 * <p>Threads: that of the switch.
 */
final class VsockDevice {
    /** A peer that has posted no buffer is looked at this often. It says nothing when it posts one. */
    private static final long STARVED_NANOS = 1_000_000;

    private static final int FIRST_SLOTS = 16;
    private static final int SLOT_MASK = 0xFFFF;

    private final FlowTable table;
    private final ReadyFlow.Queue ready;
    private final long mac;
    private final int address;
    private final int listening;
    private final VsockHeader header = new VsockHeader();
    private final FrameHeader asFrame = new FrameHeader();
    private final ArrayDeque<VsockFlow> toSend = new ArrayDeque<>();

    /**
     * @param table of the flows that streams become
     * @param ready where these wait for their turn
     * @param mac of whom the streams lead to
     * @param address the same as IPv4 address
     * @param port where to listen
     */
    VsockDevice(FlowTable table, ReadyFlow.Queue ready, long mac, int address, int port) {
        this.table = table;
        this.ready = ready;
        this.mac = mac;
        this.address = address;
        this.listening = port;
    }

    int address() {
        return address;
    }

    // ---- what arrives -----------------------------------------------------------------------------------------------

    /** Takes the packet that the port looks at. */
    void receive(VnicPort from) {
        header.read(from.memory(), from.offset());
        if (header.length != from.length() - VsockFormat.BYTES || header.type != VsockFormat.TYPE_STREAM) {
            from.counters().countMalformed();
        } else if (header.sourceCid != VsockFormat.cid(from.address())) {
            from.counters().countRefused();
        } else if (header.destinationCid != VsockFormat.cid(address)) {
            from.counters().countUnroutable();
        } else {
            receiveOwn(from);
        }
    }

    private void receiveOwn(VnicPort from) {
        VsockFlow flow = find(from, header.sourcePort);
        if (flow != null && flow.remotePort() == header.sourcePort && flow.localPort() == header.destinationPort) {
            tell(flow, from);
        } else if (header.op == VsockFormat.OP_REQUEST && flow == null && mayOpen(from)) {
            open(from);
        } else if (header.op != VsockFormat.OP_RST) {
            refuse(from);
        }
    }

    private void tell(VsockFlow flow, VnicPort from) {
        if (!flow.isAllowed()) {
            if (!mayCome(from)) {
                from.counters().countRefused();
                flow.reset(CloseCause.PEER);
                return;
            }
            flow.allow();
        }
        flow.hear(header, from.offset() + VsockFormat.BYTES);
    }

    private boolean mayOpen(VnicPort from) {
        if (!mayCome(from)) {
            from.counters().countRefused();
            return false;
        }
        return header.destinationPort == listening && !table.isFull();
    }

    /** By the port's filters, as if the packet were one of TCP. */
    private boolean mayCome(VnicPort from) {
        asFrame.link = mac << 16 | EthernetFormat.IPV4;
        asFrame.origin = from.mac() << 16 | Ipv4Format.TCP << 8;
        asFrame.addresses = (long) from.address() << 32 | VsockFormat.cid(address);
        asFrame.sourcePort = header.sourcePort & SLOT_MASK;
        asFrame.destinationPort = header.destinationPort & SLOT_MASK;
        return from.mayCome(asFrame);
    }

    private void open(VnicPort from) {
        VsockFlow flow = new VsockFlow(this, table, ready, from, header.sourcePort, header.destinationPort);
        remember(flow);
        table.opened(flow);
        flow.hearFirst(header);
    }

    /** Tells whoever sent the packet that there is no such stream; not if no buffer is posted for that. */
    private void refuse(VnicPort to) {
        long place = to.roomNow(VsockFormat.BYTES);
        if (place != 0) {
            show(to, place, header.sourcePort, header.destinationPort, 0, VsockFormat.OP_RST, 0, 0);
        }
    }

    /** The VNIC is detached: nobody touches its memory from now on. */
    void gone(VnicPort port) {
        for (VsockFlow flow : port.streams()) {
            if (flow != null) {
                flow.lost();
            }
        }
    }

    // ---- streams of a VNIC ------------------------------------------------------------------------------------------

    private static @Nullable VsockFlow find(VnicPort port, int remotePort) {
        @Nullable VsockFlow[] slots = port.streams();
        int slot = remotePort & SLOT_MASK;
        return slot < slots.length ? slots[slot] : null;
    }

    private static void remember(VsockFlow flow) {
        VnicPort port = flow.port();
        int slot = flow.remotePort() & SLOT_MASK;
        @Nullable VsockFlow[] slots = port.streams();
        if (slot >= slots.length) {
            slots = Arrays.copyOf(slots, Math.max(FIRST_SLOTS, Integer.highestOneBit(slot) * 2));
            port.streams(slots);
        }
        slots[slot] = flow;
    }

    void forget(VsockFlow flow) {
        flow.port().streams()[flow.remotePort() & SLOT_MASK] = null;
    }

    // ---- the loop ---------------------------------------------------------------------------------------------------

    /** The flow has something to send. */
    void toSend(VsockFlow flow) {
        if (!flow.isToSend) {
            flow.isToSend = true;
            toSend.add(flow);
        }
    }

    /**
     * Sends what was flushed, and wakes who waits for it.
     *
     * @throws InternalError as the JVM throws it for memory that is not there any more; whoever's it was, the others
     *     have their turn in the next call
     */
    void flush() {
        for (int i = toSend.size(); i > 0; i--) {
            VsockFlow flow = toSend.removeFirst();
            flow.isToSend = false;
            try {
                if (!flow.transmit()) {
                    toSend(flow);
                }
                flow.port().ring();
            } catch (InternalError e) {
                toSend(flow);
                throw e;
            }
        }
    }

    void show(VnicPort to, long place, int remotePort, int localPort, int length, int op, int flags, int forwarded) {
        VsockFormat.writeEnds(
                to.memory(),
                place,
                VsockFormat.cid(address),
                VsockFormat.cid(to.address()),
                VsockFormat.ports(localPort, remotePort));
        VsockFormat.writeWord(to.memory(), place, length, op, flags, VsockCredit.WINDOW, forwarded);
        to.show(place, VsockFormat.BYTES + length, VnicFormat.STREAM);
    }

    /** How long until something is to be done that nobody rings for; {@link Long#MAX_VALUE} if nothing is. */
    long idleNanos() {
        return toSend.isEmpty() ? Long.MAX_VALUE : STARVED_NANOS;
    }
}
