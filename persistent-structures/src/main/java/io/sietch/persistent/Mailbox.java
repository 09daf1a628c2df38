package io.sietch.persistent;

import com.lmax.disruptor.BusySpinWaitStrategy;
import com.lmax.disruptor.InsufficientCapacityException;
import com.lmax.disruptor.RingBuffer;
import com.lmax.disruptor.Sequence;
import org.jspecify.annotations.Nullable;

/**
 * What any number of threads hand to one, in a ring of fixed size.
 *
 * @param <T> what is handed over
 */
final class Mailbox<T> {
    private static final class Slot<T> {
        private @Nullable T content;
    }

    private final RingBuffer<Slot<T>> ring;
    private final Sequence taken = new Sequence();
    private long next;

    /**
     * @param entries a power of two
     */
    Mailbox(int entries) {
        this.ring = RingBuffer.createMultiProducer(Slot::new, entries, new BusySpinWaitStrategy());
        ring.addGatingSequences(taken);
    }

    /** Hands something over. Any thread. Returns false if there is no room. */
    boolean tryPut(T content) {
        long sequence;
        try {
            sequence = ring.tryNext();
        } catch (InsufficientCapacityException full) {
            return false;
        }
        ring.get(sequence).content = content;
        ring.publish(sequence);
        return true;
    }

    /** What {@link #poll} would take. The one thread. */
    @Nullable
    T peek() {
        return ring.isAvailable(next) ? ring.get(next).content : null;
    }

    /** Takes what was handed over first, or null. The one thread. */
    @Nullable
    T poll() {
        if (!ring.isAvailable(next)) {
            return null;
        }
        Slot<T> slot = ring.get(next);
        T content = slot.content;
        slot.content = null;
        taken.set(next++);
        return content;
    }
}
