package io.sietch.net;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Answers to SYNs for which there is no room (RFC 4987, section 3.6): nothing is remembered, what has to be known when
 * the handshake is completed stands in our sequence number, and only who got it can send it back.
 *
 * <pre>
 *  sequence number   31           8 7       3 2   0      timestamp  31        6 5     2  1    0
 *                    ├ keyed hash ──┼ minutes ┼ MSS ┤               ├ ticks ────┼ scale ┼ SACK ┼ 1 ┤
 * </pre>
 *
 * <p>The hash covers both ends, the peer's sequence number and the low bits of both. A peer without timestamps loses
 * window scale and SACK; the MSS is rounded down to one of eight. An answer that gets lost is not sent again by itself.
 */
final class SynCookies {
    private static final int[] SIZES = {64, 256, 536, 960, 1200, 1440, 1460, 8960};
    private static final long PERIOD_NANOS = 64_000_000_000L;
    private static final int PERIODS = 32;
    private static final int NO_SCALE = 15;
    private static final int OPTION_BITS = 6;
    private static final int SECRET_BYTES = 32;

    private final Stack stack;
    private final MessageDigest digest;
    private final byte[] secret = new byte[SECRET_BYTES];
    private final ByteBuffer input = ByteBuffer.allocate(24);
    private final TcpSegment syn = new TcpSegment();
    private final int ourScale;
    private boolean used;
    private long usedAt;

    SynCookies(Stack stack, RandomGenerator random) {
        this.stack = stack;
        this.ourScale = new TcpReceiver(stack.options().receiveBytes()).scale;
        random.nextBytes(secret);
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /** Answers a SYN and forgets it. */
    void answer(TcpSegment peer, int source, long now) {
        long buffer = stack.claim();
        if (buffer == Link.NONE) {
            return;
        }
        used = true;
        usedAt = now;
        stack.counters().countCookieSent();
        boolean scaling = peer.hasTimestamps && peer.scale != TcpSegment.NONE;
        int scale = scaling ? Math.min(peer.scale, NO_SCALE - 1) : NO_SCALE;
        int options = peer.hasTimestamps ? scale << 2 | (peer.sackPermitted ? 2 : 0) | 1 : 0;
        MemorySegment memory = stack.memory();
        long tcp = stack.aboveIp(buffer);
        boolean sack = peer.hasTimestamps && peer.sackPermitted;
        long at = TcpFormat.writeSynOptions(
                memory, tcp + TcpFormat.BYTES, stack.mss(), scaling ? ourScale : TcpSegment.NONE, sack);
        if (peer.hasTimestamps) {
            TcpFormat.writeTimestamps(memory, at, timestamp(peer, source, options, now), peer.timestamp);
            at += TcpFormat.TIMESTAMPS_BYTES;
        }
        int low = period(now) << 3 | sizeIndex(peer.mss);
        int cookie = hash(peer, source, peer.sequence, low, options) << 8 | low;
        int headerBytes = (int) (at - tcp);
        TcpFormat.write(
                memory,
                tcp,
                peer.destinationPort,
                peer.sourcePort,
                cookie,
                peer.sequence + 1,
                headerBytes,
                TcpFormat.SYN | TcpFormat.ACK,
                Math.min(stack.options().receiveBytes(), 0xFFFF));
        stack.sendTcp(buffer, source, headerBytes, 0);
    }

    /**
     * Whether an acknowledgement completes a handshake that was answered here, not long ago.
     *
     * @return the SYN as it must have been, and to be used at once; null if it does not
     */
    @Nullable
    TcpSegment recall(TcpSegment ack, int source, long now) {
        if (!used || now - usedAt > 2 * PERIOD_NANOS || ack.has(TcpFormat.SYN)) {
            return null;
        }
        int cookie = ack.acknowledgement - 1;
        int low = cookie & 0xFF;
        int options = ack.hasTimestamps ? ack.timestampEcho & (1 << OPTION_BITS) - 1 : 0;
        int age = Math.floorMod(period(now) - (low >> 3), PERIODS);
        if (age > 1 || cookie >>> 8 != hash(ack, source, ack.sequence - 1, low, options)) {
            return null;
        }
        int scale = options >> 2;
        syn.sequence = ack.sequence - 1;
        syn.flags = TcpFormat.SYN;
        syn.window = ack.window;
        syn.mss = SIZES[low & 7];
        syn.hasTimestamps = ack.hasTimestamps;
        syn.timestamp = ack.timestamp;
        syn.scale = options == 0 || scale == NO_SCALE ? TcpSegment.NONE : scale;
        syn.sackPermitted = (options & 2) != 0;
        stack.counters().countCookieAccepted();
        return syn;
    }

    private static int period(long now) {
        return Math.floorMod(now / PERIOD_NANOS, PERIODS);
    }

    private static int sizeIndex(int mss) {
        int index = 0;
        int size = mss == TcpSegment.NONE ? 536 : mss;
        while (index < SIZES.length - 1 && SIZES[index + 1] <= size) {
            index++;
        }
        return index;
    }

    /** What the connection would say at about this time, and never more, with the low bits replaced. */
    private int timestamp(TcpSegment peer, int source, int options, long now) {
        int offset = stack.timestampOffset(source, peer.sourcePort, peer.destinationPort);
        int ticks = TcpTimestamps.tick(now, offset);
        int value = ticks >> OPTION_BITS << OPTION_BITS | options;
        return value - ticks > 0 ? value - (1 << OPTION_BITS) : value;
    }

    /** 24 bits. */
    private int hash(TcpSegment segment, int source, int sequence, int low, int options) {
        digest.update(secret);
        input.clear();
        input.putInt(source)
                .putInt(stack.address())
                .putInt(segment.sourcePort << 16 | segment.destinationPort)
                .putInt(sequence)
                .putInt(low)
                .putInt(options)
                .flip();
        digest.update(input);
        return ByteBuffer.wrap(digest.digest()).getInt() >>> 8;
    }
}
