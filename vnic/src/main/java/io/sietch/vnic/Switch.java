package io.sietch.vnic;

import io.sietch.net.EthernetFormat;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The emulated device behind VNICs: takes frames from their transmit rings, checks them against the sender's filters,
 * and copies each to whom the receive filters name. It is polled, and depends on nothing but what it is given: the same
 * frames at the same times with the same seeds take the same ways.
 *
 * <p>The first bytes of a frame are copied before anything is decided by them, and are what is delivered. So an
 * application cannot change a header after it was found good.
 *
 * <p>Threads: one at a time, the {@link NetworkControl} included.
 */
public final class Switch {
    /** Frames taken from one VNIC before it is the next one's turn. */
    private static final int BATCH = 64;

    private final MemorySegment head = Arena.ofAuto().allocate(FrameHeader.BYTES, 64);
    private final FrameHeader header = new FrameHeader();
    private final List<VnicPort> all = new ArrayList<>();
    private VnicPort[] ports = {};
    private DelayLine[] lines = {};
    private FilterTable table = new FilterTable(List.of());
    private @Nullable FrameTap tap;
    private long tapped;
    private @Nullable VsockDevice streams;

    /** A switch without anything attached. A {@link NetworkControl} attaches. */
    public Switch() {}

    /** Lets {@code tap} see every frame from now on; null for nobody. */
    public void tap(@Nullable FrameTap newTap) {
        tap = newTap;
    }

    /** Who takes packets of streams; else nobody does. */
    void streams(VsockDevice device) {
        streams = device;
    }

    void attach(VnicPort port) {
        all.add(port);
        update();
    }

    void detach(VnicPort port) {
        port.impair(null);
        port.detached();
        all.remove(port);
        if (streams != null) {
            streams.gone(port);
        }
        update();
    }

    void impair(VnicPort port, Impairment impairment, long seed) {
        port.impair(impairment.equals(Impairment.NONE) ? null : new DelayLine(impairment, seed, port));
        update();
    }

    void rules(List<FilterTable.Rule> rules) {
        table = new FilterTable(rules);
    }

    private void update() {
        ports = all.toArray(VnicPort[]::new);
        List<DelayLine> impaired = new ArrayList<>();
        for (VnicPort port : all) {
            DelayLine line = port.line();
            if (line != null) {
                impaired.add(line);
            }
        }
        lines = impaired.toArray(DelayLine[]::new);
    }

    /**
     * Moves the frames that wait, up to a batch of each VNIC, and those whose time has come.
     *
     * @param nowNanos the time, from a clock that never goes backwards
     * @return how many
     */
    public int poll(long nowNanos) {
        int work = 0;
        // A port may be detached by what it does itself; the next poll then does without it.
        VnicPort[] now = ports;
        for (int i = 0; i < now.length; i++) {
            work += serve(now[i], nowNanos);
        }
        for (int i = 0; i < lines.length; i++) {
            work += lines[i].deliver(nowNanos);
        }
        for (int i = 0; i < now.length; i++) {
            now[i].ring();
        }
        return work;
    }

    private int serve(VnicPort port, long nowNanos) {
        int served = 0;
        while (served < BATCH && port.peek(nowNanos) && forward(port, nowNanos)) {
            port.complete(nowNanos);
            served++;
        }
        return served;
    }

    /** How long until something happens of itself, in nanoseconds; {@link Long#MAX_VALUE} if nothing will. */
    public long idleNanos(long nowNanos) {
        long idle = Long.MAX_VALUE;
        for (VnicPort port : ports) {
            idle = Math.min(idle, port.waitNanos(nowNanos));
        }
        for (DelayLine line : lines) {
            long due = line.nextDue();
            idle = due == Long.MAX_VALUE ? idle : Math.min(idle, Math.max(0, due - nowNanos));
        }
        return idle;
    }

    /** Returns false if the frame has to wait for the receiver. */
    private boolean forward(VnicPort from, long now) {
        if (!from.isWhole()) {
            from.counters().countMalformed();
            return true;
        }
        if (from.isStream()) {
            receiveStream(from);
            return true;
        }
        int length = from.length();
        int headBytes = Math.min(length, FrameHeader.BYTES);
        MemorySegment.copy(from.memory(), from.offset(), head, 0, headBytes);
        header.parse(head, headBytes);
        if (!from.mayCome(header)) {
            from.counters().countRefused();
        } else if (header.isGroup()) {
            flood(from, headBytes, length, now);
        } else {
            VnicPort to = table.find(header, from);
            if (to == null) {
                from.counters().countUnroutable();
            } else if (to.isAwaited()) {
                return false;
            } else {
                deliver(from, to, headBytes, length, now);
            }
        }
        return true;
    }

    private void receiveStream(VnicPort from) {
        if (streams == null) {
            from.counters().countUnroutable();
        } else {
            streams.receive(from);
        }
    }

    private void flood(VnicPort from, int headBytes, int length, long now) {
        boolean reached = false;
        for (VnicPort to : ports) {
            if (to != from && table.wants(to, header)) {
                reached = true;
                deliver(from, to, headBytes, length, now);
            }
        }
        if (!reached) {
            from.counters().countUnroutable();
        }
    }

    private void deliver(VnicPort from, VnicPort to, int headBytes, int length, long now) {
        FrameTap eye = tap;
        if (eye != null && !eye.pass(tapped++, from.memory(), from.offset(), length)) {
            to.counters().countImpaired();
            return;
        }
        DelayLine line = to.line();
        if (line != null) {
            line.offer(head, headBytes, from.memory(), from.offset(), length, from.meta(), now);
        } else {
            // Memory does not damage bytes: what still needs a checksum is as good as one that has it.
            boolean checked = (VnicFormat.flags(from.meta()) & VnicFormat.NEEDS_CHECKSUM) != 0;
            to.put(head, headBytes, from.memory(), from.offset(), length, checked ? VnicFormat.CHECKED : 0);
        }
    }

    static {
        assert FrameHeader.BYTES >= EthernetFormat.BYTES + 60 + 4;
    }
}
