package io.sietch.redis;

import java.lang.foreign.MemorySegment;

/**
 * Tells what of the oldest records is alive, and appends that again. One thread.
 *
 * <ol>
 *   <li>An entry needs the records from its base on. Its base names its key, so whoever reads that record finds the
 *       entry.
 *   <li>A record that changes an entry, or says that it is gone, is never alive: what it speaks of lies before it, and
 *       was looked at first.
 * </ol>
 */
final class Relocation {
    private final Journal journal;
    private final Store store;
    private final Entries entries;

    Relocation(Journal journal, Store store) {
        this.journal = journal;
        this.store = store;
        this.entries = store.entries();
    }

    /**
     * Appends again what is alive of a record.
     *
     * @param end its position
     * @return the end of the last record that was appended, 0 if nothing was, or a refusal; then some may have been
     */
    long relocate(MemorySegment record, long offset, long end) {
        byte kind = EffectFormat.kind(record, offset);
        if (kind == EffectFormat.SET) {
            return entries.isBase(end) ? relocateSet(record, offset, end) : 0;
        }
        long last = 0;
        if (kind == EffectFormat.BATCH) {
            long at = offset + EffectFormat.HEAD;
            for (int left = EffectFormat.number(record, offset); left > 0 && last >= 0; left--) {
                long effect = at + EffectFormat.MEMBER_HEAD;
                if (EffectFormat.kind(record, effect) == EffectFormat.SET) {
                    long appended = relocateSet(record, effect, end);
                    last = appended == 0 ? last : appended;
                }
                at += EffectFormat.memberLength(EffectFormat.length(record, at));
            }
        }
        return last;
    }

    private long relocateSet(MemorySegment record, long at, long end) {
        long key = at + EffectFormat.LONG_HEAD;
        int keyLength = EffectFormat.number(record, at);
        long entry = store.table().find(store.table().hash(record, key, keyLength), record, key, keyLength);
        return entry != 0 && entries.base(entry) == end ? appendAgain(entry) : 0;
    }

    private long appendAgain(long entry) {
        int keyLength = entries.keyLength(entry);
        int valueLength = entries.valueLength(entry);
        long claimed = journal.claimAgain((int) EffectFormat.setLength(keyLength, valueLength));
        if (claimed < 0) {
            return claimed;
        }
        MemorySegment memory = entries.memory(entry);
        EffectFormat.set(
                journal.segment(),
                journal.offset(),
                memory,
                entries.keyOffset(entry),
                keyLength,
                entries.expireAt(entry),
                memory,
                entries.valueOffset(entry),
                valueLength);
        long end = journal.publish();
        store.rebase(entry, end);
        return end;
    }
}
