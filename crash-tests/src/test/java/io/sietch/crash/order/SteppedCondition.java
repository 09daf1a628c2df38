package io.sietch.crash.order;

import java.util.ArrayDeque;
import java.util.Date;
import java.util.Deque;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** A condition on which {@link Turns} let wait. */
final class SteppedCondition implements Condition {
    private static final class Waiter {
        boolean signalled;
    }

    private final ReentrantLock lock;
    private final Deque<Waiter> waiters = new ArrayDeque<>();

    SteppedCondition(ReentrantLock lock) {
        this.lock = lock;
    }

    @Override
    public long awaitNanos(long nanos) {
        Turns.Worker worker = Objects.requireNonNull(Turns.worker());
        long until = worker.now() + nanos;
        Waiter waiter = new Waiter();
        waiters.add(waiter);
        lock.unlock();
        worker.await(() -> waiter.signalled, nanos);
        waiters.remove(waiter);
        Steps.lock(lock);
        return waiter.signalled ? Math.max(1, nanos) : until - worker.now();
    }

    @Override
    public void signal() {
        if (!waiters.isEmpty()) {
            waiters.remove().signalled = true;
        }
    }

    @Override
    public void signalAll() {
        while (!waiters.isEmpty()) {
            signal();
        }
    }

    @Override
    public void await() {
        awaitNanos(Long.MAX_VALUE);
    }

    @Override
    public void awaitUninterruptibly() {
        await();
    }

    @Override
    public boolean await(long time, TimeUnit unit) {
        return awaitNanos(unit.toNanos(time)) > 0;
    }

    @Override
    public boolean awaitUntil(Date deadline) {
        throw new UnsupportedOperationException("there is no calendar here");
    }
}
