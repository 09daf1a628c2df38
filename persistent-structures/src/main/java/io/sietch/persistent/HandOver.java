package io.sietch.persistent;

import com.lmax.disruptor.BusySpinWaitStrategy;
import com.lmax.disruptor.InsufficientCapacityException;
import com.lmax.disruptor.RingBuffer;
import com.lmax.disruptor.Sequence;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * What many threads hand to the owner of a log, and what becomes of it: a ring of entries that each go from handed over
 * to appended to completed, in this order of the ring.
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>{@code completed <= appended <= handed over}, as sequences; an entry is reused when it was completed.
 *   <li>Entries are completed in ring order, so in the order of positions.
 *   <li>The bytes of a short payload lie in the ring's memory; a longer one is referred to.
 * </ol>
 */
final class HandOver {
    /** A record, or (with a length of {@link #MARK}) a mark that completes when all before it is durable. */
    static final class Entry {
        int length;

        @Nullable
        MemorySegment large;

        @Nullable
        AppendCallback callback;
        /** The END position once appended, or a refusal of {@link LogCore#claim}. */
        long end;

        boolean undone;
    }

    static final int MARK = -1;

    private final RingBuffer<Entry> ring;
    private final MemorySegment slots;
    private final int slotBytes;
    private final Sequence completed = new Sequence();

    // The owner's.
    private long nextToAppend;
    private long nextToComplete;

    HandOver(int entries, int slotBytes) {
        this.ring = RingBuffer.createMultiProducer(Entry::new, entries, new BusySpinWaitStrategy());
        this.slotBytes = slotBytes;
        this.slots = Arena.ofAuto().allocate((long) entries * slotBytes, 64);
        ring.addGatingSequences(completed);
    }

    int slotBytes() {
        return slotBytes;
    }

    // ---- any thread ---------------------------------------------------------------------------------------------

    /** Takes an entry of the ring, or returns -1 if it is full. The entry must be handed over. */
    long tryClaim() {
        try {
            return ring.tryNext();
        } catch (InsufficientCapacityException full) {
            return -1;
        }
    }

    /** Hands over a record whose bytes are copied. It must not be longer than {@link #slotBytes}. */
    void copy(long sequence, MemorySegment source, long offset, int length, AppendCallback callback) {
        MemorySegment.copy(source, offset, slots, slotOffset(sequence), length);
        publish(sequence, length, null, callback);
    }

    /** Hands over a record by reference, or a mark. The bytes must stay until it is completed. */
    void publish(long sequence, int length, @Nullable MemorySegment large, AppendCallback callback) {
        Entry entry = ring.get(sequence);
        entry.length = length;
        entry.large = large;
        entry.callback = callback;
        ring.publish(sequence);
    }

    private long slotOffset(long sequence) {
        return (sequence & (ring.getBufferSize() - 1)) * slotBytes;
    }

    // ---- the owner ----------------------------------------------------------------------------------------------

    /** Whether an entry waits to be appended. */
    boolean hasNext() {
        return ring.isAvailable(nextToAppend);
    }

    /** The length of the next record to append, or {@link #MARK}. */
    int nextLength() {
        return ring.get(nextToAppend).length;
    }

    /** The memory that the payload of the next record lies in. */
    MemorySegment nextSegment() {
        MemorySegment large = ring.get(nextToAppend).large;
        return large != null ? large : slots;
    }

    /** Where in {@link #nextSegment} the payload begins. */
    long nextOffset() {
        return ring.get(nextToAppend).large != null ? 0 : slotOffset(nextToAppend);
    }

    /**
     * The next record was appended, or refused.
     *
     * @param undone nothing was to be done, as of this END position
     */
    void appended(long endOrRefusal, boolean undone) {
        Entry entry = ring.get(nextToAppend++);
        entry.end = endOrRefusal;
        entry.undone = undone;
        entry.large = null;
    }

    /** The first entry that is appended and not completed, or null. */
    @Nullable
    Entry oldest() {
        return nextToComplete < nextToAppend ? ring.get(nextToComplete) : null;
    }

    /** Tells the oldest entry what became of it. Its room is free after {@link #release}. */
    void complete(long position, @Nullable IOException failure) {
        Entry entry = ring.get(nextToComplete++);
        AppendCallback callback = entry.callback;
        entry.callback = null;
        if (callback != null) {
            callback.completed(position, failure);
        }
    }

    /** As {@link #complete}, for a caller that sleeps: it is told with others, who waited for the same. */
    void complete(BlockingAppend sleeping, long position, @Nullable IOException failure, WakeUps wakeUps) {
        ring.get(nextToComplete++).callback = null;
        sleeping.outcome(position, failure);
        wakeUps.add(sleeping);
    }

    /** Gives the room of completed entries back. */
    void release() {
        completed.set(nextToComplete - 1);
    }
}
