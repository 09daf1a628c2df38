package io.sietch.persistent;

import io.sietch.vsic.Poller;
import org.jspecify.annotations.Nullable;

/** What a structure's owner knows of the turns that callers do for it. Whoever has the turn. */
final class GuestTurn {
    private final Poller owner;
    private boolean polling;
    private boolean owesOthers;
    private @Nullable Throwable broken;

    GuestTurn(Poller owner) {
        this.owner = owner;
    }

    /**
     * Polls the owner for a caller. What it throws is thrown again by {@link #rethrow}, on the thread that ends a
     * structure.
     *
     * @param blocked whether there is something that a caller must not do: then nothing is done
     */
    int poll(boolean blocked) {
        owesOthers = blocked || broken != null;
        if (owesOthers) {
            return 0;
        }
        polling = true;
        try {
            return owner.poll();
        } catch (RuntimeException | Error e) {
            broken = e;
            owesOthers = true;
            return 0;
        } finally {
            polling = false;
        }
    }

    /** Whether the present poll is one for a caller. */
    boolean isPolling() {
        return polling;
    }

    /** The present poll came upon something that only the log's thread does. */
    void leaveToOthers() {
        owesOthers = true;
    }

    /** As {@link CallerTurn#owesOthers}, after the last poll. */
    boolean owesOthers() {
        return owesOthers;
    }

    /** Throws what ended a turn, once. */
    void rethrow() {
        Throwable cause = broken;
        if (cause != null) {
            broken = null;
            throw new IllegalStateException("a turn ended by " + cause, cause);
        }
    }
}
