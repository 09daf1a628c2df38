package io.sietch.vnic;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * The header of a packet of a stream, that of the virtio socket device (Virtual I/O Device 1.2, section 5.10.6). All
 * numbers are little-endian.
 *
 * <pre>
 *  0            8                 16            20                 24
 *  ├ source CID ┼ destination CID ┼ source port ┼ destination port ┤
 *  24      28     30   32      36          40          44
 *  ├ length ┼ type ┼ op ┼ flags ┼ buf_alloc ┼ fwd_cnt ─┼ length bytes ┤
 * </pre>
 *
 * <p>A CID is the IPv4 address of a VNIC. {@code buf_alloc} is how many bytes the sender of a packet has room for in
 * all, {@code fwd_cnt} how many of those that it got it has handed on: the difference between what was sent to it and
 * this may not be more than its room.
 */
final class VsockFormat {
    static final int BYTES = 44;

    static final int TYPE_STREAM = 1;

    static final int OP_REQUEST = 1;
    static final int OP_RESPONSE = 2;
    static final int OP_RST = 3;
    static final int OP_SHUTDOWN = 4;
    static final int OP_RW = 5;
    static final int OP_CREDIT_UPDATE = 6;
    static final int OP_CREDIT_REQUEST = 7;

    /** Flags of {@link #OP_SHUTDOWN}: the sender will receive no more, will send no more. */
    static final int SHUT_RECEIVE = 1;

    static final int SHUT_SEND = 2;

    private static final long SOURCE_CID = 0;
    private static final long DESTINATION_CID = 8;
    private static final long PORTS = 16;
    private static final long LENGTH_TYPE_OP = 24;
    private static final long FLAGS_ALLOC = 32;
    private static final long FORWARDED = 40;

    // At any place: a buffer is where the owner of the memory says.
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private VsockFormat() {}

    /** Who sends to whom: what all packets of a stream in one direction have in common. */
    static void writeEnds(MemorySegment memory, long at, long sourceCid, long destinationCid, long ports) {
        memory.set(LONG, at + SOURCE_CID, sourceCid);
        memory.set(LONG, at + DESTINATION_CID, destinationCid);
        memory.set(LONG, at + PORTS, ports);
    }

    /** What a packet says. */
    static void writeWord(MemorySegment memory, long at, int length, int op, int flags, int allocated, int forwarded) {
        memory.set(LONG, at + LENGTH_TYPE_OP, length | (long) TYPE_STREAM << 32 | (long) op << 48);
        memory.set(LONG, at + FLAGS_ALLOC, flags | (long) allocated << 32);
        memory.set(INT, at + FORWARDED, forwarded);
    }

    /** Both ports in one number. */
    static long ports(int source, int destination) {
        return source & 0xFFFF_FFFFL | (long) destination << 32;
    }

    /** A CID of an IPv4 address. */
    static long cid(int address) {
        return address & 0xFFFF_FFFFL;
    }

    static long sourceCid(MemorySegment memory, long at) {
        return memory.get(LONG, at + SOURCE_CID);
    }

    static long destinationCid(MemorySegment memory, long at) {
        return memory.get(LONG, at + DESTINATION_CID);
    }

    static long ports(MemorySegment memory, long at) {
        return memory.get(LONG, at + PORTS);
    }

    /** Length, type and op in one number; {@link #length}, {@link #type} and {@link #op} take it apart. */
    static long word(MemorySegment memory, long at) {
        return memory.get(LONG, at + LENGTH_TYPE_OP);
    }

    static int length(long word) {
        return (int) word;
    }

    static int type(long word) {
        return (int) (word >>> 32) & 0xFFFF;
    }

    static int op(long word) {
        return (int) (word >>> 48);
    }

    /** Flags, and above them {@code buf_alloc}. */
    static long flagsAndAllocated(MemorySegment memory, long at) {
        return memory.get(LONG, at + FLAGS_ALLOC);
    }

    static int forwarded(MemorySegment memory, long at) {
        return memory.get(INT, at + FORWARDED);
    }
}
