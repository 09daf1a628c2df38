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
 * A link that takes runs of segments, as a device with segmentation offload does, in front of one that does not: cuts
 * them, finishes their checksums, and remembers what it was given. It is written from RFC 9293 and what Linux says of
 * {@code virtio_net_hdr}, and shares no code with the stack that could be wrong in both.
 */
final class RunLink implements Link {
    private static final int BUFFERS = 32;
    private static final int BUFFER_BYTES = 1 << 16;
    private static final int IP = 14;
    private static final int FIN_PSH = 0x09;

    private final Link below;
    private final MemorySegment memory = Arena.ofAuto().allocate((long) BUFFERS * BUFFER_BYTES, 64);
    private final Queue<Long> free = new ArrayDeque<>();

    /** The payload of each run. */
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
        pass(memory.asSlice(offset, length).toArray(ValueLayout.JAVA_BYTE));
        free.add(offset);
    }

    @Override
    public void send(long offset, int length, int checksumStart, int checksumAt) {
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
        byte[] run = memory.asSlice(offset, length).toArray(ValueLayout.JAVA_BYTE);
        int headers = checksumStart + (run[checksumStart + 12] >> 4 & 15) * 4;
        int payload = length - headers;
        runs.add(payload);
        sizes.add(segmentBytes);
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
            int sequence = checksumStart + 4;
            long number = ((long) get16(run, sequence) << 16 | get16(run, sequence + 2)) + at;
            put16(frame, sequence, (int) (number >>> 16));
            put16(frame, sequence + 2, (int) number);
            if (at + part < payload) {
                frame[checksumStart + 13] &= ~FIN_PSH;
            }
            // The sum of the pseudo-header was that of the whole run's length.
            long pseudo = sum + 0xFFFF - (length - checksumStart) % 0xFFFF + frame.length - checksumStart;
            put16(frame, checksumAt, fold(pseudo));
            finish(frame, checksumStart, checksumAt);
            segments.add(part);
            pass(frame);
        }
        free.add(offset);
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
        put16(frame, at, ~sum(frame, from, frame.length));
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
