package io.sietch.persistent;

import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Tells when nobody can still read what was taken out of reach. Readers announce themselves and take no lock; the one
 * owner first makes something unreachable, then begins a new epoch, and uses it again when all readers of earlier
 * epochs have left.
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>A reader holds one seat, and its seat shows an epoch that is not later than its entry.
 *   <li>A reader that took its seat after the owner has looked at it finds everything that the owner did before; so
 *       what the owner had made unreachable by then, it does not find.
 *   <li>Who reads without a seat has read what a reader with one would have, if no memory was used again meanwhile: the
 *       owner counts that before it does so.
 * </ol>
 */
final class ReadEpochs {
    /** How many readers there can be at a time. The next one waits. */
    static final int SEATS = 128;

    /** A seat has two cache lines to itself. */
    private static final int STRIDE = 128 / Long.BYTES;

    private static final long FREE = 0;

    private final int mask;
    private final AtomicLongArray seats;
    private volatile long epoch = 1;
    private volatile long reuses;

    ReadEpochs() {
        this(SEATS);
    }

    /** @param count of the seats, a power of two */
    ReadEpochs(int count) {
        this.mask = count - 1;
        this.seats = new AtomicLongArray(count * STRIDE);
    }

    /** Takes a seat; any thread. It must be left soon: what is read now is not used again before. */
    int enter() {
        int seat = (int) Checksum.mix(Thread.currentThread().threadId());
        for (int tries = 1; ; seat++, tries++) {
            seat &= mask;
            if (seats.compareAndSet(seat * STRIDE, FREE, epoch)) {
                return seat;
            }
            if ((tries & mask) == 0) {
                Thread.yield();
            }
        }
    }

    /** Leaves a seat. */
    void leave(int seat) {
        seats.setRelease(seat * STRIDE, FREE);
    }

    /** Begins to read without a seat. Returns what {@link #isStill} is to be asked for. */
    long begin() {
        return reuses;
    }

    /** Whether what was read since {@link #begin} returned this counts: no memory was used again. */
    boolean isStill(long begun) {
        VarHandle.acquireFence();
        return reuses == begun;
    }

    /** The owner is going to use memory again, all of whose readers with a seat have left. */
    @SuppressWarnings("NonAtomicVolatileUpdate") // one thread writes
    void reuse() {
        reuses++;
        VarHandle.fullFence();
    }

    /** The owner has made something unreachable. Returns what {@link #passed} is to be asked for. */
    long advance() {
        long next = epoch + 1;
        epoch = next;
        return next;
    }

    /** Whether all who entered before {@link #advance} returned this have left. */
    boolean passed(long advanced) {
        for (int seat = 0; seat <= mask; seat++) {
            long shown = seats.get(seat * STRIDE);
            if (shown != FREE && shown < advanced) {
                return false;
            }
        }
        return true;
    }
}
