package io.sietch.vnic;

import java.util.ArrayDeque;

/** A flow that is served in its turn when it has something for its handler. */
abstract class ReadyFlow extends BufferedFlow {
    private final Queue queue;
    private boolean isReady;

    /** @param queue where it waits for its turn */
    ReadyFlow(FlowTable table, Queue queue) {
        super(table);
        this.queue = queue;
    }

    /** It has something for its handler. */
    final void makeReady() {
        if (!isReady) {
            isReady = true;
            queue.flows.addLast(this);
        }
    }

    /** Tells the handler. */
    abstract void serve();

    /** Flows that wait for their turn, each once. One thread. */
    static final class Queue {
        private final ArrayDeque<ReadyFlow> flows = new ArrayDeque<>();

        boolean isEmpty() {
            return flows.isEmpty();
        }

        /** Serves those that wait now, and not what becomes ready by that. Returns how many. */
        int serve() {
            int count = flows.size();
            for (int i = 0; i < count; i++) {
                ReadyFlow flow = flows.removeFirst();
                flow.isReady = false;
                flow.serve();
            }
            return count;
        }
    }
}
