package io.sietch.vnic;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/**
 * Wakes the process at the other end of a shared VNIC, if it sleeps, with a byte over a socket.
 *
 * <p>The sleeper raises its flag before it looks at the rings for a last time; whoever puts something into a ring looks
 * at the flag afterwards. A fence on both sides between the two: so one of them sees the other.
 */
final class SocketDoorbell implements Doorbell {
    private static final VarHandle FLAG = ValueLayout.JAVA_INT.varHandle();

    private final MemorySegment memory;
    private final long flagAt;
    private final SocketChannel channel;
    private final ByteBuffer one = ByteBuffer.allocateDirect(1);
    private long rung;
    private boolean broken;

    /** @param flagAt where in the memory the other end says that it sleeps */
    SocketDoorbell(MemorySegment memory, long flagAt, SocketChannel channel) {
        this.memory = memory;
        this.flagAt = flagAt;
        this.channel = channel;
    }

    static void sleeps(MemorySegment memory, long flagAt, boolean sleeping) {
        FLAG.setOpaque(memory, flagAt, sleeping ? 1 : 0);
        if (sleeping) {
            VarHandle.fullFence();
        }
    }

    @Override
    public void ring() {
        VarHandle.fullFence();
        if (!broken && (int) FLAG.getOpaque(memory, flagAt) != 0 && (int) FLAG.getAndSet(memory, flagAt, 0) != 0) {
            rung++;
            try {
                // If it does not fit, there are enough others under way.
                channel.write(one.clear());
            } catch (IOException e) {
                broken = true;
            }
        }
    }

    /** How often the other end had to be woken. */
    long rung() {
        return rung;
    }

    /** Whether the other end was found to be gone; whoever reads from the socket finds out as well, and cleans up. */
    boolean isBroken() {
        return broken;
    }
}
