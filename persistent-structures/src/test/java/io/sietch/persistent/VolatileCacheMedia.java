package io.sietch.persistent;

import io.sietch.vsic.DmaBuffer;
import io.sietch.vsic.LatencyModel;
import io.sietch.vsic.Media;
import io.sietch.vsic.MediaCharacteristics;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;

/**
 * A medium with a volatile cache: a crash keeps, for each sector, any version written since the last flush or the one
 * before, or leaves garbage. Also fails on request.
 */
final class VolatileCacheMedia implements Media {
    static final int BLOCK = 4096;

    private final int sector;
    private final MemorySegment memory;
    private final byte[] durable;
    private final TreeMap<Integer, List<byte[]>> unflushed = new TreeMap<>();
    /** How many more writes and flushes there are before the power goes. */
    int stepsToCrash = Integer.MAX_VALUE;

    boolean failWrites;
    boolean failFlushes;
    boolean ignoreFlushes;
    long unreadableBlock = -1;

    VolatileCacheMedia(int size, int sector) {
        this.memory = Arena.ofAuto().allocate(size, BLOCK);
        this.durable = new byte[size];
        this.sector = sector;
    }

    boolean isDead() {
        return stepsToCrash < 0;
    }

    private void step() throws IOException {
        if (isDead() || stepsToCrash-- == 0) {
            throw new IOException("the power is gone");
        }
    }

    /** Cuts the power: what was not flushed survives by chance. */
    void crash(Random random) {
        stepsToCrash = Integer.MAX_VALUE;
        int mode = random.nextInt(4);
        for (var entry : unflushed.entrySet()) {
            List<byte[]> versions = entry.getValue();
            int at = entry.getKey() * sector;
            boolean keepAll = mode == 0;
            boolean keepNone = mode == 1;
            int choice = keepAll ? versions.size() : keepNone ? 0 : random.nextInt(versions.size() + 1);
            if (mode == 3 && random.nextInt(10) == 0) {
                byte[] garbage = new byte[sector];
                random.nextBytes(garbage);
                System.arraycopy(garbage, 0, durable, at, sector);
            } else if (choice > 0) {
                System.arraycopy(versions.get(choice - 1), 0, durable, at, sector);
            }
        }
        unflushed.clear();
        reload();
    }

    /** Cuts the power: nothing survives that was not flushed. */
    void dropUnflushed() {
        stepsToCrash = Integer.MAX_VALUE;
        unflushed.clear();
        reload();
    }

    private void reload() {
        MemorySegment.copy(durable, 0, memory, ValueLayout.JAVA_BYTE, 0, durable.length);
    }

    /** The durable bytes, to damage. Call {@link #damaged} afterwards. */
    byte[] bytes() {
        return durable;
    }

    void damaged() {
        reload();
    }

    void zero(long from, int length) {
        Arrays.fill(durable, (int) from, (int) from + length, (byte) 0);
        reload();
    }

    void flipBit(long at) {
        durable[(int) at] ^= 0x10;
        reload();
    }

    @Override
    public long size() {
        return durable.length;
    }

    @Override
    public int blockSize() {
        return BLOCK;
    }

    @Override
    public MediaCharacteristics characteristics() {
        return new MediaCharacteristics("volatile cache", false, LatencyModel.NONE);
    }

    @Override
    public void read(long offset, DmaBuffer target, int targetOffset, int length) throws IOException {
        if (unreadableBlock >= offset && unreadableBlock < offset + length) {
            throw new IOException("latent sector error");
        }
        MemorySegment.copy(memory, offset, target.segment(), targetOffset, length);
    }

    @Override
    public void write(long offset, DmaBuffer source, int sourceOffset, int length) throws IOException {
        if (failWrites || isDead()) {
            throw new IOException("write refused");
        }
        for (int at = 0; at < length; at += sector) {
            byte[] version = source.segment().asSlice(sourceOffset + at, sector).toArray(ValueLayout.JAVA_BYTE);
            unflushed
                    .computeIfAbsent((int) (offset + at) / sector, k -> new ArrayList<>())
                    .add(version);
        }
        MemorySegment.copy(source.segment(), sourceOffset, memory, offset, length);
        step();
    }

    @Override
    public void flush() throws IOException {
        step();
        if (failFlushes) {
            throw new IOException("flush failed");
        }
        if (ignoreFlushes) {
            return;
        }
        for (var entry : unflushed.entrySet()) {
            List<byte[]> versions = entry.getValue();
            System.arraycopy(versions.getLast(), 0, durable, entry.getKey() * sector, sector);
        }
        unflushed.clear();
        step();
    }

    @Override
    public void deallocate(long offset, long length) {
        throw new UnsupportedOperationException();
    }

    @Override
    public MemorySegment view(long offset, long length, Arena arena) {
        return memory.asSlice(offset, length).asReadOnly();
    }

    @Override
    public void grow(long newSize) throws IOException {
        throw new IOException("fixed size");
    }

    @Override
    public void close() {
        // nothing is held
    }
}
