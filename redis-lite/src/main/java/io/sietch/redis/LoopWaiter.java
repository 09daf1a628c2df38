package io.sietch.redis;

import io.sietch.vnic.Network;
import io.sietch.vsic.Waiter;

/** Lets the loop wait where the network waits: only the network can wait for its own events and for a wake alike. */
record LoopWaiter(Network network) implements Waiter {
    @Override
    public void await(long maxNanos) {
        network.await(maxNanos);
    }

    @Override
    public void wake() {
        network.wake();
    }
}
