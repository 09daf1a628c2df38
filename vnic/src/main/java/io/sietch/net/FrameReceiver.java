package io.sietch.net;

import java.lang.foreign.MemorySegment;

/** What happens to the frames that a {@link Link} delivers. */
@FunctionalInterface
public interface FrameReceiver {
    /**
     * A frame has arrived.
     *
     * @param memory the link's memory
     * @param offset where in it the frame begins
     * @param length its bytes
     * @param checked whether the device vouches for the checksums of the protocols above IP
     * @return true if the buffer may be used again at once; false if the receiver keeps it until it calls {@link
     *     Link#release}
     */
    boolean receive(MemorySegment memory, long offset, int length, boolean checked);
}
