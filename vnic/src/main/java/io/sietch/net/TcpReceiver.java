package io.sietch.net;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The receiving half of a connection: what has arrived, in order and beyond holes, and the window.
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>{@code next} never goes back, and nothing before it is taken a second time.
 *   <li>The right edge of the window, {@code advertised}, never goes back either (RFC 9293, section 3.8.6).
 *   <li>Every byte up to the right edge has its place in the ring, so a segment in the window always fits.
 * </ol>
 */
final class TcpReceiver {
    /** Holes that are remembered; a segment that would make one more is dropped and comes again. */
    private static final int MAX_RANGES = 32;

    private final SequenceRanges beyond = new SequenceRanges(MAX_RANGES);
    private @Nullable ByteRing ring;
    private final int capacity;
    final int scale;
    private int usedScale;
    int next;
    private int advertised;
    private int lastBeyond;
    private boolean endKnown;
    private int end;
    private boolean ended;

    TcpReceiver(int capacity) {
        this.capacity = capacity;
        int shift = 0;
        while (capacity >> shift > 0xFFFF) {
            shift++;
        }
        this.scale = shift;
    }

    /** The peer's SYN has come. */
    void synchronize(int sequence) {
        next = sequence + 1;
        advertised = next;
    }

    void scaled(boolean agreed) {
        usedScale = agreed ? scale : 0;
    }

    void use(ByteRing memory) {
        ring = memory;
    }

    @Nullable
    ByteRing giveUp() {
        ByteRing memory = ring;
        ring = null;
        beyond.clear();
        return memory;
    }

    // ---- the window -------------------------------------------------------------------------------------------------

    /** What the peer may send from {@link #next} on, as it knows. */
    int window() {
        return advertised - next;
    }

    /**
     * Moves the right edge as far as there is room, unless that would be a silly small step (RFC 9293, MUST-39).
     *
     * @return the value for the header
     */
    int advertise(int mss, boolean inHandshake) {
        int room = capacity - available();
        int shift = inHandshake ? 0 : usedScale;
        int offered = Math.min(room, 0xFFFF << shift);
        int step = next + offered - advertised;
        if (step >= Math.min(mss, capacity / 2) || window() == 0 && offered >= Math.min(mss, capacity / 2)) {
            // Rounded down to what the scaled field can say; the edge must be what the peer computes from it.
            int edge = next + (offered >> shift << shift);
            advertised = edge - advertised > 0 ? edge : advertised;
        }
        return Math.min(window() >> shift, 0xFFFF);
    }

    /** Whether reading has made so much room that the peer should hear of it. */
    boolean shouldAnnounce(int mss) {
        int room = capacity - available();
        return next + Math.min(room, 0xFFFF << usedScale) - advertised
                >= Math.min(Math.max(2 * mss, capacity / 4), capacity / 2);
    }

    /** RFC 9293, section 3.10.7.4, the first check. */
    boolean isAcceptable(int sequence, int length) {
        int window = window();
        if (length == 0) {
            return window == 0 ? sequence == next : isInside(sequence, window);
        }
        return window != 0 && (isInside(sequence, window) || isInside(sequence + length - 1, window));
    }

    private boolean isInside(int sequence, int window) {
        int offset = sequence - next;
        return offset >= 0 && offset < window;
    }

    // ---- data -------------------------------------------------------------------------------------------------------

    /**
     * Takes what is new of a segment's payload and inside of the window.
     *
     * @return whether it was the next in order and filled no hole: everything else is to be acknowledged at once
     */
    boolean accept(TcpSegment segment) {
        ByteRing memory = ring;
        if (memory == null) {
            return false;
        }
        int skip = Math.max(0, next - segment.sequence);
        int from = segment.sequence + skip;
        int length = Math.min(segment.payloadBytes - skip, advertised - from);
        if (length <= 0) {
            return false;
        }
        int offset = memory.size() + (from - next);
        if (from != next) {
            if (beyond.add(from, from + length)) {
                memory.put(offset, segment.memory, segment.payloadAt + skip, length);
                lastBeyond = from;
            }
            return false;
        }
        boolean whole = beyond.isEmpty();
        if (whole) {
            memory.rewind();
        }
        memory.put(offset, segment.memory, segment.payloadAt + skip, length);
        int inOrder = beyond.firstGap(from + length);
        memory.extend(inOrder - next);
        next = inOrder;
        beyond.removeBefore(next);
        return whole;
    }

    /** The peer has said that its data ends at this number; it may come before the data does. */
    void endsAt(int sequence) {
        endKnown = true;
        end = sequence;
    }

    /** Takes the FIN if it is the next in order. Returns whether it was taken now. */
    boolean takeEnd() {
        if (!endKnown || ended || next != end) {
            return false;
        }
        next++;
        advertised = advertised - next < 0 ? next : advertised;
        ended = true;
        return true;
    }

    /** Whether the peer will send no more. */
    boolean isEnded() {
        return ended;
    }

    int available() {
        return ring == null ? 0 : ring.size();
    }

    @Nullable
    ByteRing ring() {
        return ring;
    }

    int read(ByteBuffer target) {
        return ring == null ? 0 : ring.take(target);
    }

    // ---- what SACK says ---------------------------------------------------------------------------------------------

    int holes() {
        return beyond.size();
    }

    /**
     * The index of the range to report as number {@code i}: the one that changed last comes first (RFC 2018, section
     * 4).
     */
    int reported(int i) {
        int first = 0;
        for (int k = 0; k < beyond.size(); k++) {
            first = beyond.left(k) - lastBeyond <= 0 && beyond.right(k) - lastBeyond > 0 ? k : first;
        }
        return i == 0 ? first : i <= first ? i - 1 : i;
    }

    int left(int range) {
        return beyond.left(range);
    }

    int right(int range) {
        return beyond.right(range);
    }
}
