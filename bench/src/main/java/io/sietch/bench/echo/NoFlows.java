package io.sietch.bench.echo;

import io.sietch.vnic.CloseCause;
import io.sietch.vnic.Flow;
import io.sietch.vnic.FlowHandler;

/** For a server that takes no connections. */
final class NoFlows implements FlowHandler {
    @Override
    public void opened(Flow flow) {
        flow.close();
    }

    @Override
    public void received(Flow flow) {
        // it is closed already
    }

    @Override
    public void closed(Flow flow, CloseCause cause) {
        // nothing was kept
    }
}
