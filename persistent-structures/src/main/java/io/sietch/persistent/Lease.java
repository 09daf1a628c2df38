package io.sietch.persistent;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * An item of a {@link PersistentQueue} that is handed out and still in the queue: to be acknowledged when its work is
 * done, or given back. One that is neither is handed out again after a restart, marked as redelivered.
 *
 * <p>Threads: any.
 *
 * @param <E> the queue's values
 */
public final class Lease<E> {
    private final PersistentQueue<E> queue;
    private final long id;
    private final E value;
    private final boolean redelivered;

    Lease(PersistentQueue<E> queue, long id, E value, boolean redelivered) {
        this.queue = queue;
        this.id = id;
        this.value = value;
        this.redelivered = redelivered;
    }

    public E value() {
        return value;
    }

    /** The item's number in the order of offering. The same whenever it is handed out. */
    public long id() {
        return id;
    }

    /**
     * Whether the item may have been handed out before. Always true if it was; after a crash, also for up to
     * {@link QueueOptions#leaseAhead} items that were not.
     */
    public boolean isRedelivered() {
        return redelivered;
    }

    /**
     * The work is done. Returns when that is durable: the item is never handed out again.
     *
     * @throws IllegalStateException if it was acknowledged or given back before, or the queue was opened anew
     * @throws LogFailedException if the queue has failed or is closed
     */
    public void ack() throws IOException {
        queue.settleAndWait(id, true);
    }

    /** As {@link #ack}, without waiting. */
    public CompletableFuture<@Nullable Void> ackAsync() {
        return queue.settle(id, true);
    }

    /**
     * As {@link #ack}, in no hurry: it becomes durable with the next thing that does, at the latest when the queue is
     * synced or closed. Until then a crash lets the item be handed out again, marked. Costs no flush of its own.
     * Ignored if the lease ended before.
     */
    public void ackLater() {
        queue.settleLater(id);
    }

    /** The work is not done: the item is handed out again, before all that were offered later. */
    public void nack() throws IOException {
        queue.settleAndWait(id, false);
    }

    /** As {@link #nack}, without waiting. */
    public CompletableFuture<@Nullable Void> nackAsync() {
        return queue.settle(id, false);
    }

    @Override
    public String toString() {
        return "Lease[" + queue.name() + " " + id + (redelivered ? ", redelivered" : "") + ": " + value + "]";
    }
}
