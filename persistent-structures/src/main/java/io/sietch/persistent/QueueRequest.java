package io.sietch.persistent;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import org.jspecify.annotations.Nullable;

/**
 * Something a thread wants of a queue, and the answer to it.
 *
 * <p>A request that waits for something can be withdrawn until the queue's thread has begun to serve it; from then on
 * it will be answered.
 *
 * @param <R> the answer
 */
abstract sealed class QueueRequest<R extends @Nullable Object> extends CompletableFuture<R>
        implements CallerTurn.Awaited {
    @SuppressWarnings("rawtypes") // a class literal has no type arguments
    private static final AtomicIntegerFieldUpdater<QueueRequest> SETTLED =
            AtomicIntegerFieldUpdater.newUpdater(QueueRequest.class, "settled");

    /** Whether (1) it is out of the waiting threads' hands: being served, or withdrawn. */
    private volatile int settled;

    /** What has to be durable before it is answered: an END position, and a number of acknowledgements. */
    long needsDurable;

    long needsAcks;

    /** The caller, if it sleeps until the answer and nobody else sees this request. Set before it is handed over. */
    @Nullable
    Sleeper sleeper;

    /** Nobody at all sees this request. Set before it is handed over. */
    boolean isUnseen;

    @Nullable
    R answer;

    /** The room that it takes up among its like, given back once. */
    private @Nullable Semaphore room;

    /** It has taken room of those of its kind, before it is handed over. */
    final void occupies(Semaphore taken) {
        room = taken;
    }

    /** It is waiting no more, whatever became of it: others may. */
    final void makeRoom() {
        Semaphore taken = room;
        if (taken != null) {
            room = null;
            taken.release();
        }
    }

    /** The queue's thread begins to serve it. Returns false if it was withdrawn. */
    final boolean begin() {
        return SETTLED.compareAndSet(this, 0, 1);
    }

    /** Nobody waits for it any more. Returns false if it is being served: it will be answered soon. */
    final boolean withdraw() {
        return SETTLED.compareAndSet(this, 0, 1);
    }

    /** Whether it was begun, withdrawn or answered. */
    final boolean isSettled() {
        return settled == 1;
    }

    @Override
    public boolean cancel(boolean mayInterruptIfRunning) {
        return withdraw() && super.cancel(mayInterruptIfRunning);
    }

    /** Gives the answer that was prepared. */
    @SuppressWarnings("NullAway") // the answer is null only where R may be
    final void succeed() {
        makeRoom();
        complete(answer);
        wakeCaller();
    }

    /** As {@link #succeed}; a caller that sleeps is woken with others. */
    @SuppressWarnings("NullAway") // as above
    final void succeed(WakeUps wakeUps) {
        makeRoom();
        complete(answer);
        if (sleeper != null) {
            wakeUps.add(sleeper);
        }
    }

    final void fail(Throwable why) {
        begin();
        makeRoom();
        completeExceptionally(why);
        wakeCaller();
    }

    private void wakeCaller() {
        if (sleeper != null) {
            sleeper.end();
            sleeper.wake();
        }
    }

    /** Whether others than a sleeping caller hear of the end of this request. */
    final boolean isSeen() {
        return sleeper == null && !isUnseen;
    }

    @Override
    public final boolean isOver() {
        return isDone();
    }

    /** Appends a value. Answered with false if the queue is full and the request does not wait. */
    static final class Offer extends QueueRequest<Boolean> {
        final MemorySegment bytes;
        final int length;
        final boolean waits;

        Offer(MemorySegment bytes, int length, boolean waits) {
            this.bytes = bytes;
            this.length = length;
            this.waits = waits;
        }
    }

    /** Takes or leases items. */
    static final class Take<R extends @Nullable Object> extends QueueRequest<R> {
        /** Makes the answer of the items that were found. */
        interface Collector<R extends @Nullable Object> {
            /** Looks at the found item before it is handed out. What is thrown here leaves it in the queue. */
            void add(QueueCore found);

            R answer();
        }

        final Collector<R> collector;
        final int max;
        final boolean leases;
        final boolean waits;

        Take(Collector<R> collector, int max, boolean leases, boolean waits) {
            this.collector = collector;
            this.max = max;
            this.leases = leases;
            this.waits = waits;
        }
    }

    /** Acknowledges a lease or gives it back. */
    static final class Settle extends QueueRequest<@Nullable Void> {
        final long id;
        final boolean acknowledges;

        Settle(long id, boolean acknowledges) {
            this.id = id;
            this.acknowledges = acknowledges;
        }
    }

    /** Looks at the queue. */
    static final class Look<R extends @Nullable Object> extends QueueRequest<R> {
        /** What is done. */
        interface Body<R extends @Nullable Object> {
            R look(QueueCore core) throws IOException;
        }

        final Body<R> body;

        Look(Body<R> body) {
            this.body = body;
        }
    }

    /** Is answered when all before it is durable. */
    static final class Sync extends QueueRequest<@Nullable Void> {}
}
