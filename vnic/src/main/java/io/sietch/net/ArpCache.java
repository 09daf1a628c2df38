package io.sietch.net;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * Who has which address (RFC 826), and the packets that wait to know. Everything is bounded: 1024 neighbours, of which
 * the one unheard of for longest makes room; a few packets that wait, beyond which a packet is dropped, as the network
 * may do at any time.
 */
final class ArpCache extends TimerWheel.Timer {
    private static final int SETS = 256;
    private static final int WAYS = 4;
    private static final int WAITING = 64;
    private static final int TRIES = 3;
    private static final long RETRY_NANOS = 1_000_000_000L;
    /** How long an answer is believed (RFC 1122, section 2.3.2.1 asks for a limit). */
    private static final long BELIEVED_NANOS = 60_000_000_000L;

    static final long UNKNOWN = -1;

    private final Stack stack;
    private final int[] addresses = new int[SETS * WAYS];
    private final long[] macs = new long[SETS * WAYS];
    private final long[] heardAt = new long[SETS * WAYS];

    private final int[] waitingFor = new int[WAITING];
    private final long[] buffers = new long[WAITING];
    private final int[] lengths = new int[WAITING];
    private final int[] checksumStarts = new int[WAITING];
    private final int[] checksumAts = new int[WAITING];
    private final int[] segmentBytes = new int[WAITING];
    private int waiting;
    private int tries;

    ArpCache(Stack stack) {
        this.stack = stack;
        Arrays.fill(macs, UNKNOWN);
    }

    void receive(MemorySegment frame, long at, int length, long now) {
        if (length < ArpFormat.BYTES || !ArpFormat.isForIpv4(frame, at)) {
            stack.counters().countMalformed();
            return;
        }
        int sender = ArpFormat.senderIp(frame, at);
        long mac = ArpFormat.senderMac(frame, at);
        boolean forUs = ArpFormat.targetIp(frame, at) == stack.address();
        // RFC 826: who talks to us is remembered; who talks to others only if we knew it.
        if (sender != 0 && sender != stack.address() && !EthernetFormat.isGroup(mac)) {
            if (forUs || find(sender, now) != UNKNOWN) {
                learn(sender, mac, now);
            }
            if (forUs && ArpFormat.operation(frame, at) == ArpFormat.REQUEST) {
                stack.sendArp(ArpFormat.REPLY, mac, mac, sender);
            }
        }
    }

    private void askFor(int address) {
        stack.sendArp(ArpFormat.REQUEST, EthernetFormat.BROADCAST, 0, address);
    }

    private static int set(int address) {
        return (address * 0x9E37_79B9 >>> 24) * WAYS;
    }

    /** The neighbour's MAC, or {@link #UNKNOWN}. */
    long find(int address, long now) {
        int set = set(address);
        for (int i = set; i < set + WAYS; i++) {
            if (addresses[i] == address && macs[i] != UNKNOWN) {
                return now - heardAt[i] <= BELIEVED_NANOS ? macs[i] : UNKNOWN;
            }
        }
        return UNKNOWN;
    }

    /** A neighbour has spoken. Packets that waited for it go now. */
    void learn(int address, long mac, long now) {
        int set = set(address);
        int slot = set;
        for (int i = set; i < set + WAYS; i++) {
            if (addresses[i] == address && macs[i] != UNKNOWN) {
                slot = i;
                break;
            }
            if (macs[slot] != UNKNOWN && (macs[i] == UNKNOWN || heardAt[i] - heardAt[slot] < 0)) {
                slot = i;
            }
        }
        addresses[slot] = address;
        macs[slot] = mac;
        heardAt[slot] = now;
        int kept = 0;
        for (int i = 0; i < waiting; i++) {
            if (waitingFor[i] == address) {
                stack.sendTo(mac, buffers[i], lengths[i], checksumStarts[i], checksumAts[i], segmentBytes[i]);
            } else {
                move(i, kept++);
            }
        }
        waiting = kept;
    }

    private void move(int from, int to) {
        waitingFor[to] = waitingFor[from];
        buffers[to] = buffers[from];
        lengths[to] = lengths[from];
        checksumStarts[to] = checksumStarts[from];
        checksumAts[to] = checksumAts[from];
        segmentBytes[to] = segmentBytes[from];
    }

    /** Keeps a packet until its next hop is known, and asks for it. */
    void wait(int address, long buffer, int length, int checksumStart, int checksumAt, int segment, long now) {
        boolean asked = false;
        for (int i = 0; i < waiting; i++) {
            asked |= waitingFor[i] == address;
        }
        if (waiting == WAITING) {
            stack.dropWaiting(buffer);
        } else {
            waitingFor[waiting] = address;
            buffers[waiting] = buffer;
            lengths[waiting] = length;
            checksumStarts[waiting] = checksumStart;
            checksumAts[waiting] = checksumAt;
            segmentBytes[waiting++] = segment;
            if (waiting == 1) {
                tries = 0;
                stack.wheel().set(this, now + RETRY_NANOS);
            }
        }
        if (!asked) {
            askFor(address);
        }
    }

    /** Asks again, or gives up what waits. */
    @Override
    void expired(long now) {
        if (++tries < TRIES) {
            for (int i = 0; i < waiting; i++) {
                boolean first = true;
                for (int k = 0; k < i; k++) {
                    first &= waitingFor[k] != waitingFor[i];
                }
                if (first) {
                    askFor(waitingFor[i]);
                }
            }
            stack.wheel().set(this, now + RETRY_NANOS);
        } else {
            for (int i = 0; i < waiting; i++) {
                stack.dropWaiting(buffers[i]);
            }
            waiting = 0;
        }
    }
}
