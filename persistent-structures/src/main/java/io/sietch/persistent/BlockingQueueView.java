package io.sietch.persistent;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.AbstractQueue;
import java.util.Collection;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A {@link PersistentQueue} as the JDK's interface has it. Every change is durable when its method returns. */
final class BlockingQueueView<E> extends AbstractQueue<E> implements BlockingQueue<E> {
    /** So many items are drained with one commit. */
    private static final int DRAIN = 1024;

    private final PersistentQueue<E> queue;

    /** What may fail as the medium can. */
    @FunctionalInterface
    private interface Io<T extends @Nullable Object> {
        T run() throws IOException;
    }

    /** What may fail as the medium can, and waits. */
    @FunctionalInterface
    private interface WaitingIo<T extends @Nullable Object> {
        T run() throws IOException, InterruptedException;
    }

    BlockingQueueView(PersistentQueue<E> queue) {
        this.queue = queue;
    }

    private static <T extends @Nullable Object> T unchecked(Io<T> io) {
        try {
            return io.run();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static <T extends @Nullable Object> T waiting(WaitingIo<T> io) throws InterruptedException {
        try {
            return io.run();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public boolean offer(E value) {
        return unchecked(() -> queue.offer(value));
    }

    @Override
    public boolean offer(E value, long timeout, TimeUnit unit) throws InterruptedException {
        return waiting(() -> queue.offer(value, timeout, unit));
    }

    @Override
    public void put(E value) throws InterruptedException {
        waiting(() -> {
            queue.put(value);
            return true;
        });
    }

    @Override
    public @Nullable E poll() {
        return BlockingQueueView.<@Nullable E>unchecked(queue::poll);
    }

    @Override
    public @Nullable E poll(long timeout, TimeUnit unit) throws InterruptedException {
        return BlockingQueueView.<@Nullable E>waiting(() -> queue.poll(timeout, unit));
    }

    @Override
    public E take() throws InterruptedException {
        return waiting(queue::take);
    }

    @Override
    public @Nullable E peek() {
        return BlockingQueueView.<@Nullable E>unchecked(queue::peek);
    }

    @Override
    public int size() {
        return (int) Math.min(Integer.MAX_VALUE, unchecked(queue::size));
    }

    /** The bound is one of bytes, not of items. */
    @Override
    public int remainingCapacity() {
        return Integer.MAX_VALUE;
    }

    @Override
    public int drainTo(Collection<? super E> target) {
        return drainTo(target, Integer.MAX_VALUE);
    }

    @Override
    public int drainTo(Collection<? super E> target, int max) {
        if (target == this) {
            throw new IllegalArgumentException("a queue cannot be drained to itself");
        }
        int drained = 0;
        while (drained < max) {
            int wanted = Math.min(DRAIN, max - drained);
            List<E> values = unchecked(() -> queue.poll(wanted));
            target.addAll(values);
            drained += values.size();
            if (values.isEmpty()) {
                break;
            }
        }
        return drained;
    }

    /** Over what is there now; nothing can be removed through it. */
    @Override
    public Iterator<E> iterator() {
        return Collections.unmodifiableList(unchecked(queue::snapshot)).iterator();
    }
}
