package io.sietch.net;

import java.lang.foreign.MemorySegment;

/**
 * The timestamps of one connection (RFC 7323): what we echo, and protection against segments from before the sequence
 * numbers wrapped. One tick is a millisecond. Round trips are not measured with them; see {@link RttEstimator}.
 */
final class TcpTimestamps {
    private static final long NANOS_A_TICK = 1_000_000L;

    private final int offset;
    private final StackCounters counters;
    private boolean on = true;
    private int recent;
    private int recordedAt;
    private int lastAcknowledged;

    TcpTimestamps(int offset, StackCounters counters) {
        this.offset = offset;
        this.counters = counters;
    }

    /** The peer's SYN has come; from now on there are timestamps if it had some. */
    void agree(TcpSegment syn, int next, long now) {
        on = syn.hasTimestamps;
        recent = on ? syn.timestamp : 0;
        recordedAt = tick(now);
        lastAcknowledged = next;
    }

    boolean isOn() {
        return on;
    }

    /** What they take of each segment. */
    int bytes() {
        return on ? TcpFormat.TIMESTAMPS_BYTES : 0;
    }

    /** PAWS (section 5.3, R1). A reset may come without, and after 24 days without a word anything may. */
    boolean passes(TcpSegment segment, long now) {
        if (!on || segment.has(TcpFormat.RST)) {
            return true;
        }
        if (!segment.hasTimestamps) {
            return false;
        }
        if (segment.timestamp - recent < 0 && tick(now) - recordedAt >= 0) {
            counters.countOldTimestamp();
            return false;
        }
        return true;
    }

    /** Remembers what to echo: the timestamp of the oldest segment not yet acknowledged (section 4.3). */
    void record(TcpSegment segment, long now) {
        if (on
                && segment.hasTimestamps
                && segment.timestamp - recent >= 0
                && segment.sequence - lastAcknowledged <= 0) {
            recent = segment.timestamp;
            recordedAt = tick(now);
        }
    }

    /** An acknowledgement up to here is on its way. */
    void acknowledged(int next) {
        lastAcknowledged = next;
    }

    boolean isNewer(TcpSegment segment) {
        return segment.timestamp - recent > 0;
    }

    /** Writes the option if there is one. Returns its bytes. */
    int write(MemorySegment memory, long at, long now) {
        if (on) {
            TcpFormat.writeTimestamps(memory, at, tick(now), recent);
        }
        return bytes();
    }

    private int tick(long now) {
        return tick(now, offset);
    }

    /** What a connection with that offset says at a time. */
    static int tick(long now, int offset) {
        return (int) (now / NANOS_A_TICK) + offset;
    }
}
