package io.sietch.vnic.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;

/**
 * One of the four rings that an AF_XDP socket shares with the kernel. Positions are 32 bits that only grow, so they are
 * subtracted and never compared. Each side keeps what it last saw of the other's, because looking costs a cache miss.
 *
 * <p>Of each ring one half is used: of those that we produce {@link #put}, of the others {@link #peek},
 * {@link #address}, {@link #length} and {@link #take}.
 *
 * <p>Threads: one at a time.
 */
final class XdpRing {
    private static final VarHandle INT = JAVA_INT.varHandle();

    private final MemorySegment memory;
    private final long produced;
    private final long consumed;
    private final long flags;
    private final long descriptors;
    private final int descriptorBytes;
    private final int mask;
    private int own;
    private int other;

    XdpRing(MemorySegment memory, MemorySegment places, int ring, int entries) {
        this.memory = memory;
        this.produced = XdpFormat.produced(places, ring);
        this.consumed = XdpFormat.consumed(places, ring);
        this.flags = XdpFormat.flags(places, ring);
        this.descriptors = XdpFormat.descriptors(places, ring);
        this.descriptorBytes = XdpFormat.descriptorBytes(ring);
        this.mask = entries - 1;
    }

    private long at(int position) {
        return descriptors + (long) (position & mask) * descriptorBytes;
    }

    /**
     * Puts a descriptor. There is room: a ring has as many entries as there are buffers.
     *
     * @param length is not written where there is no place for it
     */
    void put(long address, int length) {
        long at = at(own);
        memory.set(JAVA_LONG, at, address);
        if (descriptorBytes == XdpFormat.DESCRIPTOR_BYTES) {
            memory.set(JAVA_INT, at + 8, length);
            memory.set(JAVA_INT, at + 12, 0);
        }
        own++;
        INT.setRelease(memory, produced, own);
    }

    /** Whether the kernel has taken all that was put. */
    boolean isDrained() {
        return (int) INT.getAcquire(memory, consumed) == own;
    }

    /** How far the kernel has taken what was put. */
    int drained() {
        return (int) INT.getAcquire(memory, consumed);
    }

    /** Whether the kernel has to be told of what was put. */
    boolean wantsKick() {
        // What was put has to be seen before the kernel is seen to be awake: it looks at both the other way round.
        VarHandle.fullFence();
        return (memory.get(JAVA_INT, flags) & XdpFormat.KICK_ME) != 0;
    }

    /** Whether there is something to take. */
    boolean peek() {
        if (own == other) {
            other = (int) INT.getAcquire(memory, produced);
        }
        return own != other;
    }

    /** The address in the descriptor that was looked at. */
    long address() {
        return memory.get(JAVA_LONG, at(own));
    }

    /** The length in the descriptor that was looked at. */
    int length() {
        return memory.get(JAVA_INT, at(own) + 8);
    }

    /** Takes the descriptor that was looked at. */
    void take() {
        own++;
        INT.setRelease(memory, consumed, own);
    }
}
