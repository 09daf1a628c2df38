package io.sietch.vnic;

import io.sietch.net.EthernetFormat;
import io.sietch.net.FrameReceiver;
import io.sietch.net.Link;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * One application's virtual network card: rings and buffers shared with a device, and nothing else between the two.
 *
 * <p>Words. A buffer is <em>posted</em> while it waits for a frame to arrive, <em>received</em> while the application
 * looks at a frame in it, <em>claimed</em> while the application builds one, <em>sent</em> until the device has taken
 * it, and <em>free</em> otherwise. Only received and claimed buffers may be touched.
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>Every buffer is in exactly one of these states; a call that does not fit its state throws and changes nothing.
 *   <li>Posted, received and kept buffers are half of all, unless received ones were sent on; then completions go back
 *       to the fill ring first.
 *   <li>What the device says is checked: a descriptor that names no buffer in the right state is ignored and counted.
 * </ol>
 *
 * <p>Threads: one at a time. The device may be polled by the same thread, by another, or by another process.
 */
public final class Vnic implements Link {
    private static final byte FREE = 0;
    private static final byte POSTED = 1;
    private static final byte RECEIVED = 2;
    private static final byte CLAIMED = 3;
    private static final byte SENT = 4;

    /**
     * After so many claims the device is asked what it is done with: rarely enough for two processors to share the
     * ring's position, and often enough for the same few buffers to be used, which are in the caches.
     */
    private static final int CLAIMS_A_REAP = 16;

    private final String name;
    private final MemorySegment memory;
    private final Doorbell doorbell;
    private final long mac;
    private final int address;
    private final long buffersAt;
    private final int bufferShift;
    private final DescriptorProducer fill;
    private final DescriptorConsumer arrived;
    private final DescriptorProducer transmit;
    private final DescriptorConsumer completed;
    private final byte[] states;
    private final int[] free;
    private int freeCount;
    private int receiving;
    private int unreaped;
    private long nonsense;
    private @Nullable FrameReceiver streams;

    /**
     * @param memory with a header; the rings are as an earlier or no owner left them, and all buffers are taken over
     */
    Vnic(String name, MemorySegment memory, Doorbell doorbell) {
        this.name = name;
        this.memory = memory;
        this.doorbell = doorbell;
        this.mac = VnicFormat.mac(memory);
        this.address = VnicFormat.address(memory);
        int buffers = VnicFormat.buffers(memory);
        this.buffersAt = VnicFormat.buffersAt(buffers);
        this.bufferShift = Integer.numberOfTrailingZeros(VnicFormat.bufferBytes(memory));
        this.fill = new DescriptorProducer(memory, VnicFormat.FILL, buffers);
        this.arrived = new DescriptorConsumer(memory, VnicFormat.RECEIVE, buffers);
        this.transmit = new DescriptorProducer(memory, VnicFormat.TRANSMIT, buffers);
        this.completed = new DescriptorConsumer(memory, VnicFormat.COMPLETION, buffers);
        this.states = new byte[buffers];
        this.free = new int[buffers];
        for (int i = buffers - 1; i >= 0; i--) {
            recycle(i);
        }
    }

    /** What it was called when it was made. */
    public String name() {
        return name;
    }

    @Override
    public long mac() {
        return mac;
    }

    /** The IPv4 address that the control plane gave it, or 0. */
    public int address() {
        return address;
    }

    @Override
    public int maxFrameBytes() {
        return 1 << bufferShift;
    }

    @Override
    public MemorySegment memory() {
        return memory;
    }

    /** Descriptors of the device that made no sense. Anything but 0 says that the device is broken. */
    public long nonsense() {
        return nonsense;
    }

    // ---- sending ----------------------------------------------------------------------------------------------------

    @Override
    public long claim() {
        if ((++unreaped >= CLAIMS_A_REAP || freeCount == 0) && reap() == 0) {
            return NONE;
        }
        int buffer = free[--freeCount];
        states[buffer] = CLAIMED;
        return offset(buffer);
    }

    @Override
    public void send(long offset, int length) {
        send(offset, length, 0);
    }

    @Override
    public void send(long offset, int length, int checksumStart, int checksumAt) {
        if (checksumStart < EthernetFormat.BYTES || checksumAt < checksumStart || checksumAt > length - 2) {
            throw new IllegalArgumentException("a checksum at " + checksumAt + " over what follows " + checksumStart
                    + ", in a frame of " + length + " bytes");
        }
        send(offset, length, VnicFormat.meta(VnicFormat.NEEDS_CHECKSUM, checksumStart, checksumAt));
    }

    private void send(long offset, int length, long meta) {
        int buffer = owned(offset);
        if (length < EthernetFormat.BYTES || length > maxFrameBytes()) {
            throw new IllegalArgumentException(
                    "a frame of " + length + " bytes: must be " + EthernetFormat.BYTES + " to " + maxFrameBytes());
        }
        if (states[buffer] == RECEIVED) {
            receiving--;
        }
        states[buffer] = SENT;
        put(transmit, VnicFormat.place(offset, length), meta);
    }

    /** Hands over a packet of a stream. */
    void sendStream(long offset, int length) {
        send(offset, length, VnicFormat.meta(VnicFormat.STREAM, 0, 0));
    }

    /** Who gets packets of streams. */
    void streams(FrameReceiver receiver) {
        streams = receiver;
    }

    /** Takes back what the device has sent. Returns how many buffers are free. */
    private int reap() {
        unreaped = 0;
        while (completed.peek()) {
            int buffer = inState(VnicFormat.offset(completed.place()), SENT);
            completed.take();
            if (buffer >= 0) {
                recycle(buffer);
            }
        }
        return freeCount;
    }

    @Override
    public void kick() {
        doorbell.ring();
    }

    // ---- receiving --------------------------------------------------------------------------------------------------

    @Override
    public int receive(FrameReceiver receiver, int max) {
        int count = 0;
        while (count < max && arrived.peek()) {
            count += receive(receiver);
        }
        return count;
    }

    /** As {@link #receive}, of packets of streams, and no further than up to the first frame. */
    int receiveStreams(int max) {
        int count = 0;
        while (count < max && arrived.peek() && VnicFormat.isStream(arrived.meta())) {
            count += receive(null);
        }
        return count;
    }

    /** Takes what was looked at. Returns 1, or 0 if it made no sense. */
    private int receive(@Nullable FrameReceiver receiver) {
        long place = arrived.place();
        long meta = arrived.meta();
        arrived.take();
        long offset = VnicFormat.offset(place);
        int buffer = inState(offset, POSTED);
        if (buffer < 0) {
            return 0;
        }
        states[buffer] = RECEIVED;
        if (received(receiver, meta, offset, VnicFormat.length(place))) {
            release(offset);
        }
        return 1;
    }

    /** Returns whether the buffer may be used again at once. */
    private boolean received(@Nullable FrameReceiver receiver, long meta, long offset, int length) {
        boolean isStream = VnicFormat.isStream(meta);
        FrameReceiver to = isStream ? streams : receiver;
        if (to == null || length < (isStream ? VsockFormat.BYTES : EthernetFormat.BYTES) || length > maxFrameBytes()) {
            nonsense++;
            return true;
        }
        return to.receive(memory, offset, length, (VnicFormat.flags(meta) & VnicFormat.CHECKED) != 0);
    }

    /** Whether a frame has arrived that was not received yet. */
    public boolean isEmpty() {
        return arrived.isEmpty();
    }

    // ---- buffers ----------------------------------------------------------------------------------------------------

    @Override
    public void release(long offset) {
        int buffer = owned(offset);
        if (states[buffer] == RECEIVED) {
            receiving--;
        }
        recycle(buffer);
    }

    /** Invariant 2. */
    private void recycle(int buffer) {
        if (receiving < states.length / 2) {
            receiving++;
            states[buffer] = POSTED;
            put(fill, VnicFormat.place(offset(buffer), 0), 0);
        } else {
            states[buffer] = FREE;
            free[freeCount++] = buffer;
        }
    }

    private static void put(DescriptorProducer ring, long place, long meta) {
        if (!ring.put(place, meta)) {
            throw new IllegalStateException(
                    "a ring with room for every buffer is full: the device's position is wrong");
        }
    }

    private long offset(int buffer) {
        return buffersAt + ((long) buffer << bufferShift);
    }

    /** Invariant 1. */
    private int owned(long offset) {
        int buffer = index(offset);
        if (buffer < 0 || (states[buffer] != CLAIMED && states[buffer] != RECEIVED)) {
            throw new IllegalArgumentException(
                    "the application does not hold a buffer at " + offset + " of VNIC " + name);
        }
        return buffer;
    }

    /** Invariant 3. */
    private int inState(long offset, byte state) {
        int buffer = index(offset);
        if (buffer < 0 || states[buffer] != state) {
            nonsense++;
            return -1;
        }
        return buffer;
    }

    private int index(long offset) {
        long inside = offset - buffersAt;
        long buffer = inside >> bufferShift;
        boolean whole = (inside & (maxFrameBytes() - 1)) == 0;
        return inside >= 0 && buffer < states.length && whole ? (int) buffer : -1;
    }

    @Override
    public String toString() {
        return "VNIC " + name;
    }
}
