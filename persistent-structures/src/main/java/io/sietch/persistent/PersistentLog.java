package io.sietch.persistent;

import io.sietch.vsic.Poller;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A persistent log for many threads. What they append is handed over to the log's own thread; what gathers while a
 * flush is under way becomes durable with the next one, so the more threads wait, the more records share a flush.
 *
 * <p>Each append is told the record's position once it is durable: by a future, a callback, or by returning.
 * Completions come in the order of positions. A caller may reuse its bytes when the append method returns: short
 * payloads are copied into preallocated room, long ones into memory of their own (except by {@link #appendAndWait},
 * which returns after their use).
 *
 * <p>When more is appended than the medium takes, append methods wait for room, and give up with
 * {@link LogBusyException} after the configured time. A full log (see {@link LogFullException}) takes records again
 * after {@link #trim}, or when it grows. A log that has failed ({@link LogFailedException}) has to be opened again;
 * reading goes on.
 *
 * <p>Threads: all methods from any thread. Callbacks and dependents of futures run on the log's thread; there, methods
 * that wait throw {@link IllegalStateException}. A caller of {@link #appendAndWait} that finds the log's thread idle
 * does its work for the time being, the flush included. A virtual thread never does: it waits parked, so that its
 * carrier serves others meanwhile, and costs the operating system no sleep and no wake-up. So blocking calls from many
 * virtual threads are the cheapest way to have many records durable.
 */
public final class PersistentLog implements AutoCloseable {
    private static final Logger LOG = System.getLogger(PersistentLog.class.getPackageName());
    private static final long FULL_PARK_NANOS = 20_000;

    /** So often nothing may move while a log is closed that still has something to append. */
    private static final int IDLE_TURNS_MAX = 10_000;

    private static final int FULL_YIELDS = 100;

    /** A thread that is nobody's: what it may read, the log's thread may. */
    private static final Thread ANY_OTHER = Thread.ofPlatform().unstarted(() -> {});

    /** What a callback is told instead of a position if nothing was to be done, see {@link LogTenant#UNDONE}. */
    static final long UNDONE = -1;

    private final String name;
    private final LogCore core;
    private final LogTenant tenant;
    private final LogRunner runner;
    private final SietchOptions options;
    private final Runnable afterClose;
    private final HandOver ring;
    private final Semaphore largeBytes;
    private final AtomicInteger spinners = new AtomicInteger();
    private final PendingTrims trims = new PendingTrims();
    private final Owner owner;
    private volatile boolean closed;
    private volatile boolean ended;

    PersistentLog(
            String name, LogCore core, LogRunner runner, SietchOptions options, LogGrowth growth, Runnable afterClose) {
        this(name, core, new PlainRecords(core), runner, options, growth, afterClose);
    }

    /** A log whose payloads are for a tenant. */
    PersistentLog(
            String name,
            LogCore core,
            LogTenant tenant,
            LogRunner runner,
            SietchOptions options,
            LogGrowth growth,
            Runnable afterClose) {
        this.name = name;
        this.core = core;
        this.tenant = tenant;
        this.runner = runner;
        this.options = options;
        this.afterClose = afterClose;
        this.ring = new HandOver(options.ringEntries(), options.slotBytes());
        this.largeBytes = new Semaphore(options.largeBytes());
        this.owner = new Owner(growth);
    }

    Hosted hosted() {
        return owner;
    }

    // ---- appending ----------------------------------------------------------------------------------------------

    /**
     * Appends a record.
     *
     * @return completes with the record's position when it is durable, or with {@link LogFullException},
     *     {@link LogFailedException} or {@link LogBusyException}
     * @throws IllegalArgumentException if it is longer than {@link #maxRecordBytes}
     */
    public CompletableFuture<Long> append(byte[] payload) {
        return append(MemorySegment.ofArray(payload), 0, payload.length);
    }

    /** As {@link #append(byte[])}, with {@code length} bytes at {@code offset} of a memory. */
    public CompletableFuture<Long> append(MemorySegment source, long offset, int length) {
        FutureAppend future = new FutureAppend();
        append(source, offset, length, future);
        return future;
    }

    /** As {@link #append(byte[])}, telling a callback. */
    public void append(byte[] payload, AppendCallback callback) {
        append(MemorySegment.ofArray(payload), 0, payload.length, callback);
    }

    /** As {@link #append(byte[], AppendCallback)}, with {@code length} bytes at {@code offset} of a memory. */
    public void append(MemorySegment source, long offset, int length, AppendCallback callback) {
        checkLength(length);
        if (!handOver(source, offset, length, callback, true)) {
            callback.completed(0, refusal());
        }
    }

    /**
     * As {@link #append(byte[], AppendCallback)}, without waiting for room.
     *
     * @return false if there is no room now, or the log is closed; the callback will not be called
     */
    public boolean tryAppend(byte[] payload, AppendCallback callback) {
        checkLength(payload.length);
        return offer(MemorySegment.ofArray(payload), 0, payload.length, callback, true);
    }

    /**
     * Appends a record and waits until it is durable. An interrupt does not end the wait; it is kept for afterwards.
     *
     * @return the record's position
     * @throws LogFullException if no segment is free
     * @throws LogFailedException if the log has failed or is closed
     * @throws LogBusyException if there was no room within the configured time
     * @throws IllegalArgumentException if it is longer than {@link #maxRecordBytes}
     */
    public long appendAndWait(byte[] payload) throws IOException {
        return appendAndWait(MemorySegment.ofArray(payload), 0, payload.length);
    }

    /** As {@link #appendAndWait(byte[])}, with {@code length} bytes at {@code offset} of a memory. */
    public long appendAndWait(MemorySegment source, long offset, int length) throws IOException {
        checkLength(length);
        refuseOnOwnThread();
        BlockingAppend append = new BlockingAppend();
        if (!handOver(source, offset, length, append, false)) {
            throw refusal();
        }
        if (!CallerTurn.run(runner, owner, append)) {
            runner.wake();
        }
        return await(append);
    }

    /** Completes when everything that was appended before this call is durable. */
    public CompletableFuture<Long> sync() {
        FutureAppend future = new FutureAppend();
        if (!handOver(MemorySegment.NULL, 0, HandOver.MARK, future, true)) {
            future.completed(0, refusal());
        }
        return future;
    }

    private long await(BlockingAppend append) throws IOException {
        // Looking for the end beats being woken, but only as long as there are fewer lookers than cores.
        boolean spin = spinners.incrementAndGet() <= options.spinners();
        try {
            return append.await(spin ? options.spinNanos() : 0);
        } finally {
            spinners.decrementAndGet();
        }
    }

    private void checkLength(int length) {
        if (length < 0 || length > core.maxRecordBytes()) {
            throw new IllegalArgumentException("record of " + length + " bytes: log \"" + name + "\" takes 0 to "
                    + core.maxRecordBytes() + " bytes");
        }
    }

    /** Hands over, waiting for room up to the configured time. */
    private boolean handOver(MemorySegment source, long offset, int length, AppendCallback callback, boolean copy) {
        if (offer(source, offset, length, callback, copy)) {
            return true;
        }
        if (runner.isCurrent()) {
            return false;
        }
        long start = System.nanoTime();
        for (int i = 0; !closed; i++) {
            if (offer(source, offset, length, callback, copy)) {
                return true;
            }
            if (System.nanoTime() - start > options.busyNanos()) {
                return false;
            }
            if (i < FULL_YIELDS) {
                Thread.yield();
            } else {
                LockSupport.parkNanos(this, FULL_PARK_NANOS);
            }
        }
        return false;
    }

    private boolean offer(MemorySegment source, long offset, int length, AppendCallback callback, boolean copy) {
        if (closed) {
            return false;
        }
        boolean large = length > ring.slotBytes();
        boolean copyLarge = large && (copy || !source.isAccessibleBy(ANY_OTHER));
        int permits = copyLarge ? Math.min(length, options.largeBytes()) : 0;
        if (copyLarge && !largeBytes.tryAcquire(permits)) {
            return false;
        }
        long sequence = ring.tryClaim();
        if (sequence < 0) {
            largeBytes.release(permits);
            return false;
        }
        if (length == HandOver.MARK) {
            ring.publish(sequence, length, null, callback);
        } else if (copyLarge) {
            publishCopy(sequence, source, offset, length, permits, callback);
        } else if (large) {
            ring.publish(sequence, length, source.asSlice(offset, length), callback);
        } else {
            ring.copy(sequence, source, offset, length, callback);
        }
        if (!(callback instanceof BlockingAppend)) {
            runner.wake();
        }
        if (ended) {
            // The owner may have looked for the last time before this was handed over.
            owner.refuseRest();
        }
        return true;
    }

    private void publishCopy(
            long sequence, MemorySegment source, long offset, int length, int permits, AppendCallback callback) {
        MemorySegment own = MemorySegment.ofArray(new byte[length]);
        MemorySegment.copy(source, offset, own, 0, length);
        ring.publish(sequence, length, own, (position, failure) -> {
            largeBytes.release(permits);
            callback.completed(position, failure);
        });
    }

    private IOException refusal() {
        return closed
                ? new LogFailedException("log \"" + name + "\" is closed")
                : new LogBusyException("log \"" + name + "\" had no room for a record within "
                        + options.busyNanos() / 1_000_000 + " ms: the medium is slower than the appending threads");
    }

    private void refuseOnOwnThread() {
        if (runner.isCurrent()) {
            throw new IllegalStateException(
                    "the thread of log \"" + name + "\" cannot wait for the log: use a future or a callback here");
        }
    }

    // ---- reading, trimming, growing ------------------------------------------------------------------------------

    /**
     * A cursor on the durable records from a position on. To be used by one thread at a time, and closed: the segment
     * it is in is kept until it moves on.
     *
     * @param position {@link #head()} or the position of a record
     */
    public LogCursor cursor(long position) throws IOException {
        return runner.call(() -> core.pinnedCursor(position));
    }

    /**
     * Reads every record, each with its checksum; on the calling thread, while others append. Damage does not end it:
     * it goes on in the next segment.
     */
    public Verification verify() throws IOException {
        try (LogCursor cursor = runner.call(() -> core.pinnedCursor(core.head()))) {
            return Verification.of(new LogScrub(cursor), 0, read -> {});
        }
    }

    /**
     * Lets all records before a position go.
     *
     * @param position of the first record to keep, or the END of the last to let go; must be durable
     * @return completes when no crash brings them back
     */
    public CompletableFuture<@Nullable Void> trim(long position) throws IOException {
        CompletableFuture<@Nullable Void> done = new CompletableFuture<>();
        runner.call(() -> {
            core.trim(position);
            trims.add(Math.min(position, core.head()), done);
            return true;
        });
        return done;
    }

    /** The position of the first record that is kept. */
    public long head() throws IOException {
        return runner.call(core::head);
    }

    /** Everything before this position is durable. */
    public long durable() {
        return core.durable();
    }

    /** What recovery found when the log was opened. */
    public LogTail tail() {
        return core.tail();
    }

    /** The longest record that this log takes, in bytes. */
    public int maxRecordBytes() {
        return core.maxRecordBytes();
    }

    /** What this log has done since it was opened. */
    public LogMetrics metrics() {
        return core.metrics();
    }

    public String name() {
        return name;
    }

    /**
     * Makes everything appended durable and closes. Appends from now on fail. Waits for the medium, without a bound:
     * before it answers, nobody can say what is durable, and the area is in use by what is under way. Who cannot wait
     * that long calls this on a thread of its own, or ends the process: what was acknowledged is there when the log is
     * opened again.
     *
     * @throws LogFailedException if what was appended could not be made durable
     */
    @Override
    public void close() throws IOException {
        if (closed) {
            return;
        }
        closed = true;
        runner.call(() -> {
            owner.close();
            return true;
        });
    }

    @Override
    public String toString() {
        return "PersistentLog[" + name + "]";
    }

    /** The log's side of the hand-over; its thread only. */
    private final class Owner implements Hosted, Poller, CallerTurn {
        private final AutoGrowth growth;
        private final WakeUps wakeUps = new WakeUps();
        private final GuestTurn guest = new GuestTurn(this);

        Owner(LogGrowth growth) {
            this.growth = new AutoGrowth(this, core, growth, options.maxLogBytes());
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public LogCore log() {
            return core;
        }

        @Override
        public boolean isClosed() {
            return closed;
        }

        @Override
        public long idleNanos() {
            return ended ? Long.MAX_VALUE : tenant.idleNanos();
        }

        @Override
        public boolean hasEnded() {
            return ended;
        }

        @Override
        public int pollForCaller() {
            return guest.poll(false);
        }

        @Override
        public boolean owesOthers() {
            return guest.owesOthers();
        }

        @Override
        public int pollSafely() {
            try {
                guest.rethrow();
                return poll();
            } catch (RuntimeException | Error e) {
                LOG.log(Level.ERROR, PersistentLog.this + " ended by a failure", e);
                closed = true;
                abort();
                return 1;
            }
        }

        @Override
        public int poll() {
            if (ended) {
                return 0;
            }
            int work = growth.poll();
            int drained = drain();
            if (drained > 0) {
                core.commit();
            }
            if (drained > 0 || ring.hasNext()) {
                growth.askForRoom(tenant.areaBytesWanted());
            }
            work += drained + core.poll();
            work += tenant.poll();
            work += completeDurable();
            return work + completeTrims();
        }

        private int drain() {
            int drained = 0;
            while (ring.hasNext()) {
                int length = ring.nextLength();
                boolean mark = length == HandOver.MARK;
                long end = mark ? core.appended() : tenant.append(ring.nextSegment(), ring.nextOffset(), length);
                if (end == LogCore.BUSY || end == LogCore.NO_SPACE && growth.mayGrow(tenant.areaBytesWanted())) {
                    break;
                }
                boolean undone = end == LogTenant.UNDONE;
                ring.appended(undone ? core.appended() : end, undone);
                drained++;
            }
            return drained;
        }

        // ---- completing ----

        private int completeDurable() {
            if (core.isFailed()) {
                settle();
            }
            int completed;
            try {
                completed = completeUpTo(tenant.completed());
            } finally {
                wakeUps.end();
            }
            return completed;
        }

        private int completeUpTo(long done) {
            int completed = 0;
            HandOver.Entry entry;
            while ((entry = ring.oldest()) != null) {
                long end = entry.end;
                if (end > done && !core.isFailed()) {
                    break;
                }
                IOException failure = end >= 0 && end <= done ? null : failure(end);
                if (entry.callback instanceof BlockingAppend sleeping) {
                    ring.complete(sleeping, positionOf(entry), failure, wakeUps);
                } else if (guest.isPolling()) {
                    guest.leaveToOthers();
                    break;
                } else {
                    complete(positionOf(entry), failure);
                }
                completed++;
            }
            if (completed > 0) {
                ring.release();
            }
            return completed;
        }

        private long positionOf(HandOver.Entry entry) {
            if (entry.undone) {
                return UNDONE;
            }
            return entry.length == HandOver.MARK ? entry.end : LogCore.start(entry.end, entry.length);
        }

        /** Lets the tenant come to the end of what is durable. */
        private void settle() {
            while (tenant.completed() < core.durable()) {
                tenant.poll();
            }
        }

        private void complete(long position, @Nullable IOException failure) {
            try {
                ring.complete(position, failure);
            } catch (RuntimeException e) {
                // The record's fate is settled; whoever wanted to hear of it failed to listen.
                LOG.log(Level.ERROR, "a callback of log \"" + name + "\" threw", e);
            }
        }

        private IOException failure(long end) {
            if (end == LogCore.NO_SPACE) {
                IOException why = growth.failure();
                return new LogFullException("log \"" + name + "\" has no free segment: trim it, or let it grow"
                        + (why == null ? "" : " (" + why.getMessage() + ")")
                        + tenant.whyFull());
            }
            return new LogFailedException("log \"" + name + "\" takes no more records: "
                    + (core.tail() instanceof LogTail.Corrupt corrupt
                            ? corrupt.detail()
                            : "a write or flush failed, it is read-only, or it was closed; open it again"));
        }

        private int completeTrims() {
            if (guest.isPolling() && !trims.isEmpty()) {
                guest.leaveToOthers();
                return 0;
            }
            int completed = trims.complete(core.trimmed());
            if (completed > 0) {
                growth.forgetFailure();
            }
            if ((core.isFailed() || ended) && !trims.isEmpty()) {
                completed += trims.fail(failure(LogCore.FAILED));
            }
            return completed;
        }

        // ---- ending ----

        void close() throws IOException {
            if (ended) {
                return;
            }
            growth.giveUp(new IOException("the log is being closed"));
            for (int idle = 0; ring.hasNext() && idle < IDLE_TURNS_MAX; ) {
                int work = drain();
                core.awaitDurable();
                work += tenant.poll();
                settle();
                idle = work + completeDurable() > 0 ? 0 : idle + 1;
                if (idle > 0) {
                    // Room may come when a reader leaves. What still found none is refused.
                    LockSupport.parkNanos(this, FULL_PARK_NANOS);
                }
            }
            try {
                core.close();
            } finally {
                settle();
                completeDurable();
                end();
            }
        }

        /** After a failure of the code: tells everybody, and touches nothing else. */
        void abort() {
            while (ring.oldest() != null) {
                complete(0, failure(LogCore.FAILED));
            }
            end();
        }

        private void end() {
            ended = true;
            completeTrims();
            refuseRest();
            afterClose.run();
        }

        /** After the end: the log's thread, or those who came too late, one at a time. */
        synchronized void refuseRest() {
            while (ring.hasNext()) {
                ring.appended(LogCore.FAILED, false);
                complete(0, failure(LogCore.FAILED));
            }
            ring.release();
        }
    }
}
