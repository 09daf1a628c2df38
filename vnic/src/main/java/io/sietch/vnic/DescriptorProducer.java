package io.sietch.vnic;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/** The writing end of a ring of descriptors. One thread; the other end may be another process. */
final class DescriptorProducer {
    private static final VarHandle WORD = ValueLayout.JAVA_LONG.varHandle();

    private final MemorySegment memory;
    private final long at;
    private final int mask;
    private final int shift;
    private long produced;
    private long consumed;

    /** @param ring one of those of {@link VnicFormat} */
    DescriptorProducer(MemorySegment memory, int ring, int buffers) {
        this.memory = memory;
        this.at = VnicFormat.ringAt(ring, buffers);
        this.mask = buffers - 1;
        this.shift = Integer.numberOfTrailingZeros(buffers);
        this.produced = (long) WORD.getAcquire(memory, at + VnicFormat.PRODUCED);
        this.consumed = (long) WORD.getAcquire(memory, at + VnicFormat.CONSUMED);
    }

    /** Appends a descriptor and shows it. Returns false if the ring is full. */
    boolean put(long place, long meta) {
        if (produced - consumed > mask) {
            consumed = (long) WORD.getAcquire(memory, at + VnicFormat.CONSUMED);
            if (produced - consumed > mask) {
                return false;
            }
        }
        long entry = at + VnicFormat.ENTRIES + (produced & mask) * VnicFormat.DESCRIPTOR_BYTES;
        memory.set(ValueLayout.JAVA_LONG, entry, place);
        WORD.setRelease(memory, entry + 8, VnicFormat.inLap(meta, produced, shift));
        // For whoever opens the ring anew: who waits for descriptors does not look here.
        WORD.setOpaque(memory, at + VnicFormat.PRODUCED, ++produced);
        return true;
    }
}
