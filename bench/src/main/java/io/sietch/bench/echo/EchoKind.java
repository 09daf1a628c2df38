package io.sietch.bench.echo;

/** What the echo server stands on, and how it waits. */
enum EchoKind {
    KERNEL_BLOCKING("kernel socket, blocking", Carrier.KERNEL, false),
    KERNEL_POLLED("kernel socket, polled", Carrier.KERNEL, true),
    TAP_SLEEPING("TAP, looks 50 us then sleeps", Carrier.TAP, false),
    TAP_POLLED("TAP, polled", Carrier.TAP, true),
    XDP_SLEEPING("AF_XDP on veth, looks 50 us then sleeps", Carrier.XDP, false),
    XDP_POLLED("AF_XDP on veth, polled", Carrier.XDP, true),
    SHM_SLEEPING("shared memory, looks 50 us then sleeps", Carrier.SHM, false),
    SHM_POLLED("shared memory, polled", Carrier.SHM, true);

    /** Between whom. */
    enum Carrier {
        /** Two sockets on the loopback interface. */
        KERNEL,
        /** A socket of the kernel, and a stack of ours behind a TAP interface. */
        TAP,
        /** A socket of the kernel, and a stack of ours by AF_XDP on the other end of a pair of interfaces. */
        XDP,
        /** Two stacks of ours on a switch in shared memory. */
        SHM
    }

    private final String title;
    private final Carrier carrier;
    private final boolean polled;

    EchoKind(String title, Carrier carrier, boolean polled) {
        this.title = title;
        this.carrier = carrier;
        this.polled = polled;
    }

    String title() {
        return title;
    }

    Carrier carrier() {
        return carrier;
    }

    /** Whether the server never waits for anything. */
    boolean polled() {
        return polled;
    }
}
