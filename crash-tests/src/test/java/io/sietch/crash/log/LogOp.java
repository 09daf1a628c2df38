package io.sietch.crash.log;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.zip.CRC32;

/** What a workload does to a log. */
sealed interface LogOp {
    /** The area of the log. */
    int area();

    /** Appends a record with this payload, which lies where the log says. */
    record Append(int area, Payload payload, long end) implements LogOp {}

    /** Lets everything before a position go. */
    record Trim(int area, long position) implements LogOp {}

    /**
     * A payload of which only a digest is kept.
     *
     * @param name tells in failures which one it is
     */
    record Payload(String name, int length, long digest) {
        private static final int PERIOD = 13;
        private static final byte[] REST = new byte[PERIOD << 10];

        static {
            for (int i = 0; i < REST.length; i++) {
                REST[i] = (byte) (0x50 + i % PERIOD);
            }
        }

        /** What is read from a log; who wrote it shows in the digest alone. */
        static Payload read(MemorySegment segment, long offset, int length) {
            return new Payload("", length, digest(segment, offset, length));
        }

        /**
         * A payload that begins with a number of its own, as far as it fits; the rest equals that of every other one.
         */
        static Payload fill(String name, long id, MemorySegment segment, long offset, int length) {
            for (int i = 0; i < length; i += REST.length) {
                MemorySegment.copy(
                        REST, 0, segment, ValueLayout.JAVA_BYTE, offset + i, Math.min(REST.length, length - i));
            }
            for (int i = 0; i < Math.min(length, Long.BYTES); i++) {
                segment.set(ValueLayout.JAVA_BYTE, offset + i, (byte) (id >>> 8 * i));
            }
            return new Payload(name, length, digest(segment, offset, length));
        }

        private static long digest(MemorySegment segment, long offset, int length) {
            CRC32 crc = new CRC32();
            crc.update(segment.asSlice(offset, length).asByteBuffer());
            long head = 0;
            for (int i = 0; i < Math.min(length, Long.BYTES); i++) {
                head |= (segment.get(ValueLayout.JAVA_BYTE, offset + i) & 0xffL) << 8 * i;
            }
            return crc.getValue() << 32 ^ head;
        }
    }
}
