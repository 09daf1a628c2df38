package io.sietch.redis;

import java.util.Arrays;

/**
 * Which records of the journal are the base of an entry: a bit for each place where a record can end. Whoever cleans
 * the journal passes by the others without looking a key up, which would cost two cache misses for each record, dead
 * ones too. One thread.
 *
 * <p>Bits come in chunks, each for {@value #CHUNK_BYTES} bytes of the journal, from the first with a bit set on. So
 * memory is a 64th of what the journal takes, and is used again as the journal goes on.
 */
final class LivingRecords {
    /** Records end on multiples of this. */
    private static final int UNIT_SHIFT = 3;

    private static final int CHUNK_SHIFT = 20;
    static final int CHUNK_BYTES = 1 << CHUNK_SHIFT;
    private static final int CHUNK_WORDS = CHUNK_BYTES >>> UNIT_SHIFT + 6;
    private static final long[] NONE = {};

    /** A ring, by number of the chunk; a power of two. */
    private long[][] chunks = new long[16][];

    private int[] counts = new int[chunks.length];
    private long first;
    private long next; // chunks first to next - 1 are there
    private long[] spare = NONE;

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
        long[] words = chunks[index];
        int word = word(end);
        long bit = bit(end);
        counts[index] += (words[word] & bit) == 0 ? 1 : 0;
        words[word] |= bit;
    }

    /** Forgets a record, if it is there. */
    void remove(long end) {
        long chunk = end >>> CHUNK_SHIFT;
        if (chunk < first || chunk >= next) {
            return;
        }
        int index = index(chunk);
        long[] words = chunks[index];
        int word = word(end);
        long bit = bit(end);
        counts[index] -= (words[word] & bit) == 0 ? 0 : 1;
        words[word] &= ~bit;
    }

    boolean contains(long end) {
        long chunk = end >>> CHUNK_SHIFT;
        return chunk >= first && chunk < next && (chunks[index(chunk)][word(end)] & bit(end)) != 0;
    }

    void clear() {
        Arrays.fill(chunks, NONE);
        Arrays.fill(counts, 0);
        first = 0;
        next = 0;
    }

    /** Bytes of memory for bits. */
    long memoryBytes() {
        return (next - first) * CHUNK_WORDS * Long.BYTES;
    }

    /** Lets go of what is empty at the front, and goes on to a chunk at the end. */
    private void reach(long chunk) {
        assert chunk >= first : "records are learnt of in the order of their positions";
        for (; first < next && counts[index(first)] == 0; first++) {
            spare = chunks[index(first)];
            chunks[index(first)] = NONE;
        }
        if (first == next) {
            first = chunk;
            next = chunk;
        }
        for (; next <= chunk; next++) {
            if (next - first == chunks.length) {
                widen();
            }
            chunks[index(next)] = spare == NONE ? new long[CHUNK_WORDS] : spare;
            spare = NONE;
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
