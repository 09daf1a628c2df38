package io.sietch.redis;

import io.sietch.persistent.LogPlace;
import java.lang.foreign.MemorySegment;

/**
 * Tells what of the oldest records is alive, and appends that again. One thread.
 *
 * <ol>
 *   <li>A key needs the records from its base on. Its base names it, so whoever reads that record finds it.
 *   <li>A record that changes a key, or says that it is gone, is never alive: what it speaks of lies before it, and was
 *       looked at first.
 * </ol>
 */
final class Relocation {
    private final Journal journal;
    private final Store store;

    Relocation(Journal journal, Store store) {
        this.journal = journal;
        this.store = store;
    }

    /**
     * Appends again what is alive of a record.
     *
     * @param position of its payload
     * @return the end of the last record that was appended, 0 if nothing was, or a refusal; then some may have been
     */
    long relocate(MemorySegment record, long offset, long position) {
        byte kind = EffectFormat.kind(record, offset);
        if (kind == EffectFormat.SET) {
            return relocateSet(record, offset, position);
        }
        long last = 0;
        if (kind == EffectFormat.BATCH) {
            long at = offset + EffectFormat.HEAD;
            for (int left = EffectFormat.number(record, offset); left > 0 && last >= 0; left--) {
                long effect = at + EffectFormat.MEMBER_HEAD;
                if (EffectFormat.kind(record, effect) == EffectFormat.SET) {
                    long appended = relocateSet(record, effect, position + effect - offset);
                    last = appended == 0 ? last : appended;
                }
                at += EffectFormat.memberLength(EffectFormat.length(record, at));
            }
        }
        return last;
    }

    private long relocateSet(MemorySegment record, long at, long position) {
        if (!store.liveness().mayBeBase(position)) {
            return 0;
        }
        long key = at + EffectFormat.LONG_HEAD;
        int keyLength = EffectFormat.number(record, at);
        long hash = store.hash(record, key, keyLength);
        long found = store.find(hash, record, key, keyLength);
        if (found == 0 || store.item().base() != position) {
            if (store.liveness().isBase(position)) {
                // Nor may it be trimmed then: it is what is left of the key.
                throw Item.damaged(position, "that is the base of a key whose last record is not found any more");
            }
            return 0;
        }
        return appendAgain(hash, found);
    }

    private long appendAgain(long hash, long found) {
        Item item = store.item();
        int length = (int) EffectFormat.setLength(item.keyLength(), item.valueLength());
        long claimed = journal.claimAgain(length);
        return claimed < 0 ? claimed : append(hash, found, length);
    }

    /**
     * Records a key in full.
     *
     * @param position of it
     * @return its new position, or a refusal
     */
    long rebase(long position) {
        Item item = store.item(position);
        int length = (int) EffectFormat.setLength(item.keyLength(), item.valueLength());
        long claimed = journal.claimBeside(length);
        return claimed < 0 ? claimed : LogPlace.payload(append(item.hash(), position, length), length);
    }

    /** Appends the key that the item shows, in the room that was claimed. */
    private long append(long hash, long found, int length) {
        Item item = store.item();
        EffectFormat.set(
                journal.segment(),
                journal.offset(),
                item.keySegment(),
                item.keyOffset(),
                item.keyLength(),
                item.expireAt(),
                item.valueSegment(),
                item.valueOffset(),
                item.valueLength());
        long end = journal.publish();
        store.rebase(hash, found, LogPlace.payload(end, length));
        return end;
    }
}
