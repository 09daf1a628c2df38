package io.sietch.net;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/** A link whose other end is the test: it sees what was sent, and puts in what it likes. */
final class TestLink implements Link {
    static final long MAC = 0x0253_4900_0001L;
    static final long PEER_MAC = 0x0253_4900_0002L;

    private final int frameBytes;
    private final MemorySegment memory;
    private final ArrayDeque<Long> free = new ArrayDeque<>();
    private final ArrayDeque<byte[]> toStack = new ArrayDeque<>();
    private final ArrayDeque<byte[]> fromStack = new ArrayDeque<>();

    private boolean dry;

    TestLink(int frameBytes, int buffers) {
        this.frameBytes = frameBytes;
        this.memory = Arena.ofAuto().allocate((long) (buffers + 1) * frameBytes, 64);
        for (int i = 0; i < buffers; i++) {
            free.add((long) i * frameBytes);
        }
    }

    void put(byte[] frame) {
        toStack.add(frame.clone());
    }

    /** What was sent since the last call. */
    List<byte[]> take() {
        List<byte[]> frames = new ArrayList<>(fromStack);
        fromStack.clear();
        return frames;
    }

    /** Whether it has no buffer for anybody. */
    void dry(boolean is) {
        dry = is;
    }

    int freeBuffers() {
        return free.size();
    }

    @Override
    public long mac() {
        return MAC;
    }

    @Override
    public int maxFrameBytes() {
        return frameBytes;
    }

    @Override
    public MemorySegment memory() {
        return memory;
    }

    @Override
    public long claim() {
        Long buffer = dry ? null : free.poll();
        return buffer == null ? NONE : buffer;
    }

    @Override
    public void release(long offset) {
        free.add(offset);
    }

    @Override
    public void send(long offset, int length) {
        fromStack.add(memory.asSlice(offset, length).toArray(ValueLayout.JAVA_BYTE));
        free.add(offset);
    }

    @Override
    public void send(long offset, int length, int checksumStart, int checksumAt) {
        int sum = InternetChecksum.finish(InternetChecksum.sum(memory, offset + checksumStart, length - checksumStart));
        NetBytes.put16(memory, offset + checksumAt, sum);
        send(offset, length);
    }

    @Override
    public int receive(FrameReceiver receiver, int max) {
        int count = 0;
        byte[] frame;
        while (count < max && (frame = toStack.poll()) != null) {
            // Whoever reads behind the frame reads behind the memory, and is found out.
            long at = memory.byteSize() - frame.length;
            MemorySegment.copy(MemorySegment.ofArray(frame), 0, memory, at, frame.length);
            receiver.receive(memory, at, frame.length, false);
            count++;
        }
        return count;
    }

    @Override
    public void kick() {
        // nobody sleeps here
    }
}
