package io.sietch.net;

import java.lang.foreign.MemorySegment;

/**
 * A device that sends and receives Ethernet frames, as the stack sees it. A frame is built where the device will take
 * it from: {@link #claim} a buffer, write, {@link #send}. Buffers are named by their offset in {@link #memory}.
 *
 * <p>Threads: one at a time.
 */
public interface Link {
    /** No buffer. */
    long NONE = -1;

    /** The address of this end, the low 48 bits. */
    long mac();

    /** The longest frame, header included, in bytes. */
    int maxFrameBytes();

    /** Where all buffers are. */
    MemorySegment memory();

    /**
     * The longest frame that {@link #sendRun} takes, header included, in bytes; 0 if the device takes no runs.
     */
    default int maxRunBytes() {
        return 0;
    }

    /** How many datagrams of UDP one {@link #sendRun} may hold; 0 if the device takes no runs of them. */
    default int maxRunDatagrams() {
        return 0;
    }

    /**
     * Takes a free buffer of {@link #maxFrameBytes} bytes, or of {@link #maxRunBytes} if that is more.
     *
     * @return its offset, or {@link #NONE} if all are under way: try again after a poll
     */
    long claim();

    /** Gives a claimed or kept buffer back. */
    void release(long offset);

    /** Hands a frame to the device as it is. The buffer belongs to the device from now on. */
    void send(long offset, int length);

    /**
     * Hands over a frame whose checksum field holds the sum of the pseudo-header only, not complemented. The device
     * completes it if anybody will look at it.
     *
     * @param checksumStart where in the frame the bytes begin that the checksum covers, up to the end of the frame
     * @param checksumAt where in the frame the checksum goes
     */
    void send(long offset, int length, int checksumStart, int checksumAt);

    /**
     * Hands over a run of TCP segments, or of UDP datagrams if {@link #maxRunDatagrams} says so, as one frame: the
     * headers of the first, and the payload of all. Whoever needs them one by one cuts it: each gets the headers, with
     * a length and a checksum of its own; of segments each has another number, and only the last keeps the FIN and PSH
     * flags. Which of the two it is, is said by where the checksum is.
     *
     * @param checksumStart where the TCP or UDP header begins; the checksum is as in the other method, and like the
     *     lengths in the headers, of the whole frame
     * @param segmentBytes the payload of each but the last, which may have less
     * @throws UnsupportedOperationException if the device takes no runs
     */
    default void sendRun(long offset, int length, int checksumStart, int checksumAt, int segmentBytes) {
        throw new UnsupportedOperationException("this link takes no runs");
    }

    /**
     * Hands out frames that have arrived.
     *
     * @param max how many at most
     * @return how many
     */
    int receive(FrameReceiver receiver, int max);

    /** Says to the device that frames were sent. After a batch, not for each. */
    void kick();
}
