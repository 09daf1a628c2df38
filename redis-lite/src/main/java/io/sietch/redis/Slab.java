package io.sietch.redis;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Blocks of memory outside the Java heap. One thread.
 *
 * <p>Words: a <i>unit</i> is 8 bytes. A <i>chunk</i> is memory taken from the system at once: 1 MiB that blocks are
 * carved from, or one block alone that is too large for that. A <i>reference</i> names a block: the number of its
 * chunk, then its first unit in there; 0 names none. A <i>class</i> is one size of blocks: multiples of 8 bytes up to
 * 128, from there on eight sizes for each doubling, so that at most an eighth of a block is unused.
 *
 * <ol>
 *   <li>A block in use belongs to one owner, who remembers its class and gives it back with it.
 *   <li>A free block is in the list of its class; its first word is the reference of the next one.
 *   <li>Memory that was carved stays in its class until {@link #clear}: what is freed serves blocks of the same class.
 * </ol>
 */
final class Slab implements AutoCloseable {
    /** The class of blocks that are a chunk by themselves. */
    static final int ALONE = 255;

    /** References fit in so many bits. */
    static final int REFERENCE_BITS = 40;

    private static final int UNIT_SHIFT = 3;
    private static final int UNITS_SHIFT = 17; // units of a chunk: 1 MiB
    private static final long UNITS_MASK = (1L << UNITS_SHIFT) - 1;
    private static final int CHUNK_BYTES = 1 << UNITS_SHIFT + UNIT_SHIFT;
    private static final int FIRST_CHUNK_BYTES = 1 << 16; // an empty keyspace should cost next to nothing
    private static final int MAX_CHUNKS = 1 << REFERENCE_BITS - UNITS_SHIFT;
    private static final int SMALL_CLASSES = 16;
    private static final int CLASSES = 96;

    private final Supplier<Arena> system;
    private @Nullable Arena arena; // of chunks that blocks are carved from
    private MemorySegment[] chunks = new MemorySegment[16];
    private @Nullable Arena[] aloneArenas = new @Nullable Arena[16]; // of chunks that are a block alone
    private int chunkCount = 1; // no chunk has number 0: reference 0 names no block
    private final long[] free = new long[CLASSES];
    private int[] freeNumbers = new int[16]; // of chunks that were a block alone
    private int freeNumberCount;
    private @Nullable Arena spareArena; // a chunk for the next block that is one alone
    private MemorySegment spareMemory = MemorySegment.NULL;
    private long next; // reference of the first unit not carved yet
    private int left; // bytes not carved yet
    private long reserved;
    private long used;

    /** @param system makes arenas; each is closed by {@link #close}, or with the block that lies in it */
    Slab(Supplier<Arena> system) {
        this.system = system;
    }

    /** The class of the smallest blocks of at least {@code bytes}. */
    static int classOf(long bytes) {
        if (bytes <= 128) {
            return (int) Math.max(0, (bytes + 7 >>> 3) - 1);
        }
        if (bytes > classBytes(CLASSES - 1)) {
            return ALONE;
        }
        int last = (int) bytes - 1;
        int doubling = 31 - Integer.numberOfLeadingZeros(last) - 7;
        return SMALL_CLASSES + doubling * 8 + (last - (128 << doubling) >> 4 + doubling);
    }

    private static int classBytes(int sizeClass) {
        if (sizeClass < SMALL_CLASSES) {
            return sizeClass + 1 << 3;
        }
        int doubling = sizeClass - SMALL_CLASSES >> 3;
        return (128 << doubling) + ((sizeClass & 7) + 1) * (16 << doubling);
    }

    /** How many bytes a block has. */
    long capacity(long reference, int sizeClass) {
        return sizeClass == ALONE ? memory(reference).byteSize() : classBytes(sizeClass);
    }

    /** The memory that the block lies in. */
    MemorySegment memory(long reference) {
        return chunks[(int) (reference >>> UNITS_SHIFT)];
    }

    /** Where in {@link #memory} the block begins. */
    static long offset(long reference) {
        return (reference & UNITS_MASK) << UNIT_SHIFT;
    }

    /**
     * Takes a block of at least {@code bytes}; its content is undefined.
     *
     * @throws OutOfMemoryError if the system gives no more; nothing has changed then
     */
    long allocate(long bytes, int sizeClass) {
        if (sizeClass == ALONE) {
            return allocateAlone(bytes);
        }
        long reference = free[sizeClass];
        int size = classBytes(sizeClass);
        if (reference != 0) {
            free[sizeClass] = memory(reference).get(ValueLayout.JAVA_LONG, offset(reference));
        } else {
            if (left < size) {
                addChunk(size);
            }
            reference = next;
            next += size >>> UNIT_SHIFT;
            left -= size;
        }
        used += size;
        return reference;
    }

    /**
     * Makes sure that the next block of up to {@code bytes} can be had.
     *
     * @return whether it can
     */
    boolean reserve(long bytes) {
        int sizeClass = classOf(bytes);
        try {
            if (sizeClass == ALONE) {
                spare(bytes);
            } else if (left < classBytes(sizeClass)) {
                addChunk(classBytes(sizeClass));
            }
            return true;
        } catch (OutOfMemoryError e) {
            return false; // the caller says so to whoever wanted the memory
        }
    }

    /** Gives a block back. */
    void free(long reference, int sizeClass) {
        used -= capacity(reference, sizeClass);
        if (sizeClass == ALONE) {
            freeAlone((int) (reference >>> UNITS_SHIFT));
        } else {
            memory(reference).set(ValueLayout.JAVA_LONG, offset(reference), free[sizeClass]);
            free[sizeClass] = reference;
        }
    }

    /** Gives everything back to the system. All references are void. */
    void clear() {
        close();
        arena = null;
        chunks = new MemorySegment[16];
        aloneArenas = new @Nullable Arena[16];
        chunkCount = 1;
        freeNumberCount = 0;
        Arrays.fill(free, 0);
        reserved = 0;
        used = 0;
        next = 0;
        left = 0;
    }

    @Override
    public void close() {
        releaseSpare();
        if (arena != null) {
            arena.close();
        }
        for (int i = 0; i < chunkCount; i++) {
            Arena alone = aloneArenas[i];
            if (alone != null) {
                alone.close();
            }
        }
    }

    /** Bytes taken from the system. */
    long reservedBytes() {
        return reserved;
    }

    /** Bytes in blocks that are in use. */
    long usedBytes() {
        return used;
    }

    private long allocateAlone(long bytes) {
        spare(bytes);
        int number = freeNumberCount > 0 ? freeNumbers[--freeNumberCount] : newNumber();
        chunks[number] = spareMemory;
        aloneArenas[number] = spareArena;
        used += spareMemory.byteSize();
        spareArena = null;
        spareMemory = MemorySegment.NULL;
        return (long) number << UNITS_SHIFT;
    }

    /** Makes {@link #spareMemory} a chunk that serves for a block of that size alone. */
    private void spare(long bytes) {
        if (spareMemory.byteSize() >= bytes && spareMemory.byteSize() <= bytes * 2) {
            return;
        }
        releaseSpare();
        Arena alone = system.get();
        try {
            spareMemory = alone.allocate(bytes + Math.min(bytes / 8, CHUNK_BYTES) & ~7L, 8); // with room to grow in
        } catch (OutOfMemoryError e) {
            alone.close();
            throw e;
        }
        spareArena = alone;
        reserved += spareMemory.byteSize();
    }

    private void releaseSpare() {
        Arena alone = spareArena;
        if (alone != null) {
            reserved -= spareMemory.byteSize();
            spareArena = null;
            spareMemory = MemorySegment.NULL;
            alone.close();
        }
    }

    private void freeAlone(int number) {
        Arena alone = aloneArenas[number];
        if (alone == null) {
            throw new IllegalStateException("chunk " + number + " is not a block alone");
        }
        reserved -= chunks[number].byteSize();
        chunks[number] = MemorySegment.NULL;
        aloneArenas[number] = null;
        alone.close();
        if (freeNumberCount == freeNumbers.length) {
            freeNumbers = Arrays.copyOf(freeNumbers, freeNumberCount * 2);
        }
        freeNumbers[freeNumberCount++] = number;
    }

    /** Makes the next block to be carved one of up to {@code blockBytes}. */
    private void addChunk(int blockBytes) {
        if (arena == null) {
            arena = system.get();
        }
        int bytes = next == 0 && blockBytes <= FIRST_CHUNK_BYTES ? FIRST_CHUNK_BYTES : CHUNK_BYTES;
        MemorySegment memory = arena.allocate(bytes, 64);
        while (left >= 8) { // what is left of the last chunk becomes free blocks, largest first
            int sizeClass = classOf(left);
            if (classBytes(sizeClass) > left) {
                sizeClass--;
            }
            memory(next).set(ValueLayout.JAVA_LONG, offset(next), free[sizeClass]);
            free[sizeClass] = next;
            next += classBytes(sizeClass) >>> UNIT_SHIFT;
            left -= classBytes(sizeClass);
        }
        int number = newNumber();
        chunks[number] = memory;
        reserved += bytes;
        next = (long) number << UNITS_SHIFT;
        left = bytes;
    }

    private int newNumber() {
        if (chunkCount == MAX_CHUNKS) {
            throw new OutOfMemoryError("the keyspace has its maximum of " + MAX_CHUNKS + " chunks of memory");
        }
        if (chunkCount == chunks.length) {
            chunks = Arrays.copyOf(chunks, chunkCount * 2);
            aloneArenas = Arrays.copyOf(aloneArenas, chunkCount * 2);
        }
        return chunkCount++;
    }
}
