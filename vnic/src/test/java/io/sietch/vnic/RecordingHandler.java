package io.sietch.vnic;

import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToIntFunction;

/** Writes down what happens, and consumes as a test tells it to. */
class RecordingHandler implements FlowHandler {
    final List<String> events = new ArrayList<>();
    /** All that were opened. */
    final List<Flow> flows = new ArrayList<>();

    final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    ToIntFunction<Flow> consumption = Flow::receivedLength;

    @Override
    public void opened(Flow flow) {
        events.add("opened " + flow.id());
        flows.add(flow);
    }

    @Override
    public void received(Flow flow) {
        int length = consumption.applyAsInt(flow);
        bytes.writeBytes(peek(flow, length));
        flow.consume(length);
    }

    @Override
    public void ended(Flow flow) {
        events.add("ended " + flow.id());
        flow.finish();
    }

    @Override
    public void writable(Flow flow) {
        events.add("writable " + flow.id());
    }

    @Override
    public void closed(Flow flow, CloseCause cause) {
        events.add("closed " + flow.id() + " " + cause);
    }

    static byte[] peek(Flow flow, int length) {
        byte[] copy = new byte[length];
        MemorySegment.copy(flow.receivedSegment(), ValueLayout.JAVA_BYTE, flow.receivedOffset(), copy, 0, length);
        return copy;
    }

    static void put(Flow flow, byte[] bytes) {
        if (!flow.claim(bytes.length)) {
            throw new IllegalStateException("no room for " + bytes.length);
        }
        MemorySegment.copy(bytes, 0, flow.claimedSegment(), ValueLayout.JAVA_BYTE, flow.claimedOffset(), bytes.length);
        flow.commit(bytes.length);
    }
}
