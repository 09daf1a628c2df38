package io.sietch.net;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;

/**
 * A link that takes runs of segments and datagrams, as a device with segmentation offload does, in front of one that
 * does not: cuts them, finishes their checksums, and remembers what it was given. It is written from RFC 768, RFC 9293
 * and what Linux says of {@code virtio_net_hdr}, and shares no code with the stack that could be wrong in both.
 */
final class RunLink implements Link {
    private static final int BUFFERS = 32;
    private static final int BUFFER_BYTES = 1 << 16;
    private static final int IP = 14;
    private static final int UDP_HEADER = 8;

    /** Datagrams that a run may have. */
    static final int DATAGRAMS = 20;

    private static final int FIN_PSH = 0x09;

    private final Link below;
    private final MemorySegment memory = Arena.ofAuto().allocate((long) BUFFERS * BUFFER_BYTES, 64);
    private final Queue<Long> free = new ArrayDeque<>();

    /** How many datagrams each run of them had. */
    final List<Integer> datagramRuns = new ArrayList<>();

    /** Frames handed over, a run being one. */
    int frames;

    /** The payload of each run of segments. */
    final List<Integer> runs = new ArrayList<>();

    /** The payload that was asked for in each segment of a run. */
    final Set<Integer> sizes = new HashSet<>();

    /** The payload of each segment that went out, runs or not. */
    final List<Integer> segments = new ArrayList<>();

    RunLink(Link below) {
        this.below = below;
        for (int i = 0; i < BUFFERS; i++) {
            free.add((long) i * BUFFER_BYTES);
        }
    }

    @Override
    public long mac() {
        return below.mac();
    }

    @Override
    public int maxFrameBytes() {
        return below.maxFrameBytes();
    }

    @Override
    public int maxRunBytes() {
        return BUFFER_BYTES;
    }

    @Override
    public int maxRunDatagrams() {
        return DATAGRAMS;
    }

    @Override
    public MemorySegment memory() {
        return memory;
    }

    @Override
    public long claim() {
        Long buffer = free.poll();
        return buffer == null ? NONE : buffer;
    }

    @Override
    public void release(long offset) {
        free.add(offset);
    }

    @Override
    public void send(long offset, int length) {
        frames++;
        pass(memory.asSlice(offset, length).toArray(ValueLayout.JAVA_BYTE));
        free.add(offset);
    }

    @Override
    public void send(long offset, int length, int checksumStart, int checksumAt) {
        frames++;
        byte[] frame = memory.asSlice(offset, length).toArray(ValueLayout.JAVA_BYTE);
        finish(frame, checksumStart, checksumAt);
        if (checksumAt - checksumStart == 16) {
            segments.add(length - checksumStart - (frame[checksumStart + 12] >> 4 & 15) * 4);
        }
        pass(frame);
        free.add(offset);
    }

    @Override
    public void sendRun(long offset, int length, int checksumStart, int checksumAt, int segmentBytes) {
        frames++;
        byte[] run = memory.asSlice(offset, length).toArray(ValueLayout.JAVA_BYTE);
        boolean datagrams = checksumAt - checksumStart == 6;
        int headers = checksumStart + (datagrams ? UDP_HEADER : (run[checksumStart + 12] >> 4 & 15) * 4);
        int payload = length - headers;
        if (datagrams) {
            datagramRuns.add((payload + segmentBytes - 1) / segmentBytes);
            if (datagramRuns.getLast() > DATAGRAMS || get16(run, checksumStart + 4) != UDP_HEADER + payload) {
                throw new IllegalArgumentException("a run of " + payload + " bytes in datagrams of " + segmentBytes);
            }
        } else {
            runs.add(payload);
            sizes.add(segmentBytes);
        }
        if (payload <= segmentBytes || headers + segmentBytes > maxFrameBytes()) {
            throw new IllegalArgumentException("a run of " + payload + " bytes in segments of " + segmentBytes);
        }
        long sum = get16(run, checksumAt);
        for (int at = 0; at < payload; at += segmentBytes) {
            int part = Math.min(segmentBytes, payload - at);
            byte[] frame = new byte[headers + part];
            System.arraycopy(run, 0, frame, 0, headers);
            System.arraycopy(run, headers + at, frame, headers, part);
            put16(frame, IP + 2, frame.length - IP);
            put16(frame, IP + 10, 0);
            put16(frame, IP + 10, ~sum(frame, IP, checksumStart));
            if (datagrams) {
                put16(frame, checksumStart + 4, UDP_HEADER + part);
            } else {
                number(frame, checksumStart, at, at + part == payload);
                segments.add(part);
            }
            // The sum of the pseudo-header was that of the whole run's length.
            long pseudo = sum + 0xFFFF - (length - checksumStart) % 0xFFFF + frame.length - checksumStart;
            put16(frame, checksumAt, fold(pseudo));
            finish(frame, checksumStart, checksumAt);
            pass(frame);
        }
        free.add(offset);
    }

    private static void number(byte[] frame, int tcp, int at, boolean last) {
        long number = ((long) get16(frame, tcp + 4) << 16 | get16(frame, tcp + 6)) + at;
        put16(frame, tcp + 4, (int) (number >>> 16));
        put16(frame, tcp + 6, (int) number);
        if (!last) {
            frame[tcp + 13] &= ~FIN_PSH;
        }
    }

    private static int get16(byte[] frame, int at) {
        return (frame[at] & 0xFF) << 8 | frame[at + 1] & 0xFF;
    }

    private static void put16(byte[] frame, int at, int value) {
        frame[at] = (byte) (value >> 8);
        frame[at + 1] = (byte) value;
    }

    private static int fold(long sum) {
        long folded = sum;
        while (folded > 0xFFFF) {
            folded = (folded & 0xFFFF) + (folded >>> 16);
        }
        return (int) folded;
    }

    private static int sum(byte[] frame, int from, int to) {
        long sum = 0;
        for (int at = from; at < to; at += 2) {
            sum += at + 1 < to ? get16(frame, at) : (frame[at] & 0xFF) << 8;
        }
        return fold(sum);
    }

    private static void finish(byte[] frame, int from, int at) {
        int sum = ~sum(frame, from, frame.length) & 0xFFFF;
        // A datagram whose checksum is 0 would have none; for a segment both stand for the same.
        put16(frame, at, sum == 0 ? 0xFFFF : sum);
    }

    /** Drops the frame if there is no buffer, as a wire may. */
    private void pass(byte[] frame) {
        long buffer = below.claim();
        if (buffer != NONE) {
            MemorySegment.copy(MemorySegment.ofArray(frame), 0, below.memory(), buffer, frame.length);
            below.send(buffer, frame.length);
        }
    }

    @Override
    public int receive(FrameReceiver receiver, int max) {
        return below.receive(receiver, max);
    }

    @Override
    public void kick() {
        below.kick();
    }
}
