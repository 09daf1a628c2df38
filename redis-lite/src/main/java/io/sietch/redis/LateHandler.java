package io.sietch.redis;

import io.sietch.vnic.CloseCause;
import io.sietch.vnic.Flow;
import io.sietch.vnic.FlowHandler;
import org.jspecify.annotations.Nullable;

/**
 * Stands in for the reactor while there is none: the network has to be there first, because the storage waits at it.
 * The network is not polled before the reactor is set.
 */
final class LateHandler implements FlowHandler {
    private @Nullable FlowHandler target;

    void set(FlowHandler handler) {
        target = handler;
    }

    private FlowHandler target() {
        FlowHandler set = target;
        if (set == null) {
            throw new IllegalStateException("polled before there was a handler");
        }
        return set;
    }

    @Override
    public void opened(Flow flow) {
        target().opened(flow);
    }

    @Override
    public void received(Flow flow) {
        target().received(flow);
    }

    @Override
    public void ended(Flow flow) {
        target().ended(flow);
    }

    @Override
    public void writable(Flow flow) {
        target().writable(flow);
    }

    @Override
    public void closed(Flow flow, CloseCause cause) {
        target().closed(flow, cause);
    }
}
