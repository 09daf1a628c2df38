package io.sietch.vnic;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/**
 * The reading end of a ring of descriptors. One thread; the other end may be another process, so a descriptor is read
 * once and never again, and means nothing until it was checked.
 */
final class DescriptorConsumer {
    private static final VarHandle POSITION = ValueLayout.JAVA_LONG.varHandle();

    private final MemorySegment memory;
    private final long at;
    private final int mask;
    private long consumed;
    private long produced;
    private long place;
    private long meta;

    /** @param ring one of those of {@link VnicFormat} */
    DescriptorConsumer(MemorySegment memory, int ring, int buffers) {
        this.memory = memory;
        this.at = VnicFormat.ringAt(ring, buffers);
        this.mask = buffers - 1;
        this.consumed = (long) POSITION.getAcquire(memory, at + VnicFormat.CONSUMED);
        this.produced = consumed;
    }

    /** Looks at the next descriptor. Returns false if there is none, or if the other end's position makes no sense. */
    boolean peek() {
        if (consumed == produced) {
            long shown = (long) POSITION.getAcquire(memory, at + VnicFormat.PRODUCED);
            long available = shown - consumed;
            if (available <= 0 || available > mask + 1) {
                return false;
            }
            produced = shown;
        }
        long entry = at + VnicFormat.ENTRIES + (consumed & mask) * VnicFormat.DESCRIPTOR_BYTES;
        place = memory.get(ValueLayout.JAVA_LONG, entry);
        meta = memory.get(ValueLayout.JAVA_LONG, entry + 8);
        return true;
    }

    /** Whether there is one, as far as can be seen. */
    boolean isEmpty() {
        return consumed == produced && (long) POSITION.getAcquire(memory, at + VnicFormat.PRODUCED) == consumed;
    }

    /** Takes the descriptor that was looked at. */
    void take() {
        POSITION.setRelease(memory, at + VnicFormat.CONSUMED, ++consumed);
    }

    /** The first word of the descriptor that was looked at. */
    long place() {
        return place;
    }

    /** Its second word. */
    long meta() {
        return meta;
    }
}
