package io.sietch.vnic;

import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

/**
 * Lets many threads use one {@link VnicClient}. Whoever waits polls it, under a lock, for a while; then it sleeps and
 * leaves that to the engine's own thread.
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>The client is used under the lock alone, but for what waits in its selector, which is the engine's thread.
 *   <li>Before a thread sleeps, the server is asked to wake the engine, and the rings are looked at once more.
 *   <li>While threads use sockets the server is not asked to wake anybody: that would cost it a system call for each
 *       answer. The engine's thread then looks now and then ({@link #GRACE_NANOS}).
 * </ol>
 */
final class VnicEngine implements AutoCloseable {
    /** So long after a socket was used last the engine's thread goes on looking of itself. */
    private static final long GRACE_NANOS = 20_000_000L;

    private final VnicClient client;
    private final SharedVnic shared;
    private final long spinNanos;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition moved = lock.newCondition();
    private final Thread thread;
    // Under the lock.
    private boolean wakeable;
    private int sleepers; // that were not told yet
    private long usedAt;
    private boolean closed;

    VnicEngine(VnicClient client, long spinNanos) {
        this.client = client;
        this.shared = client.shared();
        this.spinNanos = spinNanos;
        this.usedAt = System.nanoTime();
        this.thread = Thread.ofPlatform().daemon().name("vnic-sockets").start(this::run);
    }

    VnicClient client() {
        return client;
    }

    void lock() {
        lock.lock();
    }

    void unlock() {
        lock.unlock();
    }

    boolean isOpen() {
        return !closed && client.isOpen();
    }

    /** A thread uses a socket: sends what it has written, and takes what has come. Under the lock. */
    void use() {
        if (closed) {
            return;
        }
        usedAt = System.nanoTime();
        if (wakeable) {
            wakeable = false;
            shared.asksToBeWoken(false);
            // The engine's thread may be about to sleep for long.
            shared.wake();
        }
        if (client.poll() > 0) {
            wakeSleepers();
        }
    }

    /** Has everybody who waits look again. Under the lock. */
    void wakeAll() {
        moved.signalAll();
    }

    private void wakeSleepers() {
        if (sleepers > 0) {
            sleepers = 0;
            moved.signalAll();
        }
    }

    /**
     * Waits. Under the lock, which is given up meanwhile.
     *
     * @param done what is waited for; {@link #use} may make it true
     * @param maxNanos how long at most; {@link Long#MAX_VALUE} for ever
     * @return false if the time is over
     */
    boolean await(BooleanSupplier done, long maxNanos) throws InterruptedException {
        long begin = System.nanoTime();
        use();
        while (!done.getAsBoolean() && isOpen()) {
            long waited = System.nanoTime() - begin;
            if (waited >= maxNanos) {
                return false;
            }
            if (waited < spinNanos) {
                pause(waited);
                use();
            } else {
                sleep(maxNanos - waited);
            }
        }
        return true;
    }

    /** Lets others have the lock for a moment. */
    private void pause(long spunNanos) {
        lock.unlock();
        try {
            Spinning.pause(spunNanos);
        } finally {
            lock.lock();
        }
    }

    /** Invariant 2. */
    private void sleep(long nanos) throws InterruptedException {
        if (!wakeable) {
            wakeable = true;
            shared.asksToBeWoken(true);
        }
        if (!shared.vnic().isEmpty()) {
            use();
            return;
        }
        sleepers++;
        if (moved.awaitNanos(nanos) <= 0) {
            sleepers = Math.max(0, sleepers - 1);
        }
    }

    private void run() {
        try {
            while (true) {
                long idle;
                lock.lock();
                try {
                    if (closed) {
                        return;
                    }
                    if (client.poll() > 0 && sleepers > 0) {
                        usedAt = System.nanoTime();
                        wakeSleepers();
                    }
                    if (!client.isOpen()) {
                        moved.signalAll();
                        return;
                    }
                    idle = idleNanos();
                } finally {
                    lock.unlock();
                }
                if (idle > 0) {
                    shared.select(idle);
                    shared.listen();
                    rung();
                }
            }
        } catch (IOException e) {
            // The socket is broken, as if the server had ended.
            close();
        }
    }

    /** How long the engine's thread may sleep. Under the lock. */
    private long idleNanos() {
        long now = System.nanoTime();
        long idle = client.stack().idleNanos(now);
        if (sleepers == 0 && !wakeable && now - usedAt < GRACE_NANOS) {
            return Math.min(idle, GRACE_NANOS);
        }
        wakeable = true;
        shared.asksToBeWoken(true);
        return shared.vnic().isEmpty() ? idle : 0;
    }

    /** Whoever rang has taken the request to be woken back. */
    private void rung() {
        lock.lock();
        wakeable = false;
        lock.unlock();
    }

    @Override
    public void close() {
        lock.lock();
        try {
            if (closed) {
                return;
            }
            closed = true;
            client.stack().close();
            moved.signalAll();
        } finally {
            lock.unlock();
        }
        shared.wake();
        if (Thread.currentThread() != thread) {
            joinThread();
        }
        closeClient();
    }

    private void joinThread() {
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join(TimeUnit.SECONDS.toMillis(10));
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Memory may go only when nobody looks at it any more: under the lock, and not in the middle of a look. */
    private void closeClient() {
        lock.lock();
        try {
            shared.close();
        } catch (IOException e) {
            System.getLogger(VnicEngine.class.getPackageName())
                    .log(System.Logger.Level.DEBUG, "cannot close the socket of a VNIC", e);
        } finally {
            lock.unlock();
        }
    }
}
