package io.sietch.redis;

import java.lang.foreign.MemorySegment;

/** Writes several effects into one claimed record, so that a crash leaves all of them or none. One thread. */
final class BatchWriter {
    private final Journal journal;
    private MemorySegment record = MemorySegment.NULL;
    private long at;

    BatchWriter(Journal journal) {
        this.journal = journal;
    }

    /** Begins the record that is claimed, of so many effects. */
    void begin(int count) {
        record = journal.segment();
        at = journal.offset();
        EffectFormat.batch(record, at, count);
        at += EffectFormat.HEAD;
    }

    /** Where the next effect goes, which is to be of that length. */
    private long next(long length) {
        long effect = at + EffectFormat.MEMBER_HEAD;
        EffectFormat.member(record, at, length);
        at += EffectFormat.memberLength(length);
        return effect;
    }

    void set(
            MemorySegment key,
            long keyOffset,
            int keyLength,
            long expireAt,
            MemorySegment value,
            long valueOffset,
            int valueLength) {
        long effect = next(EffectFormat.setLength(keyLength, valueLength));
        EffectFormat.set(record, effect, key, keyOffset, keyLength, expireAt, value, valueOffset, valueLength);
    }

    void del(MemorySegment key, long keyOffset, int keyLength) {
        EffectFormat.del(record, next(EffectFormat.delLength(keyLength)), key, keyOffset, keyLength);
    }

    void splice(
            MemorySegment key,
            long keyOffset,
            int keyLength,
            int valueAt,
            MemorySegment source,
            long sourceOffset,
            int length) {
        long effect = next(EffectFormat.spliceLength(keyLength, length));
        EffectFormat.splice(record, effect, key, keyOffset, keyLength, valueAt, source, sourceOffset, length);
    }
}
