package io.sietch.net;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * One TCP connection (RFC 9293). Bytes go in with {@link #write} and come out with {@link #read}; segments follow when
 * the stack is polled.
 *
 * <p>Threads: that of the {@link Stack}.
 */
public final class TcpConnection extends TimerWheel.Timer {
    /** Acknowledgements wait for at most this many full segments (RFC 9293, section 3.8.6.3). */
    private static final int SEGMENTS_PER_ACK = 2;

    private static final int MAX_SCALE = 14;
    private static final int DEFAULT_MSS = 536;
    /** SYNs are given up earlier than data: after about three minutes (RFC 9293, MUST-23). */
    private static final long SYN_TIMEOUT_NANOS = 180_000_000_000L;

    private static final long FIN_WAIT_NANOS = 60_000_000_000L;

    final Stack stack;
    final long key;
    private final int remoteAddress;
    private final int remotePort;
    private final int localPort;
    private final TcpHandler handler;
    private final @Nullable TcpListener listener;
    private final StackOptions options;
    private final TcpSender sender;
    final TcpReceiver receiver;
    private final SegmentWriter writer;
    private final TcpBytes bytes = new TcpBytes(this);
    private final int iss;
    final TcpTimestamps timestamps;

    private TcpState state;
    private TcpEnd end = TcpEnd.NONE;
    private int peerScale;
    private int peerMss = DEFAULT_MSS;
    private boolean sack;
    private boolean scaling;

    private boolean ackNow;
    boolean synNow;
    private int unacknowledgedSegments;
    private long ackAt = TimerWheel.NEVER;
    private long waitUntil = TimerWheel.NEVER;
    private final KeepAlive keepAlive;
    private boolean readingOver;
    boolean wantsRoom;

    boolean isDirty;
    boolean isChanged;
    private @Nullable Object attachment;

    TcpConnection(
            Stack stack,
            long key,
            int address,
            int iss,
            int tsOffset,
            TcpHandler handler,
            @Nullable TcpListener listener) {
        this.stack = stack;
        this.key = key;
        this.remoteAddress = address;
        this.remotePort = (int) (key >>> 16) & 0xFFFF;
        this.localPort = (int) key & 0xFFFF;
        this.handler = handler;
        this.listener = listener;
        this.options = stack.options();
        this.iss = iss;
        this.timestamps = new TcpTimestamps(tsOffset, stack.counters());
        this.sender = new TcpSender(this, options, iss);
        this.receiver = new TcpReceiver(options.receiveBytes());
        this.writer = new SegmentWriter(stack, address, remotePort, localPort, timestamps, receiver);
        this.state = listener == null ? TcpState.SYN_SENT : TcpState.SYN_RECEIVED;
        this.keepAlive = new KeepAlive(options.keepAliveNanos(), stack.now());
        this.synNow = true;
        this.sack = true;
        this.scaling = true;
        stack.dirty(this);
    }

    // ---- for the application ----------------------------------------------------------------------------------------

    /** Where it is in its life. */
    public TcpState state() {
        return state;
    }

    /** How it ended; {@link TcpEnd#NONE} while it has not. */
    public TcpEnd end() {
        return end;
    }

    /** The peer's IPv4 address. */
    public int remoteAddress() {
        return remoteAddress;
    }

    /** The peer's port. */
    public int remotePort() {
        return remotePort;
    }

    /** Our port. */
    public int localPort() {
        return localPort;
    }

    /** How many bytes can be read now. */
    public int available() {
        return receiver.available();
    }

    /** Whether the peer has finished and everything was read. */
    public boolean isAtEnd() {
        return receiver.isEnded() && receiver.available() == 0;
    }

    /** Takes what has arrived, as much as the buffer has room for. Returns how many bytes. */
    public int read(ByteBuffer target) {
        int length = receiver.read(target);
        consumed(length);
        return length;
    }

    /** Bytes were read: the peer hears of it if that makes much room. */
    void consumed(int length) {
        if (length > 0 && state.isSynchronized() && receiver.shouldAnnounce(sender.mss())) {
            ackNow = true;
            stack.dirty(this);
        }
    }

    /** How many bytes can be written now. */
    public int room() {
        return canWrite() ? sender.room() : 0;
    }

    /**
     * Takes bytes over, as many as there is room for; they are sent from the next poll on. If that is not all, or no
     * room is left, the handler hears when there is some again.
     *
     * @return how many
     */
    public int write(ByteBuffer source) {
        int length = canWrite() ? sender.write(source) : 0;
        wantsRoom = source.hasRemaining() || sender.room() == 0;
        if (length > 0) {
            stack.dirty(this);
        }
        return length;
    }

    /** The bytes where they lie. */
    public TcpBytes bytes() {
        return bytes;
    }

    boolean canWrite() {
        return state == TcpState.ESTABLISHED || state == TcpState.CLOSE_WAIT;
    }

    /** Says that no more will be written. What was written is still sent; reading goes on. */
    public void finish() {
        switch (state) {
            case ESTABLISHED -> {
                sender.finish();
                state = TcpState.FIN_WAIT_1;
                stack.dirty(this);
            }
            case CLOSE_WAIT -> {
                sender.finish();
                state = TcpState.LAST_ACK;
                stack.dirty(this);
            }
            case SYN_SENT, SYN_RECEIVED -> abort();
            case FIN_WAIT_1, FIN_WAIT_2, CLOSING, LAST_ACK, TIME_WAIT, CLOSED -> {} // said already
        }
    }

    /**
     * Says that nothing more will be written or read. Data that is here or still arrives was in vain, and the peer is
     * told so by a reset (RFC 9293, section 3.6.1).
     */
    public void close() {
        if (receiver.available() > 0) {
            abort();
            return;
        }
        readingOver = true;
        finish();
        if (state == TcpState.FIN_WAIT_2) {
            waitUntil = stack.now() + FIN_WAIT_NANOS;
        }
        updateTimer();
    }

    /** Ends the connection at once, and tells the peer. What was not sent is lost. */
    public void abort() {
        if (state.isSynchronized() && state != TcpState.TIME_WAIT || state == TcpState.SYN_RECEIVED) {
            stack.sendReset(remoteAddress, remotePort, localPort, sender.next, receiver.next);
        }
        die(TcpEnd.ABORTED);
    }

    /** What the application attached. */
    public @Nullable Object attachment() {
        return attachment;
    }

    /** Attaches something of the application's. */
    public void attach(@Nullable Object newAttachment) {
        attachment = newAttachment;
    }

    TcpHandler handler() {
        return handler;
    }

    TcpSender sender() {
        return sender;
    }

    // ---- segments that come -----------------------------------------------------------------------------------------

    void input(TcpSegment segment, long now) {
        if (state == TcpState.SYN_SENT) {
            inputSynSent(segment, now);
            return;
        }
        if (!timestamps.passes(segment, now) || !isAcceptable(segment)) {
            refuse(segment);
            return;
        }
        timestamps.record(segment, now);
        if (segment.has(TcpFormat.RST)) {
            inputReset(segment);
        } else if (segment.has(TcpFormat.SYN)) {
            // RFC 5961, section 4: a SYN within a connection is answered, and nothing else.
            challenge(now);
        } else if (segment.has(TcpFormat.ACK) && inputAcknowledgement(segment, now)) {
            keepAlive.heard(now);
            inputData(segment, now);
        }
    }

    /** An unacceptable segment is answered with where we are; a SYN that came twice with the SYN that may be lost. */
    private void refuse(TcpSegment segment) {
        if (segment.has(TcpFormat.RST)) {
            return;
        }
        if (state == TcpState.SYN_RECEIVED && segment.has(TcpFormat.SYN)) {
            synNow = true;
            stack.dirty(this);
        } else {
            acknowledgeAtOnce();
        }
    }

    /** While the window is closed, a segment at its edge may still acknowledge (RFC 9293, section 3.10.7.4). */
    private boolean isAcceptable(TcpSegment segment) {
        if (receiver.isAcceptable(segment.sequence, segment.sequenceBytes())) {
            return true;
        }
        if (receiver.window() == 0 && segment.sequence == receiver.next && segment.has(TcpFormat.ACK)) {
            segment.payloadBytes = 0;
            segment.flags &= ~TcpFormat.FIN;
            acknowledgeAtOnce();
            return true;
        }
        return false;
    }

    private void inputSynSent(TcpSegment segment, long now) {
        boolean acknowledges = segment.has(TcpFormat.ACK);
        if (acknowledges && segment.acknowledgement != iss + 1) {
            if (!segment.has(TcpFormat.RST)) {
                stack.sendReset(remoteAddress, remotePort, localPort, segment.acknowledgement, 0);
            }
            return;
        }
        if (segment.has(TcpFormat.RST)) {
            if (acknowledges) {
                die(TcpEnd.RESET);
            }
            return;
        }
        if (!segment.has(TcpFormat.SYN)) {
            return;
        }
        synchronize(segment, now);
        if (acknowledges) {
            opened(segment, now);
            receiver.advertise(sender.mss(), true); // as our SYN did
            acknowledgeAtOnce();
            segment.sequence++;
            inputData(segment, now);
        } else {
            // Both have opened at once.
            state = TcpState.SYN_RECEIVED;
            synNow = true;
            stack.dirty(this);
        }
    }

    /** The peer's SYN: its numbers and what it offers. */
    void synchronize(TcpSegment segment, long now) {
        receiver.synchronize(segment.sequence);
        timestamps.agree(segment, receiver.next, now);
        sack = segment.sackPermitted;
        scaling = segment.scale != TcpSegment.NONE;
        peerScale = scaling ? Math.min(segment.scale, MAX_SCALE) : 0;
        receiver.scaled(scaling);
        peerMss = segment.mss == TcpSegment.NONE ? DEFAULT_MSS : Math.max(segment.mss, 64);
        sender.window(segment.window, segment);
    }

    /** Our SYN was acknowledged: the connection is there. */
    private void opened(TcpSegment segment, long now) {
        int mss = Math.min(peerMss, stack.mss()) - timestamps.bytes();
        sender.open(mss, sack, stack.rings().take(options.sendBytes()), now);
        receiver.use(stack.rings().take(options.receiveBytes()));
        sender.window(segment.has(TcpFormat.SYN) ? segment.window : segment.window << peerScale, segment);
        if (state == TcpState.SYN_RECEIVED && listener != null) {
            listener.halfOpen--;
        }
        state = TcpState.ESTABLISHED;
        synNow = false;
        keepAlive.heard(now);
        stack.changed(this);
        stack.dirty(this);
    }

    /** RFC 5961, section 3: only a reset at exactly the next number counts. */
    private void inputReset(TcpSegment segment) {
        if (segment.sequence != receiver.next) {
            challenge(stack.now());
        } else if (state == TcpState.TIME_WAIT) {
            // Assassination by an old reset (RFC 1337): nothing is lost by staying.
            stack.counters().countIgnoredReset();
        } else {
            die(TcpEnd.RESET);
        }
    }

    /** Returns false if the segment is to be dropped. */
    private boolean inputAcknowledgement(TcpSegment segment, long now) {
        int ack = segment.acknowledgement;
        if (state == TcpState.SYN_RECEIVED) {
            if (ack != iss + 1) {
                stack.sendReset(remoteAddress, remotePort, localPort, ack, 0);
                return false;
            }
            opened(segment, now);
        }
        // RFC 5961, section 5: neither for what was never sent, nor older than any window.
        if (ack - sender.max > 0 || ack - (sender.una - Math.max(sender.maxWindow(), 0xFFFF)) < 0) {
            challenge(now);
            return false;
        }
        sender.acknowledged(segment, segment.window << peerScale, now);
        stack.dirty(this);
        if (wantsRoom && sender.room() >= options.sendBytes() / 4) {
            wantsRoom = false;
            stack.changed(this);
        }
        if (sender.isDone()) {
            finAcknowledged(now);
        }
        return state != TcpState.CLOSED;
    }

    private void finAcknowledged(long now) {
        switch (state) {
            case FIN_WAIT_1 -> {
                state = TcpState.FIN_WAIT_2;
                if (readingOver) {
                    waitUntil = now + FIN_WAIT_NANOS;
                }
                stack.changed(this);
            }
            case CLOSING -> timeWait(now);
            case LAST_ACK -> die(TcpEnd.NORMAL);
            case SYN_SENT,
                    SYN_RECEIVED,
                    ESTABLISHED,
                    FIN_WAIT_2,
                    CLOSE_WAIT,
                    TIME_WAIT,
                    CLOSED -> {} // known, or no FIN
        }
    }

    private void inputData(TcpSegment segment, long now) {
        if (segment.payloadBytes > 0) {
            if (readingOver) {
                // Nobody will read it (RFC 9293, section 3.6.1).
                abort();
                return;
            }
            int before = receiver.next;
            boolean inOrder = receiver.accept(segment);
            if (!inOrder || ++unacknowledgedSegments >= SEGMENTS_PER_ACK) {
                acknowledgeAtOnce();
            } else if (ackAt == TimerWheel.NEVER) {
                ackAt = now + options.delayedAckNanos();
                stack.dirty(this);
            }
            if (receiver.next != before) {
                stack.changed(this);
            }
        }
        if (segment.has(TcpFormat.FIN)) {
            receiver.endsAt(segment.sequence + segment.payloadBytes);
            acknowledgeAtOnce();
        }
        if (receiver.takeEnd()) {
            acknowledgeAtOnce();
            stack.changed(this);
            peerFinished(now);
        }
    }

    private void peerFinished(long now) {
        switch (state) {
            case ESTABLISHED -> state = TcpState.CLOSE_WAIT;
            case FIN_WAIT_1 -> state = TcpState.CLOSING;
            case FIN_WAIT_2 -> timeWait(now);
            case SYN_SENT, SYN_RECEIVED, CLOSE_WAIT, CLOSING, LAST_ACK, TIME_WAIT, CLOSED -> {} // a FIN is taken once
        }
    }

    private void timeWait(long now) {
        state = TcpState.TIME_WAIT;
        end = TcpEnd.NORMAL;
        waitUntil = now + options.timeWaitNanos();
        stack.rings().giveBack(sender.giveUp());
        updateTimer();
        stack.changed(this);
    }

    private void challenge(long now) {
        if (stack.mayChallenge(now)) {
            acknowledgeAtOnce();
        }
    }

    private void acknowledgeAtOnce() {
        ackNow = true;
        if (state == TcpState.TIME_WAIT) {
            waitUntil = stack.now() + options.timeWaitNanos();
        }
        stack.dirty(this);
    }

    // ---- segments that go -------------------------------------------------------------------------------------------

    /** Sends what is due. Returns false if the link had no buffer and there is more. */
    boolean output(long now) {
        if (state == TcpState.CLOSED) {
            return true;
        }
        if (synNow) {
            boolean sent = emitSyn(now);
            updateTimer();
            return sent;
        }
        if (state.isSynchronized() && state != TcpState.TIME_WAIT) {
            sender.output(now);
        }
        if (ackNow && state != TcpState.SYN_SENT) {
            emit(sender.sequenceOfAck(), TcpFormat.ACK, null, 0, 0, now);
        }
        updateTimer();
        return !sender.isBlocked() && !ackNow;
    }

    private boolean emitSyn(long now) {
        boolean answer = state == TcpState.SYN_RECEIVED;
        int window = answer ? receiver.advertise(stack.mss(), true) : Math.min(options.receiveBytes(), 0xFFFF);
        if (!writer.syn(iss, answer, scaling, sack, window, now)) {
            return false;
        }
        sender.synSent(now);
        synNow = false;
        ackNow = false;
        return true;
    }

    /**
     * Sends one segment.
     *
     * @param offset of the payload in the ring
     * @return false if the link has no buffer
     */
    boolean emit(int sequence, int flags, @Nullable ByteRing ring, int offset, int length, long now) {
        int window = receiver.advertise(sender.mss(), false);
        if (!writer.segment(sequence, flags, ring, offset, length, sender.mss(), window, sack, now)) {
            return false;
        }
        ackNow = false;
        ackAt = TimerWheel.NEVER;
        unacknowledgedSegments = 0;
        return true;
    }

    // ---- time -------------------------------------------------------------------------------------------------------

    private void updateTimer() {
        long next = Math.min(Math.min(sender.retransmitAt, sender.probeAt), Math.min(ackAt, waitUntil));
        if (state == TcpState.ESTABLISHED) {
            next = Math.min(next, keepAlive.at());
        }
        stack.wheel().set(this, state == TcpState.CLOSED ? TimerWheel.NEVER : next);
    }

    @Override
    void expired(long now) {
        if (waitUntil <= now) {
            die(state == TcpState.TIME_WAIT ? TcpEnd.NORMAL : TcpEnd.TIMEOUT);
            return;
        }
        if (ackAt <= now) {
            ackAt = TimerWheel.NEVER;
            ackNow = true;
        }
        if (sender.retransmitAt <= now) {
            retransmit(now);
        }
        if (sender.probeAt <= now) {
            if (now - Math.max(keepAlive.heardAt(), sender.progressAt()) > options.userTimeoutNanos()) {
                die(TcpEnd.TIMEOUT);
            } else {
                sender.probe(now);
            }
        }
        if (state == TcpState.ESTABLISHED && keepAlive.at() <= now) {
            askWhetherAlive(now);
        }
        updateTimer();
        if (state != TcpState.CLOSED) {
            stack.dirty(this);
        }
    }

    private void retransmit(long now) {
        boolean handshake = !state.isSynchronized();
        if (now - sender.progressAt() >= (handshake ? SYN_TIMEOUT_NANOS : options.userTimeoutNanos())) {
            die(TcpEnd.TIMEOUT);
            return;
        }
        sender.timeout(now);
        if (handshake) {
            synNow = true;
            stack.counters().countRetransmission();
        }
    }

    /** RFC 9293, section 3.8.4: a segment before the window, without data, that has to be answered. */
    private void askWhetherAlive(long now) {
        if (keepAlive.isInVain()) {
            die(TcpEnd.TIMEOUT);
            return;
        }
        if (sender.isIdle()) {
            emit(sender.una - 1, TcpFormat.ACK, null, 0, 0, now);
        }
        keepAlive.asked();
    }

    void die(TcpEnd how) {
        if (state == TcpState.CLOSED) {
            return;
        }
        if (state == TcpState.SYN_RECEIVED && listener != null) {
            listener.halfOpen--;
        }
        boolean wasKnown = state != TcpState.SYN_RECEIVED || listener == null;
        end = state == TcpState.TIME_WAIT ? TcpEnd.NORMAL : how;
        state = TcpState.CLOSED;
        stack.remove(this);
        stack.rings().giveBack(sender.giveUp());
        if (how != TcpEnd.NORMAL || receiver.available() == 0) {
            stack.rings().giveBack(receiver.giveUp());
        }
        if (wasKnown) {
            stack.changed(this);
        }
    }

    @Override
    public String toString() {
        return "TCP " + localPort + " to " + Ipv4Format.text(remoteAddress) + ":" + remotePort + ", " + state;
    }
}
