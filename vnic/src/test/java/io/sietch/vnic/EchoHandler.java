package io.sietch.vnic;

/** Sends back what it consumes. */
class EchoHandler extends RecordingHandler {
    /** What was opened last. */
    Flow last() {
        return flows.getLast();
    }

    @Override
    public void received(Flow flow) {
        byte[] some = peek(flow, consumption.applyAsInt(flow));
        put(flow, some);
        flow.consume(some.length);
        flow.flush(flow.committed());
    }
}
