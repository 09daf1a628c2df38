package io.sietch.redis;

import java.util.ArrayList;

/**
 * Which connections have replies to send, and which have replies that wait for the log. One thread.
 *
 * <p>When the log has failed, waiting replies are replaced by as many errors: what they tell of will not be there after
 * a restart.
 */
final class PendingReplies {
    private final ArrayList<Session> dirty = new ArrayList<>();
    private final ArrayList<Session> waiting = new ArrayList<>();
    private final RespEncoder encoder;

    PendingReplies(RespEncoder encoder) {
        this.encoder = encoder;
    }

    /** How many connections have replies to send. */
    int answered() {
        return dirty.size();
    }

    /** The connection has got replies that may leave with the next {@link #flush}. */
    void dirty(Session session) {
        if (!session.dirty) {
            session.dirty = true;
            dirty.add(session);
        }
    }

    /** The connection has got replies that wait. */
    void waiting(Session session) {
        if (!session.waiting) {
            session.waiting = true;
            waiting.add(session);
        }
    }

    /** Whether any reply waits for the log. */
    boolean isWaiting() {
        return !waiting.isEmpty();
    }

    /**
     * Lets go of the replies that the log has caught up with.
     *
     * @return to how many connections
     */
    int release(long durable) {
        int kept = 0;
        int released = 0;
        for (int i = 0; i < waiting.size(); i++) {
            Session session = waiting.get(i);
            long before = session.gate().open();
            boolean still = session.gate().release(durable) && session.flow().isOpen();
            if (session.gate().open() != before) {
                dirty(session);
                released++;
            }
            if (still) {
                waiting.set(kept++, session);
            } else {
                session.waiting = false;
            }
        }
        truncate(kept);
        return released;
    }

    /** The log has failed: what waits for more than {@code durable} gets this error instead. */
    void fail(long durable, String error) {
        release(durable);
        for (Session session : waiting) {
            session.waiting = false;
            ReplyGate gate = session.gate();
            long replies = gate.replies();
            gate.clear();
            session.flow().rewind(gate.open());
            encoder.begin(session.flow(), session.resp3());
            for (long i = 0; i < replies; i++) {
                encoder.error(error);
            }
            gate.openTo(encoder.position());
            encoder.end();
            dirty(session);
        }
        waiting.clear();
    }

    private void truncate(int size) {
        while (waiting.size() > size) {
            waiting.removeLast();
        }
    }

    /** Sends what may leave: one write for each connection. */
    int flush() {
        int sent = dirty.size();
        for (int i = 0; i < sent; i++) {
            Session session = dirty.get(i);
            session.dirty = false;
            session.flow().flush(session.gate().open());
            finishIfDone(session);
        }
        dirty.clear();
        return sent;
    }

    private static void finishIfDone(Session session) {
        if (session.closing() && session.gate().marks() == 0 && session.flow().isOpen()) {
            session.flow().finish();
        }
    }
}
