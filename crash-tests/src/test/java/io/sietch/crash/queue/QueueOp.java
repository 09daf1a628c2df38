package io.sietch.crash.queue;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.zip.CRC32;

/** What a workload does to a queue. */
sealed interface QueueOp {
    /** Appends an item. */
    record Offer(Value value) implements QueueOp {}

    /** Hands an item out for a time; the consumer has seen it. */
    record Lease(Value value) implements QueueOp {}

    /**
     * Says that an item is done; for one that was taken, this is what has to be durable before the consumer sees it.
     */
    record Ack(Value value) implements QueueOp {}

    /**
     * A value, of which only a digest is kept.
     *
     * @param number of its own, which its bytes begin with
     */
    record Value(long number, int length, long digest) {
        /** The shortest value. */
        static final int MIN = Long.BYTES;

        static Value fill(long number, MemorySegment segment, long offset, int length) {
            segment.set(ValueLayout.JAVA_LONG_UNALIGNED, offset, number);
            for (int i = MIN; i < length; i++) {
                segment.set(ValueLayout.JAVA_BYTE, offset + i, (byte) (number * 7 + i % 11));
            }
            return read(segment, offset, length);
        }

        static Value read(MemorySegment segment, long offset, int length) {
            CRC32 crc = new CRC32();
            crc.update(segment.asSlice(offset, length).asByteBuffer());
            long number = length < MIN ? -1 : segment.get(ValueLayout.JAVA_LONG_UNALIGNED, offset);
            return new Value(number, length, crc.getValue());
        }
    }
}
