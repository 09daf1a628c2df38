package io.sietch.net;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Puts packets together that came in fragments (RFC 791, RFC 1122 section 3.3.2), within limits that a flood of them
 * cannot move: so many packets at a time, so many of them from one source, so long. A packet whose fragments overlap is
 * given up, as RFC 5722 has it for IPv6: nobody sends such but who wants to be read in two ways. The source hears of a
 * packet that was given up because time was over, if its first fragment had come; of the others nothing.
 *
 * <p>Invariants, for a packet that is in the making:
 *
 * <ol>
 *   <li>A unit of eight bytes is marked if and only if exactly one fragment has brought it.
 *   <li>No marked unit lies behind the end, once that is known.
 *   <li>The packet is whole when the end is known and as many bytes have come.
 * </ol>
 */
final class Reassembly extends TimerWheel.Timer {
    /** Packets in the making; each holds 64 KiB from the first time that so many are needed. */
    static final int PACKETS = 16;

    static final int PACKETS_OF_A_SOURCE = 4;

    /** RFC 1122 wants a limit from 60 to 120 s, for slower networks; what is missing for so long was lost. */
    static final long LIFE_NANOS = 30_000_000_000L;

    private static final int MAX_PAYLOAD_BYTES = Ipv4Format.MAX_PACKET_BYTES - Ipv4Format.BYTES;
    private static final int UNITS = 1 << 13;
    private static final int UNKNOWN = -1;

    /** Where in its memory a payload begins: after the longest header. */
    private static final int PAYLOAD = 64;

    private final Stack stack;
    private final @Nullable Packet[] packets = new @Nullable Packet[PACKETS];

    Reassembly(Stack stack) {
        this.stack = stack;
    }

    /** A packet in the making, or the room for one. */
    private static final class Packet {
        final MemorySegment memory = Arena.ofAuto().allocate(PAYLOAD + MAX_PAYLOAD_BYTES + 1, 8);
        final long[] marks = new long[UNITS / Long.SIZE];
        boolean used;
        int source;
        int id;
        int protocol;
        long deadline;
        int headerBytes;
        int end;
        int highest;
        int received;

        void begin(int from, int itsId, int itsProtocol, long until) {
            used = true;
            source = from;
            id = itsId;
            protocol = itsProtocol;
            deadline = until;
            headerBytes = UNKNOWN;
            end = UNKNOWN;
            highest = 0;
            received = 0;
            Arrays.fill(marks, 0);
        }

        boolean is(int from, int itsId, int itsProtocol) {
            return used && source == from && id == itsId && protocol == itsProtocol;
        }

        /** How many units of a range are marked. */
        int marked(int from, int to) {
            int count = 0;
            for (int unit = from; unit < to; unit++) {
                count += (int) (marks[unit >> 6] >>> unit & 1);
            }
            return count;
        }

        void mark(int from, int to) {
            for (int unit = from; unit < to; unit++) {
                marks[unit >> 6] |= 1L << unit;
            }
        }

        boolean isWhole() {
            return end != UNKNOWN && headerBytes != UNKNOWN && received == end;
        }
    }

    /** A fragment for us, whose header is intact. */
    void receive(MemorySegment frame, long ip, int headerBytes, int totalBytes, long now) {
        stack.counters().countFragment();
        int from = Ipv4Format.fragmentAt(frame, ip);
        int length = totalBytes - headerBytes;
        boolean last = !Ipv4Format.hasMore(frame, ip);
        if (length == 0 || !last && length % Ipv4Format.FRAGMENT_UNIT != 0) {
            stack.counters().countMalformed();
            return;
        }
        Packet packet = find(frame, ip, now);
        if (!take(packet, frame, ip, headerBytes, from, length, last)) {
            abandon(packet);
        } else if (packet.isWhole()) {
            deliver(packet);
        }
    }

    private Packet find(MemorySegment frame, long ip, long now) {
        int source = Ipv4Format.source(frame, ip);
        int id = Ipv4Format.id(frame, ip);
        int protocol = Ipv4Format.protocol(frame, ip);
        for (Packet packet : packets) {
            if (packet != null && packet.is(source, id, protocol)) {
                return packet;
            }
        }
        Packet packet = room(source);
        packet.begin(source, id, protocol, now + LIFE_NANOS);
        setTimer();
        return packet;
    }

    /** Room for one packet more; the oldest goes if there is none, of the same source if that has its share. */
    private Packet room(int source) {
        int slot = -1;
        int ofSource = 0;
        Packet oldest = null;
        Packet oldestOfSource = null;
        for (int i = 0; i < PACKETS; i++) {
            Packet packet = packets[i];
            if (packet == null || !packet.used) {
                slot = slot < 0 || packet != null && packets[slot] == null ? i : slot;
                continue;
            }
            oldest = oldest == null || packet.deadline < oldest.deadline ? packet : oldest;
            if (packet.source == source) {
                ofSource++;
                boolean older = oldestOfSource == null || packet.deadline < oldestOfSource.deadline;
                oldestOfSource = older ? packet : oldestOfSource;
            }
        }
        Packet victim = ofSource >= PACKETS_OF_A_SOURCE ? oldestOfSource : slot < 0 ? oldest : null;
        if (victim != null) {
            abandon(victim);
            return victim;
        }
        Packet packet = packets[slot];
        if (packet == null) {
            packet = new Packet();
            packets[slot] = packet;
        }
        return packet;
    }

    /** Returns false if the packet can come to nothing any more. */
    private static boolean take(
            Packet packet, MemorySegment frame, long ip, int headerBytes, int from, int length, boolean last) {
        int to = from + length;
        boolean fits = to <= MAX_PAYLOAD_BYTES && (packet.end == UNKNOWN || to <= packet.end);
        boolean ends = !last || (packet.end == UNKNOWN ? packet.highest <= to : packet.end == to);
        if (!fits || !ends) {
            return false;
        }
        int firstUnit = from / Ipv4Format.FRAGMENT_UNIT;
        int endUnit = (to + Ipv4Format.FRAGMENT_UNIT - 1) / Ipv4Format.FRAGMENT_UNIT;
        int marked = packet.marked(firstUnit, endUnit);
        if (marked > 0) {
            // The network may duplicate.
            return marked == endUnit - firstUnit;
        }
        if (from == 0) {
            packet.headerBytes = headerBytes;
            MemorySegment.copy(frame, ip, packet.memory, PAYLOAD - headerBytes, headerBytes);
        }
        MemorySegment.copy(frame, ip + headerBytes, packet.memory, PAYLOAD + from, length);
        packet.mark(firstUnit, endUnit);
        packet.received += length;
        packet.highest = Math.max(packet.highest, to);
        packet.end = last ? to : packet.end;
        return true;
    }

    private void deliver(Packet packet) {
        int total = packet.headerBytes + packet.end;
        if (total > Ipv4Format.MAX_PACKET_BYTES) {
            abandon(packet);
            return;
        }
        long ip = PAYLOAD - packet.headerBytes;
        Ipv4Format.writeWhole(packet.memory, ip, total);
        packet.used = false;
        stack.counters().countReassembled();
        stack.receiveAbove(packet.memory, ip, PAYLOAD, packet.end, false);
    }

    private void abandon(Packet packet) {
        packet.used = false;
        stack.counters().countAbandoned();
    }

    private void setTimer() {
        long earliest = TimerWheel.NEVER;
        for (Packet packet : packets) {
            if (packet != null && packet.used) {
                earliest = Math.min(earliest, packet.deadline);
            }
        }
        stack.wheel().set(this, earliest);
    }

    @Override
    void expired(long now) {
        for (Packet packet : packets) {
            if (packet != null && packet.used && packet.deadline <= now) {
                if (packet.headerBytes != UNKNOWN && packet.protocol != Ipv4Format.ICMP) {
                    // Of ICMP it may be an error itself, and errors about errors have no end.
                    stack.icmp().sendTimeExceeded(packet.memory, PAYLOAD - packet.headerBytes, packet.source);
                }
                abandon(packet);
            }
        }
        setTimer();
    }
}
