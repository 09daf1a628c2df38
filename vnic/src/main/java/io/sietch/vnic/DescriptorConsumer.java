package io.sietch.vnic;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/**
 * The reading end of a ring of descriptors. One thread; the other end may be another process, so a descriptor is read
 * once and never again, and means nothing until it was checked.
 */
final class DescriptorConsumer {
    private static final VarHandle WORD = ValueLayout.JAVA_LONG.varHandle();

    private final MemorySegment memory;
    private final long at;
    private final int mask;
    private final int shift;
    private long consumed;
    private long place;
    private long meta;

    /** @param ring one of those of {@link VnicFormat} */
    DescriptorConsumer(MemorySegment memory, int ring, int buffers) {
        this.memory = memory;
        this.at = VnicFormat.ringAt(ring, buffers);
        this.mask = buffers - 1;
        this.shift = Integer.numberOfTrailingZeros(buffers);
        this.consumed = (long) WORD.getAcquire(memory, at + VnicFormat.CONSUMED);
    }

    /** Looks at the next descriptor. Returns false if there is none. */
    boolean peek() {
        long entry = entry();
        long shown = (long) WORD.getAcquire(memory, entry + 8);
        if (!VnicFormat.isInLap(shown, consumed, shift)) {
            return false;
        }
        place = memory.get(ValueLayout.JAVA_LONG, entry);
        meta = shown;
        return true;
    }

    /** Whether there is none, as far as can be seen. */
    boolean isEmpty() {
        return !VnicFormat.isInLap((long) WORD.getAcquire(memory, entry() + 8), consumed, shift);
    }

    private long entry() {
        return at + VnicFormat.ENTRIES + (consumed & mask) * VnicFormat.DESCRIPTOR_BYTES;
    }

    /** Takes the descriptor that was looked at. */
    void take() {
        WORD.setRelease(memory, at + VnicFormat.CONSUMED, ++consumed);
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
