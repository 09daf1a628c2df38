package io.sietch.redis;

import java.util.ArrayDeque;

/**
 * The request objects of one loop. One is shared by all connections and is filled anew for each request; a connection
 * whose request is incomplete keeps the object until the rest has arrived, and the others get a new shared one.
 */
final class Requests {
    /** Given back objects that wait for their next use. */
    private static final int MAX_KEPT = 64;

    private final ArrayDeque<Request> kept = new ArrayDeque<>();
    private final LineSplitter lineSplitter = new LineSplitter();
    private Request shared = new Request();

    Request shared() {
        return shared;
    }

    /** The present shared object belongs to its user now. */
    void takeShared() {
        Request next = kept.pollLast();
        shared = next == null ? new Request() : next;
    }

    void giveBack(Request request) {
        if (kept.size() < MAX_KEPT) {
            kept.addLast(request);
        }
    }

    LineSplitter lineSplitter() {
        return lineSplitter;
    }
}
