package io.sietch.net;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The sending half of a connection: what was written and is not acknowledged, how much of it may be under way, and what
 * is sent again.
 *
 * <p>Words. {@code una}, {@code next}: the oldest unacknowledged and the next number to send (RFC 9293, section 3.3.1).
 * {@code max}: the highest number ever sent; after a timeout {@code next} goes back, {@code max} does not.
 *
 * <p>Invariants:
 * <ol>
 *   <li>{@code una <= next <= max}, and everything from {@code una} on is in the ring.
 *   <li>In recovery with SACK everything below the highest reported byte that was not reported is taken for lost, once.
 *   <li>If something is unacknowledged or waits for the peer's window, a timer runs.
 * </ol>
 */
final class TcpSender {
    private static final int DUPLICATES = 3;
    private static final int MAX_RANGES = 64;

    private final TcpConnection connection;
    private final RttEstimator rtt;
    private final CongestionWindow congestion = new CongestionWindow();
    private final SequenceRanges sacked = new SequenceRanges(MAX_RANGES);
    private final boolean nagle;
    private @Nullable ByteRing ring;

    int una;
    int next;
    int max;
    private int window;
    private int windowSequence;
    private int windowAck;
    private int maxWindow;
    private int mss = 536;
    private int run = mss;
    private boolean sackAllowed;

    private boolean finished;
    private boolean finAcknowledged;

    private int duplicates;
    private boolean recovering;
    private int recover;
    private int recoverFrom;
    private int again;

    private int timeouts;
    private int probes;
    private boolean blocked;
    long retransmitAt = TimerWheel.NEVER;
    long probeAt = TimerWheel.NEVER;
    private long progressAt;
    private long sentAt;

    TcpSender(TcpConnection connection, StackOptions options, int iss) {
        this.connection = connection;
        this.rtt = new RttEstimator(options.minRtoNanos());
        this.nagle = options.nagle();
        this.una = iss;
        this.next = iss;
        this.max = iss;
        this.recover = iss;
    }

    RttEstimator rtt() {
        return rtt;
    }

    CongestionWindow congestion() {
        return congestion;
    }

    // ---- the handshake ----------------------------------------------------------------------------------------------

    /** A SYN is on its way. */
    void synSent(long now) {
        if (max == una) {
            progressAt = now;
            rtt.sent(una + 1, now);
        } else {
            rtt.retransmitted();
        }
        next = una + 1;
        max = next;
        retransmitAt = now + rtt.rto();
    }

    /** A SYN was sent some time ago, nobody knows when. */
    void synWasSent(long now) {
        next = una + 1;
        max = next;
        progressAt = now;
    }

    /** Our SYN was acknowledged. */
    void open(int newMss, boolean sack, @Nullable ByteRing memory, long now) {
        rtt.acknowledged(una + 1, now);
        una++;
        next = una;
        max = una;
        mss = newMss;
        run = connection.stack.runBytes(newMss);
        sackAllowed = sack;
        ring = memory;
        congestion.start(newMss, timeouts > 0);
        if (timeouts > 0) {
            rtt.afterLostSyn();
        }
        timeouts = 0;
        progressAt = now;
        retransmitAt = TimerWheel.NEVER;
    }

    void window(int scaled, TcpSegment segment) {
        window = scaled;
        windowSequence = segment.sequence;
        windowAck = segment.acknowledgement;
        maxWindow = Math.max(maxWindow, scaled);
    }

    int maxWindow() {
        return maxWindow;
    }

    int mss() {
        return mss;
    }

    @Nullable
    ByteRing giveUp() {
        ByteRing memory = ring;
        ring = null;
        return memory;
    }

    // ---- writing ----------------------------------------------------------------------------------------------------

    int room() {
        return ring == null || finished ? 0 : ring.room();
    }

    /** Where what is written goes; null if nothing can be. */
    @Nullable
    ByteRing writable() {
        return finished ? null : ring;
    }

    int write(ByteBuffer source) {
        return ring == null || finished ? 0 : ring.append(source);
    }

    void finish() {
        finished = true;
    }

    /** Whether the peer has everything, the FIN included. */
    boolean isDone() {
        return finAcknowledged;
    }

    int unacknowledged() {
        return ring == null ? 0 : ring.size();
    }

    private int dataEnd() {
        return finAcknowledged ? una - 1 : una + unacknowledged();
    }

    // ---- acknowledgements -------------------------------------------------------------------------------------------

    /** An acceptable acknowledgement, for nothing or more. */
    void acknowledged(TcpSegment segment, int scaledWindow, long now) {
        int bytes = segment.acknowledgement - una;
        boolean news = sackAllowed && takeBlocks(segment);
        if (bytes > 0) {
            advance(bytes, now);
        } else if (bytes == 0 && isDuplicate(segment, scaledWindow, news)) {
            duplicate();
        }
        updateWindow(segment, scaledWindow, now);
        if (!recovering && una != max && mayRecover() && isLossLikely()) {
            startRecovery();
        }
    }

    private boolean takeBlocks(TcpSegment segment) {
        int before = sacked.total();
        for (int i = 0; i < segment.blocks; i++) {
            int left = segment.lefts[i];
            int right = segment.rights[i];
            // D-SACK and nonsense lie elsewhere.
            if (left - una > 0 && right - left > 0 && right - max <= 0) {
                sacked.add(left, right);
            }
        }
        return sacked.total() != before;
    }

    private void advance(int bytes, long now) {
        boolean wasFull = flight() + mss > congestion.window();
        int data = Math.min(bytes, unacknowledged());
        if (ring != null) {
            ring.drop(data);
        }
        finAcknowledged |= bytes > data;
        una += bytes;
        next = next - una < 0 ? una : next;
        again = again - una < 0 ? una : again;
        sacked.removeBefore(una);
        rtt.acknowledged(una, now);
        timeouts = 0;
        probes = 0;
        progressAt = now;
        duplicates = 0;
        if (!recovering) {
            congestion.acknowledged(bytes, wasFull);
        } else if (una - recover >= 0) {
            recovering = false;
            congestion.recovered(flight());
        } else if (!sackAllowed) {
            // A partial acknowledgement (RFC 6582): the next hole is sent again, the window deflated.
            congestion.inflate((bytes >= mss ? mss : 0) - bytes);
            again = una;
        }
        retransmitAt = una == max ? TimerWheel.NEVER : now + rtt.rto();
    }

    /** What answers a probe of a closed window, for which {@code next} stands still, says nothing of a loss. */
    private boolean isDuplicate(TcpSegment segment, int scaledWindow, boolean news) {
        return next != una
                && segment.sequenceBytes() == 0
                && (sackAllowed && segment.blocks > 0 ? news : scaledWindow == window);
    }

    private void duplicate() {
        duplicates++;
        if (recovering && !sackAllowed) {
            congestion.inflate(mss);
        }
    }

    /** After a timeout, old duplicates prove nothing until all that was sent before it is acknowledged (RFC 6582). */
    private boolean mayRecover() {
        return sackAllowed ? una - recover >= 0 : una - recover > 0;
    }

    private boolean isLossLikely() {
        return duplicates >= DUPLICATES || sackAllowed && sacked.total() > (DUPLICATES - 1) * mss;
    }

    private void startRecovery() {
        recovering = true;
        recover = max;
        recoverFrom = una;
        again = una;
        congestion.halve(flight());
        if (!sackAllowed) {
            congestion.inflate(DUPLICATES * mss);
        }
    }

    /** RFC 9293, section 3.10.7.4: only what is newer than the last update. */
    private void updateWindow(TcpSegment segment, int scaledWindow, long now) {
        int newer = segment.sequence - windowSequence;
        if (newer > 0 || newer == 0 && segment.acknowledgement - windowAck >= 0) {
            if (scaledWindow > 0) {
                probes = 0;
                progressAt = window == 0 ? now : progressAt;
            }
            window(scaledWindow, segment);
        }
    }

    // ---- sending ----------------------------------------------------------------------------------------------------

    int flight() {
        return next - una;
    }

    /** How many bytes more may be under way for the network's sake. */
    private int allowance() {
        if (!recovering) {
            // Limited transmit (RFC 3042): the first two duplicates let new segments out, and only new ones.
            int limited = next == max ? Math.min(duplicates, DUPLICATES - 1) * mss : 0;
            return congestion.window() + limited - flight() + (sackAllowed ? sacked.total() : 0);
        }
        if (!sackAllowed) {
            return congestion.window() - flight();
        }
        int high = highest();
        int beyond = next - (again - high > 0 ? again : high);
        int sentAgain = again - una - sackedBefore(again);
        return congestion.window() - beyond - sentAgain;
    }

    private int highest() {
        return sacked.isEmpty() ? una : sacked.right(sacked.size() - 1);
    }

    private int sackedBefore(int sequence) {
        int total = 0;
        for (int i = 0; i < sacked.size() && sacked.left(i) - sequence < 0; i++) {
            int right = sacked.right(i) - sequence < 0 ? sacked.right(i) : sequence;
            total += right - sacked.left(i);
        }
        return total;
    }

    /** Sends what may be sent. Returns how many segments. */
    int output(long now) {
        blocked = false;
        if (next == max && una == max && now - sentAt > rtt.rto()) {
            congestion.restart();
        }
        int sent = recovering ? repair(now) : 0;
        while (!blocked && sendNext(now)) {
            sent++;
        }
        boolean waits = next == una && next - dataEnd() < 0;
        if (waits && !blocked && retransmitAt == TimerWheel.NEVER) {
            probeAt = probeAt == TimerWheel.NEVER ? now + probeDelay() : probeAt;
        } else {
            probeAt = TimerWheel.NEVER;
        }
        return sent;
    }

    /**
     * Where a segment without data stands: after everything sent, also while {@code next} has gone back, because the
     * peer may have all of it; but not outside of its window, where it would not be looked at.
     */
    int sequenceOfAck() {
        int edge = una + window;
        return max - edge <= 0 || next - edge > 0 ? max : edge;
    }

    /** Whether something could not be sent because the link had no buffer. */
    boolean isBlocked() {
        return blocked;
    }

    private boolean sendNext(long now) {
        int available = dataEnd() - next;
        int usable = Math.min(allowance(), una + window - next);
        // What is sent again goes segment by segment, and what does not fill a segment goes by itself.
        int length = Math.max(0, Math.min(Math.min(available, next == max ? run : mss), usable));
        length -= length > mss ? length % mss : 0;
        boolean fin = finished && !finAcknowledged && length == available;
        if (length == 0 ? !fin : !(isWorthwhile(length, available) || fin)) {
            return false;
        }
        int flags = TcpFormat.ACK | (length > 0 && length == available ? TcpFormat.PSH : 0) | (fin ? TcpFormat.FIN : 0);
        return send(next, length, flags, now);
    }

    /** RFC 9293, section 3.8.6.2.1 (silly window) and 3.7.4 (Nagle). */
    private boolean isWorthwhile(int length, int available) {
        return length >= mss
                || length == available && (!nagle || next == una || finished)
                || maxWindow > 0 && length >= maxWindow / 2
                || next - max < 0;
    }

    private boolean send(int sequence, int length, int flags, long now) {
        if (!connection.emit(sequence, flags, ring, sequence - una, length, now)) {
            blocked = true;
            return false;
        }
        int end = sequence + length + ((flags & TcpFormat.FIN) != 0 ? 1 : 0);
        if (end - max > 0) {
            if (una == max) {
                progressAt = now;
            }
            max = end;
            rtt.sent(end, now);
        } else {
            rtt.retransmitted();
            connection.stack.counters().countRetransmission();
        }
        next = end - next > 0 ? end : next;
        sentAt = now;
        if (retransmitAt == TimerWheel.NEVER) {
            retransmitAt = now + rtt.rto();
        }
        return true;
    }

    /** Invariant 2, or without SACK: the segment that the last acknowledgement asks for. */
    private int repair(long now) {
        int sent = 0;
        int high = repairEnd();
        while (again - high < 0) {
            int from = sacked.firstGap(again);
            int sentEnd = dataEnd() - max < 0 ? dataEnd() : max;
            int to = sackAllowed ? sacked.nextLeft(from, sentEnd) : sentEnd;
            int length = Math.min(Math.min(to - from, mss), sentEnd - from);
            boolean first = from == una;
            if (from - high >= 0 || !first && allowance() < length) {
                break;
            }
            // The last byte may be the FIN.
            boolean fin = finished && from + length == dataEnd() && from + length - max < 0;
            if (length <= 0 && !fin
                    || !send(from, Math.max(0, length), TcpFormat.ACK | (fin ? TcpFormat.FIN : 0), now)) {
                break;
            }
            again = from + Math.max(1, length);
            sent++;
        }
        return sent;
    }

    /** Up to where segments are taken for lost. */
    private int repairEnd() {
        if (!sackAllowed || una == recoverFrom) {
            return sacked.isEmpty() ? una + 1 : highest();
        }
        return sacked.isEmpty() ? una : highest();
    }

    // ---- timers -----------------------------------------------------------------------------------------------------

    private long probeDelay() {
        return Math.min(rtt.rto() << Math.min(probes, 20), RttEstimator.MAX_RTO);
    }

    /** Nothing was acknowledged for a whole timeout: everything is sent anew, slowly. */
    void timeout(long now) {
        retransmitAt = TimerWheel.NEVER;
        if (una == max) {
            return;
        }
        congestion.collapse(flight(), timeouts == 0);
        timeouts++;
        recovering = false;
        duplicates = 0;
        sacked.clear();
        recover = max;
        next = una;
        rtt.retransmitted();
        rtt.backOff();
    }

    /** The peer's window is closed: one byte asks whether it still is (RFC 9293, section 3.8.6.1). */
    void probe(long now) {
        probeAt = TimerWheel.NEVER;
        if (next - dataEnd() >= 0 || next != una) {
            return;
        }
        if (connection.emit(next, TcpFormat.ACK, ring, next - una, 1, now)) {
            max = max - (next + 1) < 0 ? next + 1 : max;
            rtt.retransmitted();
        }
        probes++;
        probeAt = now + probeDelay();
    }

    int timeouts() {
        return timeouts;
    }

    /** Since when nothing that was sent was acknowledged. */
    long progressAt() {
        return progressAt;
    }

    boolean isIdle() {
        return una == max && unacknowledged() == 0;
    }
}
