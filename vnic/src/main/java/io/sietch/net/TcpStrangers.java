package io.sietch.net;

import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** TCP segments that belong to no connection: some begin one (RFC 9293, sections 3.10.7.1 and 3.10.7.2). */
final class TcpStrangers {
    private final Stack stack;
    private final SynCookies cookies;

    TcpStrangers(Stack stack, RandomGenerator random) {
        this.stack = stack;
        this.cookies = new SynCookies(stack, random);
    }

    /** Takes a segment that is no reset. */
    void receive(TcpSegment segment, int source, long key, @Nullable TcpListener listener, long now) {
        if (segment.has(TcpFormat.ACK)) {
            TcpSegment syn = listener == null || stack.isFull() ? null : cookies.recall(segment, source, now);
            if (listener == null || syn == null) {
                stack.sendReset(source, segment.sourcePort, segment.destinationPort, segment.acknowledgement, 0);
            } else {
                resume(segment, syn, source, key, listener, now);
            }
        } else if (listener == null) {
            int next = segment.sequence + segment.sequenceBytes();
            stack.sendReset(source, segment.sourcePort, segment.destinationPort, 0, next);
        } else if (segment.has(TcpFormat.SYN)) {
            begin(segment, source, key, listener, now);
        }
    }

    private void begin(TcpSegment segment, int source, long key, TcpListener listener, long now) {
        if (stack.isFull()) {
            stack.counters().countRefusedSyn();
        } else if (listener.halfOpen >= stack.options().maxHalfOpen()) {
            cookies.answer(segment, source, now);
        } else {
            listener.halfOpen++;
            stack.accept(key, source, stack.sequenceFor(source, key), listener).synchronize(segment, now);
        }
    }

    /** The connection that a cookie stands for, as if it had been there since the SYN. */
    private void resume(TcpSegment ack, TcpSegment syn, int source, long key, TcpListener listener, long now) {
        listener.halfOpen++;
        TcpConnection connection = stack.accept(key, source, ack.acknowledgement - 1, listener);
        connection.synchronize(syn, now);
        connection.receiver.advertise(stack.mss(), true);
        connection.sender().synWasSent(now);
        connection.synNow = false;
        connection.input(ack, now);
    }

    /** Whether a new connection with the same addresses may take the place of one (RFC 9293, MAY-2; RFC 6191). */
    static boolean mayReplace(TcpConnection connection, TcpSegment segment) {
        boolean newer = connection.timestamps.isOn() && segment.hasTimestamps
                ? connection.timestamps.isNewer(segment)
                : segment.sequence - connection.receiver.next > 0;
        return connection.state() == TcpState.TIME_WAIT
                && (segment.flags & (TcpFormat.SYN | TcpFormat.ACK | TcpFormat.RST)) == TcpFormat.SYN
                && newer;
    }
}
