package io.sietch.net;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * The checksum of IPv4, ICMP, UDP and TCP (RFC 1071): the one's complement sum of 16-bit words. A sum may be gathered
 * from parts, each of which but the last has an even length.
 */
public final class InternetChecksum {
    // The sum does not depend on byte order but for one swap at the end (RFC 1071, section 2 (B)).
    private static final ValueLayout.OfLong LITTLE64 =
            ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private InternetChecksum() {}

    /** The sum of a range, to be added to others and finished. */
    public static long sum(MemorySegment memory, long offset, int length) {
        long sum = 0;
        int at = 0;
        for (; at + 8 <= length; at += 8) {
            long word = memory.get(LITTLE64, offset + at);
            sum += (word & 0xFFFF_FFFFL) + (word >>> 32);
        }
        long rest = 0;
        for (int i = 0; at + i < length; i++) {
            rest |= (long) NetBytes.u8(memory, offset + at + i) << 8 * i;
        }
        sum += (rest & 0xFFFF_FFFFL) + (rest >>> 32);
        int folded = fold(sum);
        return (folded & 0xFF) << 8 | folded >>> 8;
    }

    /** The sum of two IPv4 addresses. */
    public static long ofAddresses(int source, int destination) {
        return (source >>> 16) + (source & 0xFFFF) + (destination >>> 16) + (destination & 0xFFFF);
    }

    /** The sum of the pseudo-header that UDP and TCP include. */
    public static long ofPseudoHeader(int source, int destination, int protocol, int length) {
        return ofAddresses(source, destination) + protocol + length;
    }

    /** The checksum for a sum: what goes into the header, or 0 if a sum that includes a checksum is right. */
    public static int finish(long sum) {
        return ~fold(sum) & 0xFFFF;
    }

    private static int fold(long sum) {
        long folded = (sum & 0xFFFF_FFFFL) + (sum >>> 32);
        folded = (folded & 0xFFFF) + (folded >>> 16);
        folded = (folded & 0xFFFF) + (folded >>> 16);
        return (int) ((folded & 0xFFFF) + (folded >>> 16));
    }
}
