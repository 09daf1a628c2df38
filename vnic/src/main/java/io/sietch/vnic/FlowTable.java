package io.sietch.vnic;

import io.sietch.vnic.BufferPool.Buffer;
import java.util.ArrayDeque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the flows of one network share: their limits, their memory, and the news of those that were closed. One thread.
 */
final class FlowTable implements AutoCloseable {
    /** As much as a socket gives in one read while its sender keeps up. */
    private static final int SHARED_BYTES = 64 << 10;

    private record Closed(BufferedFlow flow, CloseCause cause) {}

    private final FlowHandler handler;
    private final NetworkOptions options;
    private final BufferPool pool;
    private final Set<BufferedFlow> open = new LinkedHashSet<>();
    private final ArrayDeque<Closed> closed = new ArrayDeque<>();
    private @Nullable Buffer shared;
    private long ids;

    FlowTable(FlowHandler handler, NetworkOptions options) {
        this.handler = handler;
        this.options = options;
        // The shared buffer is not any flow's.
        this.pool = new BufferPool(options.maxTotalBytes() + SHARED_BYTES);
    }

    FlowHandler handler() {
        return handler;
    }

    NetworkOptions options() {
        return options;
    }

    BufferPool pool() {
        return pool;
    }

    long nextId() {
        return ++ids;
    }

    /** Where every flow that keeps few bytes receives. Valid until the next flow is served. */
    Buffer sharedBuffer() {
        if (shared == null) {
            // Allocated here and not before, because it belongs to the thread that polls.
            shared = pool.acquire(SHARED_BYTES);
        }
        if (shared == null) {
            throw new IllegalStateException("no memory for the shared receive buffer");
        }
        return shared;
    }

    boolean isFull() {
        return open.size() >= options.maxFlows();
    }

    int size() {
        return open.size();
    }

    long bufferBytes() {
        return pool.usedBytes() - (shared == null ? 0 : SHARED_BYTES);
    }

    void opened(BufferedFlow flow) {
        open.add(flow);
        handler.opened(flow);
    }

    void closed(BufferedFlow flow, CloseCause cause) {
        if (open.remove(flow)) {
            closed.add(new Closed(flow, cause));
        }
    }

    /** Tells the handler about flows closed since the last time. */
    int reportClosed() {
        int reported = 0;
        Closed next;
        while ((next = closed.poll()) != null) {
            handler.closed(next.flow(), next.cause());
            reported++;
        }
        return reported;
    }

    /** Closes all flows, and tells the handler. */
    void closeFlows() {
        for (BufferedFlow flow : List.copyOf(open)) {
            flow.close(CloseCause.NETWORK_CLOSED);
        }
        reportClosed();
    }

    @Override
    public void close() {
        closeFlows();
        if (shared != null) {
            pool.release(shared);
            shared = null;
        }
        pool.close();
    }
}
