package io.sietch.redis;

import io.sietch.persistent.LogCore;

/**
 * What of the journal is alive: which records, and how much recording all keys again would take. One thread.
 *
 * <p>The <i>base</i> of a key is the record that holds it in full; later ones may have changed it since. So the base is
 * what has to be kept, or recorded again.
 */
final class Liveness {
    private final LivingRecords bases = new LivingRecords();
    private final long largeBytes;
    private long liveBytes;
    private long owedBytes;

    /**
     * @param maxRecordBytes of the journal: a record of more than an eighth counts twice, for the room lost before it
     */
    Liveness(int maxRecordBytes) {
        this.largeBytes = maxRecordBytes / 8;
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

    /** Whether the record at a position is the base of a key. */
    boolean isBase(long position) {
        return bases.contains(position);
    }

    /** A record holds a key in full. */
    void added(long position, int keyLength, int valueLength) {
        bases.add(position);
        liveBytes += liveBytes(keyLength, valueLength);
    }

    /** Its value has another length, and its base is still the same. */
    void changed(int keyLength, int before, int after) {
        liveBytes += liveBytes(keyLength, after) - liveBytes(keyLength, before);
        owedBytes += recordBytes(keyLength, after) - recordBytes(keyLength, before);
    }

    /** What the item shows is not the key's any more. */
    void removed(Item item) {
        bases.remove(item.base());
        liveBytes -= liveBytes(item.keyLength(), item.valueLength());
        owedBytes -= recordBytes(item.keyLength(), item.valueLength()) - item.bytesAtBase();
    }

    void clear() {
        bases.clear();
        liveBytes = 0;
        owedBytes = 0;
    }

    long memoryBytes() {
        return bases.memoryBytes();
    }
}
