package io.sietch.vnic;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * The memory that a VNIC and its device share: four rings of descriptors and the buffers they speak of.
 *
 * <pre>
 *  0       8         12       16             20         24    32            40         128          192
 *  ├ magic ┼ version ┼ buffers ┼ bufferBytes ┼ address ─┼ MAC ┼ totalBytes ┼ features ┼ app sleeps ┼ device sleeps
 *
 *  256       512          each ring                                             multiple of 4096
 *  ├ revoked ┼ fill ring ┼ receive ring ┼ transmit ring ┼ completion ring ┼ 0 ┼ buffers x bufferBytes ┤
 *
 *  ring        0                  64                  128
 *              ├ produced ┼ 0 ────┼ consumed ┼ 0 ─────┼ buffers x descriptor ┤
 *
 *  descriptor  0        4        8       10               12            14     16
 *              ├ offset ┼ length ┼ flags ┼ checksum start ┼ checksum at ┼ lap ┤
 * </pre>
 *
 * <p>Each ring has room for every buffer, so no ring is ever full; what runs out is buffers. Positions only grow. The
 * fill and the transmit ring are written by the application, the other two by the device.
 *
 * <p>The lap says how often the ring has been gone round, from 1, modulo 65536. It is written last, and shows that the
 * descriptor is there: so whoever waits for one looks at the descriptor itself, as with the phase tag of an NVMe
 * completion (NVM Express base specification, "Completion Queue Entry") and the flags of a packed virtqueue (Virtual
 * I/O Device 1.2, 2.8.1). With a position to look at first, another line would have to come from another processor.
 */
final class VnicFormat {
    /** "SIETVNIC" in memory order. */
    static final long MAGIC = 0x43494E5654454953L;

    static final int FORMAT_VERSION = 2;

    static final int MAX_BUFFERS = 1 << 15;
    static final int MAX_BUFFER_BYTES = 1 << 16;
    static final int MIN_BUFFER_BYTES = 256;

    static final long APPLICATION_SLEEPS = 128;
    static final long DEVICE_SLEEPS = 192;

    /**
     * Not 0 once the control plane has taken the VNIC away. For the application to read; the device knows by itself.
     */
    private static final long REVOKED = 256;

    static final int FILL = 0;
    static final int RECEIVE = 1;
    static final int TRANSMIT = 2;
    static final int COMPLETION = 3;

    static final int PRODUCED = 0;
    static final int CONSUMED = 64;
    static final int ENTRIES = 128;
    static final int DESCRIPTOR_BYTES = 16;

    /** The checksum at "checksum at" is to be completed, over everything from "checksum start". */
    static final int NEEDS_CHECKSUM = 1;
    /** The device vouches for the checksums. */
    static final int CHECKED = 2;
    /** The buffer holds a packet of a stream, as {@link VsockFormat} has it, and not a frame. */
    static final int STREAM = 4;

    /** Among the features: the device takes packets of streams. */
    static final int STREAMS = 1;

    private static final int VERSION = 8;
    private static final int BUFFERS = 12;
    private static final int BUFFER_BYTES = 16;
    private static final int ADDRESS = 20;
    private static final int MAC = 24;
    private static final int TOTAL_BYTES = 32;
    private static final int FEATURES = 40;
    private static final int RINGS = 512;
    private static final int PAGE = 4096;
    private static final int LAP_SHIFT = 48;
    private static final long NO_LAP = (1L << LAP_SHIFT) - 1;

    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN);

    private static final VarHandle WORD = INT.varHandle();

    private VnicFormat() {}

    static void checkShape(int buffers, int bufferBytes) {
        if (buffers < 4
                || buffers > MAX_BUFFERS
                || Integer.bitCount(buffers) != 1
                || bufferBytes < MIN_BUFFER_BYTES
                || bufferBytes > MAX_BUFFER_BYTES
                || Integer.bitCount(bufferBytes) != 1
                || (long) buffers * bufferBytes > 1L << 30) {
            throw new IllegalArgumentException(buffers + " buffers of " + bufferBytes
                    + " bytes: must be powers of two, 4 to " + MAX_BUFFERS + " buffers of " + MIN_BUFFER_BYTES + " to "
                    + MAX_BUFFER_BYTES + " bytes, at most 1 GiB in all");
        }
    }

    static long ringBytes(int buffers) {
        return ENTRIES + (long) DESCRIPTOR_BYTES * buffers;
    }

    static long ringAt(int ring, int buffers) {
        return RINGS + ring * ringBytes(buffers);
    }

    static long buffersAt(int buffers) {
        return (ringAt(COMPLETION + 1, buffers) + PAGE - 1) & -PAGE;
    }

    static long totalBytes(int buffers, int bufferBytes) {
        return buffersAt(buffers) + (long) buffers * bufferBytes;
    }

    static void writeHeader(MemorySegment memory, int buffers, int bufferBytes, long mac, int address) {
        memory.set(INT, VERSION, FORMAT_VERSION);
        memory.set(INT, BUFFERS, buffers);
        memory.set(INT, BUFFER_BYTES, bufferBytes);
        memory.set(INT, ADDRESS, address);
        memory.set(LONG, MAC, mac);
        memory.set(LONG, TOTAL_BYTES, totalBytes(buffers, bufferBytes));
        memory.set(LONG, 0, MAGIC);
    }

    /**
     * Says what is wrong with a header.
     *
     * @return null if nothing is
     */
    static @Nullable String complaint(MemorySegment memory) {
        if (memory.byteSize() < RINGS || memory.get(LONG, 0) != MAGIC) {
            return "is not the memory of a VNIC";
        }
        if (memory.get(INT, VERSION) != FORMAT_VERSION) {
            return "has version " + memory.get(INT, VERSION) + " of the VNIC format; this program knows version "
                    + FORMAT_VERSION;
        }
        try {
            checkShape(buffers(memory), bufferBytes(memory));
        } catch (IllegalArgumentException e) {
            return "has " + e.getMessage();
        }
        long total = totalBytes(buffers(memory), bufferBytes(memory));
        return total == memory.get(LONG, TOTAL_BYTES) && total <= memory.byteSize()
                ? null
                : "has " + memory.byteSize() + " bytes instead of " + total;
    }

    static void writeRevoked(MemorySegment memory) {
        WORD.setRelease(memory, REVOKED, 1);
    }

    static boolean isRevoked(MemorySegment memory) {
        return (int) WORD.getOpaque(memory, REVOKED) != 0;
    }

    /** What the device can do beyond frames; nothing, if nobody has said so. */
    static void writeFeatures(MemorySegment memory, int features) {
        memory.set(INT, FEATURES, features);
    }

    static int features(MemorySegment memory) {
        return memory.get(INT, FEATURES);
    }

    static int buffers(MemorySegment memory) {
        return memory.get(INT, BUFFERS);
    }

    static int bufferBytes(MemorySegment memory) {
        return memory.get(INT, BUFFER_BYTES);
    }

    static long mac(MemorySegment memory) {
        return memory.get(LONG, MAC);
    }

    static int address(MemorySegment memory) {
        return memory.get(INT, ADDRESS);
    }

    /** The first word of a descriptor. */
    static long place(long offset, int length) {
        return (long) length << 32 | offset;
    }

    static long offset(long place) {
        return place & 0xFFFF_FFFFL;
    }

    static int length(long place) {
        return (int) (place >>> 32);
    }

    /** The second word of a descriptor, but for its lap. */
    static long meta(int flags, int checksumStart, int checksumAt) {
        return flags | (long) checksumStart << 16 | (long) checksumAt << 32;
    }

    static int flags(long meta) {
        return (int) meta & 0xFFFF;
    }

    /** Whether the buffer holds a packet of a stream. */
    static boolean isStream(long meta) {
        return (meta & STREAM) != 0;
    }

    static int checksumStart(long meta) {
        return (int) (meta >>> 16) & 0xFFFF;
    }

    static int checksumAt(long meta) {
        return (int) (meta >>> 32) & 0xFFFF;
    }

    /** The second word as it stands in a ring of 2^{@code shift} descriptors at a position. */
    static long inLap(long meta, long position, int shift) {
        return meta & NO_LAP | lap(position, shift) << LAP_SHIFT;
    }

    /** Whether a second word shows that the descriptor at a position is there. */
    static boolean isInLap(long meta, long position, int shift) {
        return meta >>> LAP_SHIFT == lap(position, shift);
    }

    private static long lap(long position, int shift) {
        return (position >>> shift) + 1 & 0xFFFF;
    }
}
