package io.sietch.redis;

import java.util.ArrayDeque;
import java.util.Arrays;

/**
 * Some records of the journal: a bit for each place where one can be. Whoever cleans the journal passes by those that
 * are no base of a key without looking a key up, which would cost two cache misses for each record, dead ones too. One
 * thread.
 *
 * <p>Bits come in chunks, each for {@value #CHUNK_BYTES} bytes of the journal, where there is a bit set. So memory is a
 * 64th of what the journal takes at most, and is used again as the journal goes on.
 */
final class LivingRecords {
    /** Records end on multiples of this. */
    private static final int UNIT_SHIFT = 3;

    private static final int CHUNK_SHIFT = 20;
    static final int CHUNK_BYTES = 1 << CHUNK_SHIFT;
    private static final int CHUNK_WORDS = CHUNK_BYTES >>> UNIT_SHIFT + 6;
    private static final long[] NONE = {};
    private static final int MAX_SPARES = 16; // of 16 KiB

    /** A ring, by number of the chunk; a power of two. */
    private long[][] chunks = new long[16][];

    private int[] counts = new int[chunks.length];
    private long first;
    private long next; // chunks first to next - 1 are there
    private final ArrayDeque<long[]> spares = new ArrayDeque<>(); // zero
    private int allocated;

    /** No records. */
    LivingRecords() {
        Arrays.fill(chunks, NONE);
    }

    /** Learns of a record by its END position; it may be there already. */
    void add(long end) {
        long chunk = end >>> CHUNK_SHIFT;
        if (chunk < first || chunk >= next) {
            reach(chunk);
        }
        int index = index(chunk);
        long[] words = chunks[index] == NONE ? allocate(index) : chunks[index];
        int word = word(end);
        long bit = bit(end);
        counts[index] += (words[word] & bit) == 0 ? 1 : 0;
        words[word] |= bit;
    }

    /** Forgets a record, if it is there. */
    void remove(long end) {
        long chunk = end >>> CHUNK_SHIFT;
        int index = index(chunk);
        if (chunk < first || chunk >= next || counts[index] == 0) {
            return;
        }
        long[] words = chunks[index];
        int word = word(end);
        long bit = bit(end);
        counts[index] -= (words[word] & bit) == 0 ? 0 : 1;
        words[word] &= ~bit;
    }

    boolean contains(long end) {
        long chunk = end >>> CHUNK_SHIFT;
        int index = index(chunk);
        return chunk >= first && chunk < next && counts[index] > 0 && (chunks[index][word(end)] & bit(end)) != 0;
    }

    void clear() {
        Arrays.fill(chunks, NONE);
        Arrays.fill(counts, 0);
        first = 0;
        next = 0;
        spares.clear();
        allocated = 0;
    }

    /** Bytes of memory for bits. */
    long memoryBytes() {
        return (long) allocated * CHUNK_WORDS * Long.BYTES;
    }

    /**
     * From now on records from one position to another come in any order, up to the first behind those. None is there.
     */
    void cover(long from, long to) {
        clear();
        first = from >>> CHUNK_SHIFT;
        next = first;
        extend(to >>> CHUNK_SHIFT);
    }

    /** Lets go of what is empty at the front, and goes on to a chunk at the end. */
    private void reach(long chunk) {
        assert chunk >= first : "records are learnt of in the order of their positions";
        for (; first < next && counts[index(first)] == 0; first++) {
            release(index(first));
        }
        if (first == next) {
            first = chunk;
            next = chunk;
        }
        extend(chunk);
    }

    private void extend(long chunk) {
        for (; next <= chunk; next++) {
            if (next - first == chunks.length) {
                widen();
            }
        }
    }

    private long[] allocate(int index) {
        long[] spare = spares.poll();
        allocated += spare == null ? 1 : 0;
        chunks[index] = spare == null ? new long[CHUNK_WORDS] : spare;
        return chunks[index];
    }

    /**
     * Keeps the memory of an empty chunk, whose bits are zero, for one that comes: a few, as cleaning empties some at
     * once.
     */
    private void release(int index) {
        if (chunks[index] != NONE) {
            if (spares.size() < MAX_SPARES) {
                spares.add(chunks[index]);
            } else {
                allocated--;
            }
            chunks[index] = NONE;
        }
    }

    private void widen() {
        long[][] narrow = chunks;
        int[] narrowCounts = counts;
        chunks = new long[2 * narrow.length][];
        counts = new int[chunks.length];
        Arrays.fill(chunks, NONE);
        for (long chunk = first; chunk < next; chunk++) {
            int from = (int) chunk & narrow.length - 1;
            chunks[index(chunk)] = narrow[from];
            counts[index(chunk)] = narrowCounts[from];
        }
    }

    private int index(long chunk) {
        return (int) chunk & chunks.length - 1;
    }

    private static int word(long end) {
        return (int) (end >>> UNIT_SHIFT + 6) & CHUNK_WORDS - 1;
    }

    private static long bit(long end) {
        return 1L << (end >>> UNIT_SHIFT);
    }
}
