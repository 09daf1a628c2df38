package io.sietch.persistent;

import io.sietch.persistent.QueueRequest.Look;
import io.sietch.persistent.QueueRequest.Offer;
import io.sietch.persistent.QueueRequest.Settle;
import io.sietch.persistent.QueueRequest.Sync;
import io.sietch.persistent.QueueRequest.Take;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A persistent first-in, first-out queue for many producers and consumers. What gathers while a flush is under way
 * becomes durable with the next one, so the more threads wait, the more share a flush.
 *
 * <p>Each method that changes the queue returns when the change is durable; its {@code Async} twin returns at once,
 * with a future (whose dependents run on the queue's thread). An item that {@link #poll} or {@link #take} returned is
 * never handed out again, whatever crashes, even if its work was not done. Where that matters, {@link #lease} it, and
 * {@link Lease#ack acknowledge} it afterwards.
 *
 * <p>The queue is bounded by its area, which grows as the {@link SietchOptions} say. A full queue refuses offers and
 * lets {@link #put} wait. Of each kind of request (offers, takes and leases, acknowledgements, others) up to
 * {@link SietchOptions#ringEntries} may be unanswered; the next one waits before it is handed over, also by methods
 * that end with Async, and gives up with {@link LogBusyException} after {@link SietchOptions#busyNanos}, or at once on
 * the queue's thread.
 *
 * <p>Threads: all methods from any thread. Values are encoded on the caller's thread, and decoded on the queue's,
 * before the item is handed out: a value that the codec refuses stays in the queue. Methods that wait throw
 * {@link IllegalStateException} on the queue's thread. Whoever calls such a method while the queue's thread is idle
 * does its work for the time being, the flush and the decoding for other such callers included. Virtual threads do not:
 * those that wait are parked, and keep no carrier.
 *
 * @param <E> the values; none of them is null
 */
public final class PersistentQueue<E> implements AutoCloseable {
    private static final int LEAST_GUESS = 16;
    private static final int GUESS_MAX = 4096;
    private static final long FULL_PARK_NANOS = 20_000;
    private static final int FULL_YIELDS = 100;

    private final String name;
    private final Codec<E> codec;
    private final QueueCore core;
    private final LogRunner runner;
    private final SietchOptions options;
    private final Mailbox<QueueRequest<?>> mailbox;
    private final RequestRoom room;
    private final AtomicInteger spinners = new AtomicInteger();
    private final QueueOwner owner;
    /** As long as the last value. Shared by all threads without care: it is a guess. */
    private int guess = LEAST_GUESS;

    PersistentQueue(
            String name,
            Codec<E> codec,
            QueueCore core,
            LogRunner runner,
            SietchOptions options,
            LogGrowth growth,
            Runnable afterClose) {
        this.name = name;
        this.codec = codec;
        this.core = core;
        this.runner = runner;
        this.options = options;
        this.mailbox = new Mailbox<>(options.ringEntries());
        this.room = new RequestRoom(options.ringEntries());
        this.owner = new QueueOwner(name, core, mailbox, growth, options, afterClose);
    }

    Hosted hosted() {
        return owner;
    }

    /** This queue, if it is one of such values. */
    @SuppressWarnings("unchecked") // equal codecs are of equal values
    <T> PersistentQueue<T> withCodec(Codec<T> other) {
        if (!codec.equals(other)) {
            throw new IllegalStateException("queue \"" + name + "\" is open already with another codec, " + codec
                    + ", and cannot be used with " + other);
        }
        return (PersistentQueue<T>) this;
    }

    // ---- offering -----------------------------------------------------------------------------------------------

    /**
     * Appends a value.
     *
     * @return true when it is durable; false if the queue is full
     * @throws LogFailedException if the queue has failed or is closed
     * @throws LogBusyException if more is asked of the queue than the medium takes
     * @throws IllegalArgumentException if it takes more than {@link #maxValueBytes}
     */
    public boolean offer(E value) throws IOException {
        return submitAndWait(encode(value, false));
    }

    /** Appends a value, waiting for room up to a time. Otherwise as {@link #offer(Object)}. */
    public boolean offer(E value, long timeout, TimeUnit unit) throws IOException, InterruptedException {
        return submitAndWait(encode(value, true), unit.toNanos(timeout), false);
    }

    /**
     * Appends a value, waiting for room. Returns when it is durable. Otherwise as {@link #offer(Object)}.
     *
     * @throws InterruptedException if the thread was interrupted while there was no room; the value was not appended
     */
    public void put(E value) throws IOException, InterruptedException {
        submitAndWait(encode(value, true), Long.MAX_VALUE, false);
    }

    /** As {@link #offer(Object)}, without waiting. */
    public CompletableFuture<Boolean> offerAsync(E value) {
        return submit(encode(value, false));
    }

    /**
     * As {@link #offer(Object)}, telling a callback, whose position means nothing. If the queue is full it is told
     * {@link LogFullException}. What cannot even be handed over is told on the calling thread.
     */
    public void offerAsync(E value, AppendCallback callback) {
        offerAsync(value).whenComplete((taken, failure) -> callback.completed(0, failureOf(taken, failure)));
    }

    private @Nullable IOException failureOf(@Nullable Boolean taken, @Nullable Throwable failure) {
        if (failure != null) {
            return failure instanceof IOException io ? io : new IOException("offering failed: " + failure, failure);
        }
        return taken == null || !taken ? new LogFullException("queue \"" + name + "\" is full") : null;
    }

    private Offer encode(E value, boolean waits) {
        int room = guess;
        while (true) {
            byte[] bytes = new byte[room];
            MemorySegment target = MemorySegment.ofArray(bytes);
            int length = codec.encode(value, target, 0);
            if (length >= 0) {
                guess = Math.clamp(length, LEAST_GUESS, GUESS_MAX);
                return new Offer(target, length, waits);
            }
            if (-length > core.maxValueBytes()) {
                throw new IllegalArgumentException("a value of " + -length + " bytes: queue \"" + name
                        + "\" takes up to " + core.maxValueBytes() + " bytes");
            }
            room = -length;
        }
    }

    // ---- taking -------------------------------------------------------------------------------------------------

    /**
     * Removes the first item.
     *
     * @return its value, when its removal is durable; null if there is none that is durable
     * @throws LogFailedException if the queue has failed or is closed
     * @throws IllegalArgumentException if the codec refuses the value; it stays
     */
    public @Nullable E poll() throws IOException {
        return submitAndWait(takeOne(false));
    }

    /** Removes the first item, waiting for one up to a time. Otherwise as {@link #poll()}. */
    public @Nullable E poll(long timeout, TimeUnit unit) throws IOException, InterruptedException {
        return submitAndWait(takeOne(true), unit.toNanos(timeout), null);
    }

    /** Removes the first items, as many as there are and at most {@code max}, with one commit. */
    public List<E> poll(int max) throws IOException {
        return submitAndWait(new Take<>(new QueueCollectors.Many<>(this::decode), max, false, false));
    }

    /**
     * As {@link #poll(int)}, without waiting. Several on their way overlap: while the removal of some items becomes
     * durable, the next are looked up.
     */
    public CompletableFuture<List<E>> pollAsync(int max) {
        return submit(new Take<>(new QueueCollectors.Many<>(this::decode), max, false, false));
    }

    /** Removes the first item, waiting for one. Otherwise as {@link #poll()}. */
    public E take() throws IOException, InterruptedException {
        E value = submitAndWait(takeOne(true), Long.MAX_VALUE, null);
        assert value != null;
        return value;
    }

    /** As {@link #poll()}, without waiting. */
    public CompletableFuture<@Nullable E> pollAsync() {
        return submit(takeOne(false));
    }

    /** As {@link #take}, without waiting. Cancelling it leaves the item in the queue, or returns false. */
    public CompletableFuture<@Nullable E> takeAsync() {
        return submit(takeOne(true));
    }

    private Take<@Nullable E> takeOne(boolean waits) {
        return new Take<>(new QueueCollectors.One<>(this::decode), 1, false, waits);
    }

    /** The value of the first item, which stays; null if there is none that is durable. */
    public @Nullable E peek() throws IOException {
        Look<@Nullable E> look = new Look<>(queue -> queue.next() ? decode(queue) : null);
        return submitAndWait(look);
    }

    /**
     * The values that are not taken or leased, in order. The queue waits while they are copied; what is on its way to
     * another place in the log is left out.
     */
    List<E> snapshot() throws IOException {
        return submitAndWait(new Look<>(queue -> {
            List<E> values = new ArrayList<>();
            queue.forEachWaiting(
                    (id, redelivered, segment, offset, length) -> values.add(codec.decode(segment, offset, length)));
            return values;
        }));
    }

    private E decode(QueueCore found) {
        return codec.decode(found.segment(), found.offset(), found.length());
    }

    // ---- leasing ------------------------------------------------------------------------------------------------

    /**
     * Leases the first item.
     *
     * @return null if there is none that is durable
     * @throws LogBusyException if there are as many leases as there may be
     * @throws LogFailedException if the queue has failed or is closed
     */
    public @Nullable Lease<E> lease() throws IOException {
        return submitAndWait(leaseOne(false));
    }

    /** Leases the first item, waiting for one (or for a lease to end) up to a time. */
    public @Nullable Lease<E> lease(long timeout, TimeUnit unit) throws IOException, InterruptedException {
        return submitAndWait(leaseOne(true), unit.toNanos(timeout), null);
    }

    /** Leases the first item, waiting for one. Otherwise as {@link #lease()}. */
    public Lease<E> takeLease() throws IOException, InterruptedException {
        Lease<E> lease = submitAndWait(leaseOne(true), Long.MAX_VALUE, null);
        assert lease != null;
        return lease;
    }

    /** Leases the first items, as many as there are and at most {@code max}. */
    public List<Lease<E>> lease(int max) throws IOException {
        return submitAndWait(new Take<>(new QueueCollectors.Many<>(this::leaseOf), max, true, false));
    }

    /** As {@link #lease()}, waiting for an item without a thread. */
    public CompletableFuture<@Nullable Lease<E>> leaseAsync() {
        return submit(leaseOne(true));
    }

    private Take<@Nullable Lease<E>> leaseOne(boolean waits) {
        return new Take<>(new QueueCollectors.One<>(this::leaseOf), 1, true, waits);
    }

    private Lease<E> leaseOf(QueueCore found) {
        return new Lease<>(this, found.id(), decode(found), found.isRedelivered());
    }

    QueueRequest<@Nullable Void> settle(long id, boolean acknowledges) {
        return submit(new Settle(id, acknowledges));
    }

    /** Hands over what nobody hears of, for when the queue's thread has a turn for another reason. */
    void settleLater(long id) {
        Settle settle = new Settle(id, true);
        settle.isUnseen = true;
        if (handOver(settle)) {
            owner.refuseIfEnded();
        }
    }

    void settleAndWait(long id, boolean acknowledges) throws IOException {
        submitAndWait(new Settle(id, acknowledges));
    }

    // ---- state --------------------------------------------------------------------------------------------------

    /** How many items there are: offered and not acknowledged, leased ones included. */
    public long size() throws IOException {
        return submitAndWait(new Look<>(QueueCore::size));
    }

    /** Completes when everything offered and acknowledged before is durable. */
    public CompletableFuture<@Nullable Void> sync() {
        return submit(new Sync());
    }

    /**
     * This queue as the JDK's. Its methods throw {@link java.io.UncheckedIOException} where these throw IOException.
     */
    public BlockingQueue<E> asBlockingQueue() {
        return new BlockingQueueView<>(this);
    }

    /** The longest value in bytes. */
    public int maxValueBytes() {
        return core.maxValueBytes();
    }

    /**
     * Looks at everything: each record's checksum, that acknowledgements refer to items, and that what the queue counts
     * and holds is what its log says. Others use the queue meanwhile, but segments that are trimmed come back only
     * afterwards, so offers may find it full sooner. Takes as long as reading the whole log; the queue waits once for
     * the medium.
     *
     * @throws LogFailedException if the queue is closed
     * @throws IllegalStateException on the queue's thread
     */
    public Verification verify() throws IOException {
        refuseOnOwnThread();
        return Verification.of(core::verifier, this::whileOpen);
    }

    /** Runs on the queue's thread, which also closes it. */
    private <T> T whileOpen(LogRunner.Call<T> body) throws IOException {
        return runner.call(() -> {
            if (owner.isClosed()) {
                throw new LogFailedException("queue \"" + name + "\" is closed");
            }
            return body.run();
        });
    }

    /** What the queue's log has done since it was opened. */
    public LogMetrics metrics() {
        return core.metrics();
    }

    public String name() {
        return name;
    }

    /**
     * Makes everything offered and acknowledged durable and closes. Requests that wait for an item or for room fail.
     *
     * @throws LogFailedException if not all could be made durable
     */
    @Override
    public void close() throws IOException {
        if (!owner.isClosed()) {
            runner.call(() -> {
                owner.close();
                return true;
            });
        }
    }

    @Override
    public String toString() {
        return "PersistentQueue[" + name + "]";
    }

    // ---- requests -----------------------------------------------------------------------------------------------

    /** Hands a request over that others see. */
    private <R extends @Nullable Object> QueueRequest<R> submit(QueueRequest<R> request) {
        if (handOver(request)) {
            runner.wake();
            owner.refuseIfEnded();
        }
        return request;
    }

    /** Waits until there is room. Returns false if the request was refused, and told so. */
    private boolean handOver(QueueRequest<?> request) {
        boolean interrupted = false;
        long start = System.nanoTime();
        boolean handed = tryHandOver(request);
        for (int i = 0; !handed && !request.isDone(); i++) {
            if (owner.isClosed()) {
                request.fail(new LogFailedException("queue \"" + name + "\" is closed"));
            } else if (runner.isCurrent() || System.nanoTime() - start > options.busyNanos()) {
                request.fail(tooBusy());
            } else {
                interrupted |= Thread.interrupted(); // or nobody would sleep
                pause(i);
                handed = tryHandOver(request);
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return handed;
    }

    private boolean tryHandOver(QueueRequest<?> request) {
        if (owner.isClosed() || !room.tryTake(request)) {
            return false;
        }
        if (!mailbox.tryPut(request)) {
            request.makeRoom();
            return false;
        }
        return true;
    }

    private LogBusyException tooBusy() {
        return new LogBusyException("queue \"" + name + "\" had no room for a request within "
                + options.busyNanos() / 1_000_000 + " ms: " + options.ringEntries() + " of its kind wait already");
    }

    private void pause(int times) {
        runner.wake(); // what was withdrawn takes up room until somebody looks, and so does what nobody is woken for
        if (times < FULL_YIELDS) {
            Thread.yield();
        } else {
            LockSupport.parkNanos(this, FULL_PARK_NANOS);
        }
    }

    /** A request that only its caller sees was handed over: the caller may do what the queue's thread would. */
    private void runForCaller(QueueRequest<?> request) {
        if (!CallerTurn.run(runner, owner, request)) {
            runner.wake();
        }
        owner.refuseIfEnded();
    }

    /** Waits for an answer, whatever interrupts: what became of it would be unknown otherwise. */
    private <R extends @Nullable Object> R submitAndWait(QueueRequest<R> request) throws IOException {
        Sleeper sleeper = new Sleeper();
        request.sleeper = sleeper;
        refuseOnOwnThread();
        if (handOver(request)) {
            runForCaller(request);
        }
        return await(request, sleeper);
    }

    private <R extends @Nullable Object> R await(QueueRequest<R> request, Sleeper sleeper) throws IOException {
        // Looking for the end beats being woken, but only as long as there are fewer lookers than cores.
        boolean spin = spinners.incrementAndGet() <= options.spinners();
        try {
            sleeper.awaitEnd(spin ? options.spinNanos() : 0);
            return request.join();
        } catch (CompletionException e) {
            throw ThreadRunner.unwrapped(e);
        } finally {
            spinners.decrementAndGet();
        }
    }

    /**
     * As the other, within a time: it waits for room, and then for an answer; what only waits is withdrawn after it.
     */
    private <R extends @Nullable Object> R submitAndWait(QueueRequest<R> request, long nanos, R otherwise)
            throws IOException, InterruptedException {
        Sleeper sleeper = new Sleeper();
        request.sleeper = sleeper;
        refuseOnOwnThread();
        long start = System.nanoTime();
        for (int i = 0; !tryHandOver(request); i++) {
            long waited = System.nanoTime() - start;
            if (owner.isClosed()) {
                throw new LogFailedException("queue \"" + name + "\" is closed");
            } else if (waited >= nanos) {
                return otherwise;
            } else if (waited > options.busyNanos()) {
                throw tooBusy();
            } else if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            pause(i);
        }
        runForCaller(request);
        return await(request, sleeper, Math.max(0, nanos - (System.nanoTime() - start)), otherwise);
    }

    private <R extends @Nullable Object> R await(QueueRequest<R> request, Sleeper sleeper, long nanos, R otherwise)
            throws IOException, InterruptedException {
        try {
            return request.get(nanos, TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            return request.withdraw() ? otherwise : await(request, sleeper);
        } catch (InterruptedException e) {
            if (request.withdraw()) {
                throw e;
            }
            try {
                return await(request, sleeper);
            } finally {
                Thread.currentThread().interrupt();
            }
        } catch (ExecutionException e) {
            throw ThreadRunner.unwrapped(new CompletionException(e.getCause()));
        }
    }

    private void refuseOnOwnThread() {
        if (runner.isCurrent()) {
            throw new IllegalStateException(
                    "the thread of queue \"" + name + "\" cannot wait for the queue: use the Async methods here");
        }
    }
}
