package io.sietch.redis;

import io.sietch.persistent.LiveSums;
import io.sietch.persistent.LogCore;

/**
 * What of the journal is alive: which records, and how much recording all keys again would take. One thread.
 *
 * <p>The <i>base</i> of a key is the record that holds it in full; later ones may have changed it since. So the base is
 * what has to be kept, or recorded again.
 */
final class Liveness {
    private final LivingRecords bases = new LivingRecords();
    private final LivingRecords entered = new LivingRecords();
    private final LiveSums sums;
    private final long largeBytes;
    private long liveBytes;
    private long owedBytes;
    private boolean counting = true;
    private long knownFrom;

    /** A record of more than an eighth of the journal's longest counts twice, for the room lost before it. */
    Liveness(Journal journal) {
        this.sums = journal.sums();
        this.largeBytes = journal.maxRecordBytes() / 8;
    }

    static long recordBytes(int keyLength, int valueLength) {
        return LogCore.recordBytes((int) EffectFormat.setLength(keyLength, valueLength));
    }

    /** What a key adds to {@link #liveBytes()}. */
    long liveBytes(int keyLength, int valueLength) {
        long bytes = recordBytes(keyLength, valueLength);
        return bytes > largeBytes ? 2 * bytes : bytes;
    }

    /** What recording all keys takes in the journal. */
    long liveBytes() {
        return liveBytes;
    }

    /** By how much that is more than the records at the bases take. */
    long owedBytes() {
        return owedBytes;
    }

    /** Whether the record at a position is the base of a key; of what lies before the last opening, perhaps. */
    boolean mayBeBase(long position) {
        return position < knownFrom || bases.contains(position);
    }

    /** Whether the record at a position is the base of a key, certainly. */
    boolean isBase(long position) {
        return position >= knownFrom && bases.contains(position);
    }

    /** Whether the last record of a key, which has that position, does not say all, so that the key has an entry. */
    boolean isEntered(long position) {
        return entered.contains(position);
    }

    /** A record holds a key in full. */
    void added(long position, int keyLength, int valueLength) {
        bases.add(position);
        count(position, liveBytes(keyLength, valueLength), 0);
    }

    /** A value has another length, and its base is still the same. */
    void changed(long base, int keyLength, int before, int after) {
        count(
                base,
                liveBytes(keyLength, after) - liveBytes(keyLength, before),
                recordBytes(keyLength, after) - recordBytes(keyLength, before));
    }

    /** What the item shows is not the key's any more. */
    void removed(Item item) {
        bases.remove(item.base());
        count(
                item.base(),
                -liveBytes(item.keyLength(), item.valueLength()),
                item.bytesAtBase() - recordBytes(item.keyLength(), item.valueLength()));
    }

    /** The last record of a key that has an entry is that, and not the one before (0: it had no entry). */
    void entered(long before, long position) {
        left(before);
        entered.add(position);
    }

    /** The key whose last record was that has no entry any more. */
    void left(long before) {
        if (before != 0) {
            entered.remove(before);
        }
    }

    private void count(long base, long live, long owed) {
        if (counting) {
            liveBytes += live;
            owedBytes += owed;
            sums.add(base, live, owed);
        }
    }

    void clear() {
        bases.clear();
        entered.clear();
        knownFrom = 0;
        if (counting) {
            liveBytes = 0;
            owedBytes = 0;
            sums.clear();
        }
    }

    long memoryBytes() {
        return bases.memoryBytes() + entered.memoryBytes();
    }

    // ---- from one opening to the next ---------------------------------------------------------------------

    /** What recording the keys takes whose base is in a segment, and what is owed of that. */
    LiveSums sums() {
        return sums;
    }

    /**
     * Keys are taken over whose records are between two positions; they are not counted. Which of these are bases is
     * not noted: that would be a cache miss for each key.
     *
     * @param replayFrom what is behind that comes once more, one after the other
     */
    void cover(long from, long to, long replayFrom) {
        entered.cover(from, to);
        knownFrom = replayFrom;
    }

    /** Bases in a segment count for so much. */
    void loaded(long segment, long live, long owed) {
        liveBytes += live;
        owedBytes += owed;
        sums.addTo(segment, live, owed);
    }

    /** Whether what changes changes the sums; if not, they have it already. */
    void counts(boolean nowCounting) {
        counting = nowCounting;
    }
}
