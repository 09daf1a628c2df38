package io.sietch.vnic.linux;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import io.sietch.net.TcpFormat;
import io.sietch.net.UdpFormat;
import java.lang.foreign.MemorySegment;

/**
 * What stands before each frame on a TAP interface with {@code IFF_VNET_HDR}, and on a packet socket that was asked for
 * it, {@code struct virtio_net_hdr}; in the machine's byte order.
 *
 * <pre>
 *  0       1              2              4              6                8                 10
 *  ├ flags ┼ segmentation ┼ header bytes ┼ segment size ┼ checksum start ┼ checksum offset ┤
 * </pre>
 */
final class VnetHeaderFormat {
    static final int BYTES = 10;

    private static final int FLAGS = 0;
    private static final int SEGMENTATION = 1;
    private static final int HEADER = 2;
    private static final int SEGMENT_SIZE = 4;
    private static final int CHECKSUM_START = 6;
    private static final int CHECKSUM_OFFSET = 8;

    /** The checksum holds the sum of the pseudo-header only: nobody has been able to damage the frame yet. */
    private static final int NEEDS_CHECKSUM = 1;

    private static final int CHECKED = 2;

    /** Of TCP over IPv4. */
    private static final int SEGMENTS = 1;

    /** Of UDP. Linux 6.2 or later. */
    private static final int DATAGRAMS = 5;

    /** What Linux before 6.9 sends at once itself, and other guests of the machine may be ready for. */
    static final int MAX_RUN_DATAGRAMS = 64;

    private VnetHeaderFormat() {}

    /** Writes that the frame is whole. */
    static void write(MemorySegment memory, long at) {
        memory.asSlice(at, BYTES).fill((byte) 0);
    }

    /** Writes that a checksum is to be completed, as {@link io.sietch.net.Link} says. */
    static void write(MemorySegment memory, long at, int checksumStart, int checksumAt) {
        write(memory, at);
        memory.set(JAVA_BYTE, at + FLAGS, (byte) NEEDS_CHECKSUM);
        memory.set(JAVA_SHORT_UNALIGNED, at + CHECKSUM_START, (short) checksumStart);
        memory.set(JAVA_SHORT_UNALIGNED, at + CHECKSUM_OFFSET, (short) (checksumAt - checksumStart));
    }

    /**
     * Writes before a frame that it is a run, as {@link io.sietch.net.Link} says: of segments or of datagrams, by where
     * the checksum is.
     *
     * @param frame where the frame begins in memory; the header ends there
     * @param each the payload of each but the last
     */
    static void writeRun(MemorySegment memory, long frame, int checksumStart, int checksumAt, int each) {
        boolean datagrams = checksumAt - checksumStart == UdpFormat.CHECKSUM;
        int above = datagrams ? UdpFormat.BYTES : TcpFormat.headerBytes(memory, frame + checksumStart);
        long at = frame - BYTES;
        write(memory, at, checksumStart, checksumAt);
        memory.set(JAVA_BYTE, at + SEGMENTATION, (byte) (datagrams ? DATAGRAMS : SEGMENTS));
        memory.set(JAVA_SHORT_UNALIGNED, at + HEADER, (short) (checksumStart + above));
        memory.set(JAVA_SHORT_UNALIGNED, at + SEGMENT_SIZE, (short) each);
    }

    /** Whether the kernel vouches for the checksums above IP. */
    static boolean isChecked(MemorySegment memory, long at) {
        return (memory.get(JAVA_BYTE, at + FLAGS) & (NEEDS_CHECKSUM | CHECKED)) != 0;
    }

    /** Whether the frame holds a run. */
    static boolean isRun(MemorySegment memory, long at) {
        return memory.get(JAVA_BYTE, at + SEGMENTATION) != 0;
    }

    /** The payload of each segment or datagram of a run. */
    static int segmentBytes(MemorySegment memory, long at) {
        return memory.get(JAVA_SHORT_UNALIGNED, at + SEGMENT_SIZE) & 0xFFFF;
    }
}
