package io.sietch.vnic;

import io.sietch.net.EthernetFormat;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The device's end of one VNIC. Its memory may belong to another process as well, which may be up to anything: a
 * descriptor is read once, checked, and only then used, and what is written goes inside of the buffers or nowhere.
 *
 * <p>Threads: the one that polls the {@link Switch}.
 */
final class VnicPort {
    private final String name;
    private final MemorySegment memory;
    private final ByteBuffer view;
    private final Doorbell doorbell;
    private final long buffersAt;
    private final long buffersEnd;
    private final int maxFrameBytes;
    private final DescriptorConsumer fill;
    private final DescriptorProducer receive;
    private final DescriptorConsumer transmit;
    private final DescriptorProducer completion;
    private final VnicCounters counters = new VnicCounters();

    private long mac;
    private int address;
    private CompiledFilter[] allowed = {};
    private long filterChanges;
    private @Nullable VsockFlow[] streams = {};
    private boolean limited;
    private TokenBucket bytes = new TokenBucket(RateLimit.UNLIMITED, 0, 0);
    private TokenBucket frames = bytes;
    private @Nullable DelayLine line;
    private boolean posted;
    private boolean throttled;
    private boolean awaited;

    VnicPort(String name, MemorySegment memory, int buffers, int bufferBytes, Doorbell doorbell) {
        this.name = name;
        this.memory = memory;
        this.view = memory.asByteBuffer();
        this.doorbell = doorbell;
        this.buffersAt = VnicFormat.buffersAt(buffers);
        this.buffersEnd = VnicFormat.totalBytes(buffers, bufferBytes);
        this.maxFrameBytes = bufferBytes;
        this.fill = new DescriptorConsumer(memory, VnicFormat.FILL, buffers);
        this.receive = new DescriptorProducer(memory, VnicFormat.RECEIVE, buffers);
        this.transmit = new DescriptorConsumer(memory, VnicFormat.TRANSMIT, buffers);
        this.completion = new DescriptorProducer(memory, VnicFormat.COMPLETION, buffers);
    }

    String name() {
        return name;
    }

    VnicCounters counters() {
        return counters;
    }

    MemorySegment memory() {
        return memory;
    }

    /** The same memory; copies between it and other buffers make no objects. */
    ByteBuffer view() {
        return view;
    }

    int maxFrameBytes() {
        return maxFrameBytes;
    }

    /** The addresses that the control plane gave the VNIC, which are not read from memory that its owner writes. */
    void owned(long newMac, int newAddress) {
        mac = newMac;
        address = newAddress;
    }

    long mac() {
        return mac;
    }

    int address() {
        return address;
    }

    /** Its streams, by the low bits of their port. */
    @Nullable
    VsockFlow[] streams() {
        return streams;
    }

    void streams(@Nullable VsockFlow[] newStreams) {
        streams = newStreams;
    }

    // ---- what the control plane sets --------------------------------------------------------------------------------

    void allow(CompiledFilter[] filters) {
        allowed = filters;
        filterChanges++;
    }

    /** How often it was said what may be sent. */
    long filterChanges() {
        return filterChanges;
    }

    void limit(RateLimit limit, long now) {
        limited = limit.bytesPerSecond() != RateLimit.UNLIMITED || limit.framesPerSecond() != RateLimit.UNLIMITED;
        bytes = new TokenBucket(limit.bytesPerSecond(), limit.burstNanos(), now);
        frames = new TokenBucket(limit.framesPerSecond(), limit.burstNanos(), now);
    }

    /** Lets frames to this VNIC wait in the sender's ring while no buffer is posted, instead of being dropped. */
    void await(boolean newAwaited) {
        awaited = newAwaited;
    }

    /** Whether a frame to this VNIC has to wait until its owner posts a buffer. */
    boolean isAwaited() {
        return awaited && line == null && fill.isEmpty();
    }

    void impair(@Nullable DelayLine newLine) {
        line = newLine;
    }

    @Nullable
    DelayLine line() {
        return line;
    }

    // ---- what it sends ----------------------------------------------------------------------------------------------

    /** Looks at the next frame to send. Returns false if there is none, or none may go yet. */
    boolean peek(long now) {
        if (!transmit.peek()) {
            throttled = false;
            return false;
        }
        if (limited && (bytes.waitNanos(now) > 0 || frames.waitNanos(now) > 0)) {
            if (!throttled) {
                throttled = true;
                counters.countThrottled();
            }
            return false;
        }
        throttled = false;
        return true;
    }

    long offset() {
        return VnicFormat.offset(transmit.place());
    }

    int length() {
        return VnicFormat.length(transmit.place());
    }

    long meta() {
        return transmit.meta();
    }

    /** Whether it is a packet of a stream, and not a frame. */
    boolean isStream() {
        return VnicFormat.isStream(meta());
    }

    /** Whether the descriptor names a frame or packet within the buffers. */
    boolean isWhole() {
        long offset = offset();
        int length = length();
        if (length < (isStream() ? VsockFormat.BYTES : EthernetFormat.BYTES)
                || length > maxFrameBytes
                || offset < buffersAt
                || offset > buffersEnd - length) {
            return false;
        }
        long meta = meta();
        if ((VnicFormat.flags(meta) & VnicFormat.NEEDS_CHECKSUM) == 0 || isStream()) {
            return true;
        }
        int start = VnicFormat.checksumStart(meta);
        int at = VnicFormat.checksumAt(meta);
        return start >= EthernetFormat.BYTES && at >= start && at <= length - 2;
    }

    boolean mayCome(FrameHeader header) {
        for (int i = 0; i < allowed.length; i++) {
            if (allowed[i].matches(header)) {
                return true;
            }
        }
        return false;
    }

    /** Gives the buffer of the frame that was looked at back to the application. */
    void complete(long now) {
        long place = transmit.place();
        int length = VnicFormat.length(place);
        transmit.take();
        // If the ring is full, the application has sent more buffers than it has, and loses track of its own alone.
        completion.put(place, 0);
        counters.countSent(length);
        if (limited) {
            bytes.charge(length & 0xFFFFF, now);
            frames.charge(1, now);
        }
    }

    /** How long until the next frame may go, in nanoseconds; {@link Long#MAX_VALUE} if none waits for that. */
    long waitNanos(long now) {
        return throttled ? Math.max(bytes.waitNanos(now), frames.waitNanos(now)) : Long.MAX_VALUE;
    }

    // ---- what it receives -------------------------------------------------------------------------------------------

    /**
     * Copies a frame into the next posted buffer. If there is none, or it is none, the frame is dropped.
     *
     * @param flags of the descriptor
     */
    void put(MemorySegment source, long offset, int length, int flags) {
        long place = room(length);
        if (place != 0) {
            MemorySegment.copy(source, offset, memory, place, length);
            show(place, length, flags);
        }
    }

    /** As {@link #put}, where the first bytes are those of {@code head}, whatever the source holds by now. */
    void put(MemorySegment head, int headBytes, MemorySegment source, long offset, int length, int flags) {
        long place = room(length);
        if (place != 0) {
            MemorySegment.copy(head, 0, memory, place, headBytes);
            if (length > headBytes) {
                MemorySegment.copy(source, offset + headBytes, memory, place + headBytes, length - headBytes);
            }
            show(place, length, flags);
        }
    }

    /** As {@link #room}, for somebody who tries again later: that no buffer is posted is not counted. */
    long roomNow(int length) {
        return fill.peek() ? room(length) : 0;
    }

    /** The offset of a posted buffer, which is taken, or 0, which is the header's. */
    private long room(int length) {
        if (length > maxFrameBytes || !fill.peek()) {
            counters.countNoBuffer();
            return 0;
        }
        long offset = VnicFormat.offset(fill.place());
        fill.take();
        if (offset < buffersAt || offset > buffersEnd - maxFrameBytes) {
            counters.countMalformed();
            return 0;
        }
        return offset;
    }

    /** Shows the application what was put into a buffer. */
    void show(long offset, int length, int flags) {
        if (receive.put(VnicFormat.place(offset, length), VnicFormat.meta(flags, 0, 0))) {
            counters.countReceived(length);
            posted = true;
        } else {
            counters.countNoBuffer();
        }
    }

    /** Whether there is something to send that may go. */
    boolean hasWork() {
        return !throttled && !transmit.isEmpty();
    }

    /** Nobody looks at its memory any more, which may go. */
    void detached() {
        posted = false;
    }

    /** Wakes the application if something has arrived since the last call. */
    void ring() {
        if (posted) {
            posted = false;
            doorbell.ring();
        }
    }
}
