package io.sietch.vsic;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A RAM medium that fails, or stops in its flush, when told to. */
final class StubMedia implements Media {
    /** Runs in place of an operation; what it throws is what the medium throws. */
    interface Fault {
        void strike() throws IOException;
    }

    final RamMedia ram;
    final AtomicInteger flushes = new AtomicInteger();
    final MediaCharacteristics characteristics;
    volatile @Nullable Fault onRead;
    volatile @Nullable Fault onWrite;
    volatile @Nullable Fault onFlush;
    volatile @Nullable Fault onView;

    StubMedia(RamMedia ram, MediaCharacteristics characteristics) {
        this.ram = ram;
        this.characteristics = characteristics;
    }

    StubMedia(long size) {
        this(new RamMedia(size), new MediaCharacteristics("stub", false, LatencyModel.NONE));
    }

    private static void strike(@Nullable Fault fault) throws IOException {
        if (fault != null) {
            fault.strike();
        }
    }

    static Fault eio() {
        return () -> {
            throw new IOException("input/output error, as the test asked for");
        };
    }

    /** A flush that is entered and left under the control of the test. */
    static final class Gate implements Fault {
        final CountDownLatch entered = new CountDownLatch(1);
        final CountDownLatch open = new CountDownLatch(1);
        private final @Nullable Fault then;

        Gate(@Nullable Fault then) {
            this.then = then;
        }

        @Override
        public void strike() throws IOException {
            entered.countDown();
            try {
                if (!open.await(20, TimeUnit.SECONDS)) {
                    throw new IOException("nobody opened the gate");
                }
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
            StubMedia.strike(then);
        }
    }

    @Override
    public long size() {
        return ram.size();
    }

    @Override
    public int blockSize() {
        return ram.blockSize();
    }

    @Override
    public MediaCharacteristics characteristics() {
        return characteristics;
    }

    @Override
    public void read(long offset, DmaBuffer target, int targetOffset, int length) throws IOException {
        strike(onRead);
        ram.read(offset, target, targetOffset, length);
    }

    @Override
    public void write(long offset, DmaBuffer source, int sourceOffset, int length) throws IOException {
        strike(onWrite);
        ram.write(offset, source, sourceOffset, length);
    }

    @Override
    public void flush() throws IOException {
        flushes.incrementAndGet();
        strike(onFlush);
    }

    @Override
    public void deallocate(long offset, long length) throws IOException {
        strike(onWrite);
        ram.deallocate(offset, length);
    }

    @Override
    public MemorySegment view(long offset, long length, Arena arena) throws IOException {
        strike(onView);
        return ram.view(offset, length, arena);
    }

    @Override
    public void grow(long newSize) throws IOException {
        ram.grow(newSize);
    }

    @Override
    public void close() {
        ram.close();
    }
}
