package io.sietch.vsa;

import io.sietch.vsic.DmaBuffer;
import io.sietch.vsic.LatencyModel;
import io.sietch.vsic.Media;
import io.sietch.vsic.MediaCharacteristics;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/**
 * A medium whose power can fail in any write or flush. What was not flushed then ends, block by block, as any of
 * the versions written, as a mixture of their sectors or words, or as garbage. A growth that the power fails in may
 * leave garbage. It can also refuse to read a range, to write, or to flush.
 */
final class LossyMedia implements Media {
    private static final int BLOCK = 4096;

    /** What becomes of a block that was not flushed. */
    private enum Fate {
        WHOLE,
        MIXED_SECTORS,
        MIXED_WORDS,
        GARBAGE;

        static Fate any(Random random) {
            return values()[random.nextInt(values().length)];
        }
    }

    private final MemorySegment cache;
    private final MemorySegment durable;
    private final Map<Long, List<byte[]>> unflushed = new TreeMap<>();
    private long size;
    private int operations;
    private long bytesWritten;
    private int powerFailsAt = Integer.MAX_VALUE;
    private long unreadableFrom = Long.MAX_VALUE;
    private long unreadableTo;
    private boolean unwritable;
    private boolean unflushable;
    private long growingTo;

    LossyMedia(long size, long maxSize) {
        this.cache = MemorySegment.ofArray(new byte[Math.toIntExact(maxSize)]);
        this.durable = MemorySegment.ofArray(new byte[Math.toIntExact(maxSize)]);
        this.size = size;
    }

    /** The medium as it is found when the power is back. */
    LossyMedia afterPowerLoss(Random random) {
        LossyMedia found = new LossyMedia(size, cache.byteSize());
        found.durable.copyFrom(durable);
        if (growingTo > size && random.nextBoolean()) {
            byte[] halfDone = new byte[(int) (growingTo - size)];
            random.nextBytes(halfDone);
            MemorySegment.copy(halfDone, 0, found.durable, ValueLayout.JAVA_BYTE, size, halfDone.length);
            found.size = growingTo;
        }
        // Often one thing happens to all blocks: that is worst for who relies on one of them.
        Fate common = random.nextBoolean() ? Fate.any(random) : null;
        unflushed.forEach((block, versions) -> {
            MemorySegment target = found.durable.asSlice(block * BLOCK, BLOCK);
            List<byte[]> candidates = new ArrayList<>(versions);
            candidates.add(target.toArray(ValueLayout.JAVA_BYTE));
            target.copyFrom(
                    MemorySegment.ofArray(fate(common == null ? Fate.any(random) : common, candidates, random)));
        });
        found.cache.copyFrom(found.durable);
        return found;
    }

    private static byte[] fate(Fate fate, List<byte[]> candidates, Random random) {
        byte[] result = candidates.get(random.nextInt(candidates.size())).clone();
        switch (fate) {
            case GARBAGE -> random.nextBytes(result);
            case MIXED_WORDS, MIXED_SECTORS -> {
                int part = fate == Fate.MIXED_WORDS ? 8 : 512;
                for (int at = 0; at < BLOCK; at += part) {
                    byte[] other = candidates.get(random.nextInt(candidates.size()));
                    System.arraycopy(other, at, result, at, part);
                }
            }
            case WHOLE -> {
                // in one version or another
            }
        }
        return result;
    }

    /** The power fails in the n-th write, flush or growth from now on. */
    void powerFailsAfter(int n) {
        powerFailsAt = operations + n;
    }

    boolean isOff() {
        return operations >= powerFailsAt;
    }

    long bytesWritten() {
        return bytesWritten;
    }

    void unreadable(long from, long to) {
        unreadableFrom = from;
        unreadableTo = to;
    }

    void failWrites(boolean fail) {
        unwritable = fail;
    }

    void failFlushes(boolean fail) {
        unflushable = fail;
    }

    /** A range goes bad for good. */
    void damage(long offset, long length) {
        cache.asSlice(offset, length).fill((byte) 0xDD);
        durable.asSlice(offset, length).fill((byte) 0xDD);
    }

    /** What reads show, to look at and to damage. */
    MemorySegment bytes() {
        return cache;
    }

    private void operate() throws IOException {
        if (isOff()) {
            throw new IOException("the power is off");
        }
        operations++;
        if (isOff()) {
            throw new IOException("the power fails");
        }
    }

    @Override
    public void write(long offset, DmaBuffer source, int sourceOffset, int length) throws IOException {
        if (!isOff()) {
            // The command that the power fails in may have reached the medium as well.
            for (int at = 0; at < length; at += BLOCK) {
                byte[] version =
                        source.segment().asSlice(sourceOffset + at, BLOCK).toArray(ValueLayout.JAVA_BYTE);
                unflushed
                        .computeIfAbsent((offset + at) / BLOCK, block -> new ArrayList<>())
                        .add(version);
            }
        }
        operate();
        if (unwritable) {
            throw new IOException("sector cannot be written");
        }
        bytesWritten += length;
        MemorySegment.copy(source.segment(), sourceOffset, cache, offset, length);
    }

    @Override
    public void flush() throws IOException {
        operate();
        if (unflushable) {
            throw new IOException("flush failed");
        }
        unflushed.keySet().forEach(block -> MemorySegment.copy(cache, block * BLOCK, durable, block * BLOCK, BLOCK));
        unflushed.clear();
    }

    @Override
    public void read(long offset, DmaBuffer target, int targetOffset, int length) throws IOException {
        if (isOff()) {
            throw new IOException("the power is off");
        }
        if (offset < unreadableTo && offset + length > unreadableFrom) {
            throw new IOException("sector cannot be read");
        }
        MemorySegment.copy(cache, offset, target.segment(), targetOffset, length);
    }

    @Override
    public void grow(long newSize) throws IOException {
        if (newSize > cache.byteSize()) {
            throw new IOException("no room on the file system");
        }
        growingTo = newSize;
        operate();
        size = newSize;
    }

    @Override
    public MemorySegment view(long offset, long length, Arena arena) {
        return cache.asSlice(offset, length).asReadOnly();
    }

    @Override
    public long size() {
        return size;
    }

    @Override
    public int blockSize() {
        return BLOCK;
    }

    @Override
    public MediaCharacteristics characteristics() {
        return new MediaCharacteristics("lossy", false, LatencyModel.NONE);
    }

    @Override
    public void deallocate(long offset, long length) {
        cache.asSlice(offset, length).fill((byte) 0);
    }

    @Override
    public void close() {
        // memory goes with the object
    }
}
