package io.sietch.vnic;

import io.sietch.net.InternetChecksum;
import io.sietch.net.NetBytes;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;

/**
 * The impaired way to one VNIC: frames are copied, treated badly, and wait for their time in a heap that was allocated
 * once. Frames due at the same time keep their order.
 */
final class DelayLine {
    private static final long NANOS = 1_000_000_000L;

    private final Impairment impairment;
    private final SplittableRandom random;
    private final VnicPort target;
    private final MemorySegment frames;
    private final int slotBytes;
    private final int[] lengths;

    // A binary heap of slots by (due, number); the free slots stand behind it.
    private final int[] heap;
    private final long[] due;
    private final long[] numbers;
    private int size;
    private long number;
    private long wireFreeAt = Long.MIN_VALUE;

    DelayLine(Impairment impairment, long seed, VnicPort target) {
        this.impairment = impairment;
        this.random = new SplittableRandom(seed);
        this.target = target;
        int slots = impairment.queueFrames();
        this.slotBytes = target.maxFrameBytes();
        this.frames = Arena.ofAuto().allocate((long) slots * slotBytes, 64);
        this.lengths = new int[slots];
        this.heap = new int[slots];
        this.due = new long[slots];
        this.numbers = new long[slots];
        for (int i = 0; i < slots; i++) {
            heap[i] = i;
        }
    }

    void offer(MemorySegment head, int headBytes, MemorySegment memory, long offset, int length, long meta, long now) {
        // What finds the queue full does not take up the wire either.
        if (random.nextDouble() < impairment.loss() || length > slotBytes || size == heap.length) {
            target.counters().countImpaired();
            return;
        }
        long leaves = leaves(length, now);
        int copies = random.nextDouble() < impairment.duplication() ? 2 : 1;
        for (int i = 0; i < copies; i++) {
            long arrives = leaves + impairment.delayNanos();
            if (impairment.jitterNanos() > 0) {
                arrives += random.nextLong(impairment.jitterNanos() + 1);
            }
            if (random.nextDouble() < impairment.reordering()) {
                arrives += impairment.reorderNanos();
            }
            add(arrives, head, headBytes, memory, offset, length, meta);
        }
    }

    private long leaves(int length, long now) {
        if (impairment.bytesPerSecond() == 0) {
            return now;
        }
        wireFreeAt = Math.max(wireFreeAt, now) + length * NANOS / impairment.bytesPerSecond();
        return wireFreeAt;
    }

    private void add(
            long arrives, MemorySegment head, int headBytes, MemorySegment memory, long offset, int length, long meta) {
        if (size == heap.length) {
            target.counters().countImpaired();
            return;
        }
        int slot = heap[size];
        long at = (long) slot * slotBytes;
        MemorySegment.copy(head, 0, frames, at, headBytes);
        MemorySegment.copy(memory, offset + headBytes, frames, at + headBytes, length - headBytes);
        lengths[slot] = length;
        due[slot] = arrives;
        numbers[slot] = number++;
        if ((VnicFormat.flags(meta) & VnicFormat.NEEDS_CHECKSUM) != 0) {
            int start = VnicFormat.checksumStart(meta);
            int checksum = InternetChecksum.finish(InternetChecksum.sum(frames, at + start, length - start));
            NetBytes.put16(frames, at + VnicFormat.checksumAt(meta), checksum);
        }
        if (random.nextDouble() < impairment.corruption()) {
            corrupt(at, length);
        }
        up(size++);
    }

    private void corrupt(long at, int length) {
        long where = at + random.nextInt(length);
        NetBytes.put8(frames, where, NetBytes.u8(frames, where) ^ 1 << random.nextInt(8));
    }

    /** When the next frame is due; {@link Long#MAX_VALUE} if none is under way. */
    long nextDue() {
        return size == 0 ? Long.MAX_VALUE : due[heap[0]];
    }

    /** Delivers what is due. Returns how many frames. */
    int deliver(long now) {
        int count = 0;
        while (size > 0 && due[heap[0]] <= now) {
            int slot = heap[0];
            heap[0] = heap[--size];
            heap[size] = slot;
            down();
            target.put(frames, (long) slot * slotBytes, lengths[slot], 0);
            count++;
        }
        return count;
    }

    private boolean isBefore(int a, int b) {
        return due[a] != due[b] ? due[a] < due[b] : numbers[a] < numbers[b];
    }

    private void up(int from) {
        int slot = heap[from];
        int at = from;
        while (at > 0 && isBefore(slot, heap[at - 1 >> 1])) {
            heap[at] = heap[at - 1 >> 1];
            at = at - 1 >> 1;
        }
        heap[at] = slot;
    }

    private void down() {
        if (size == 0) {
            return;
        }
        int slot = heap[0];
        int at = 0;
        while (true) {
            int child = 2 * at + 1;
            if (child >= size) {
                break;
            }
            if (child + 1 < size && isBefore(heap[child + 1], heap[child])) {
                child++;
            }
            if (!isBefore(heap[child], slot)) {
                break;
            }
            heap[at] = heap[child];
            at = child;
        }
        heap[at] = slot;
    }
}
