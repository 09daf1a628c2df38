package io.sietch.vnic;

import java.util.List;
import java.util.function.Consumer;

/**
 * A VNIC that is there for another process, as the control plane holds it: what its owner may send, what it gets, how
 * much, and whether it has it at all. All of it may be changed while the owner uses the VNIC, and holds from the next
 * frame on. The owner has no say in it: the filters and the limit are not in the memory that it shares.
 *
 * <p>What is set stays when the owner ends, and holds for the next one.
 *
 * <p>Threads: that of the switch.
 */
public final class VnicGrant {
    /** Where a VNIC is. */
    public enum State {
        /** Nobody has it; whoever asks at its door gets it. */
        FREE,
        /** A process has it. */
        IN_USE,
        /** It was taken away, for good. */
        REVOKED
    }

    private final String name;
    private final long mac;
    private final int address;
    private final VnicOptions options;
    private final NetworkControl control;
    private final Consumer<VnicGrant> taker;
    private List<FrameFilter> receive;
    private List<FrameFilter> transmit;
    private RateLimit limit;
    private VnicCounters counters = new VnicCounters();
    private State state = State.FREE;

    /** @param taker takes it from its owner, who may have it or not, once */
    VnicGrant(String name, int address, VnicOptions options, NetworkControl control, Consumer<VnicGrant> taker) {
        this.name = name;
        this.mac = control.newMac();
        this.address = address;
        this.options = options;
        this.control = control;
        this.taker = taker;
        this.receive = NetworkControl.addressed(mac);
        this.transmit = NetworkControl.honest(mac, address);
        this.limit = options.rateLimit();
    }

    /** What it was called when it was granted. */
    public String name() {
        return name;
    }

    /** Its Ethernet address, the low 48 bits. */
    public long mac() {
        return mac;
    }

    /** Its IPv4 address. */
    public int address() {
        return address;
    }

    public State state() {
        return state;
    }

    /** What the device did for the present owner, or for the last one. */
    public VnicCounters counters() {
        return counters;
    }

    /** Which frames its owner gets. To begin with, those to its Ethernet address and to everybody. */
    public List<FrameFilter> receive() {
        return receive;
    }

    /** Which frames its owner may send. To begin with, those of IPv4 and ARP that say truly whose they are. */
    public List<FrameFilter> transmit() {
        return transmit;
    }

    public RateLimit limit() {
        return limit;
    }

    VnicOptions options() {
        return options;
    }

    /** Says which frames its owner gets, instead of what was said before: those that one of the filters matches. */
    public void receive(List<FrameFilter> filters) {
        receive = List.copyOf(filters);
        if (state == State.IN_USE) {
            control.receiveRemote(mac, receive);
        }
    }

    /** Says which frames its owner may send, instead of what was said before: those that one of the filters matches. */
    public void transmit(List<FrameFilter> filters) {
        transmit = List.copyOf(filters);
        if (state == State.IN_USE) {
            control.transmitRemote(mac, transmit);
        }
    }

    /** Limits what its owner may send from now on. */
    public void limit(RateLimit newLimit, long nowNanos) {
        limit = newLimit;
        if (state == State.IN_USE) {
            control.limitRemote(mac, newLimit, nowNanos);
        }
    }

    /**
     * Takes it away for good: from now on nothing that its owner sends goes anywhere, and nothing reaches it. The owner
     * is told ({@link SharedVnic#isRevoked}), and woken if it sleeps. Its half of the memory goes when it ends.
     */
    public void revoke() {
        if (state != State.REVOKED) {
            State before = state;
            state = State.REVOKED;
            if (before == State.IN_USE) {
                control.detachRemote(mac);
            }
            taker.accept(this);
        }
    }

    /** A process has it. */
    void take(VnicPort port, long nowNanos) {
        state = State.IN_USE;
        counters = port.counters();
        control.attachRemote(mac, port, this, nowNanos);
    }

    /** The process that had it has ended. */
    void giveBack() {
        if (state == State.IN_USE) {
            state = State.FREE;
            control.detachRemote(mac);
        }
    }

    @Override
    public String toString() {
        return "VNIC " + name;
    }
}
