package io.sietch.redis;

import io.sietch.persistent.KeyProbe;
import io.sietch.persistent.LogCorruptException;
import io.sietch.persistent.LogPlace;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.function.LongSupplier;

/**
 * A view of one key, nothing copied: its last record in the journal, and what memory holds beside it. It holds until
 * the key changes, and not longer than the request. One thread.
 *
 * <p>Records are checked when the journal is opened, and trusted after that: but not so far that one which was damaged
 * since, whatever it looks like now, could lead out of the memory that it lies in. That is a
 * {@link LogCorruptException}.
 *
 * <p>Each record of a key has the key at the same place. A SET has the value and the time to live too; after a record
 * of another kind, the key has an entry (see {@link Entries}).
 */
final class Item implements KeyProbe {
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    /** Before each effect, in a record of its own or in a batch, is how many bytes it has. */
    private static final int LENGTH_BEFORE = 8;

    private final Journal journal;
    private final Entries entries;
    private final KeyTable table;
    private final LogPlace place = new LogPlace();
    private final LogPlace basePlace = new LogPlace();
    private final int longest;

    private MemorySegment wanted = MemorySegment.NULL;
    private long wantedAt;
    private int wantedLength;

    private long position;
    private MemorySegment record = MemorySegment.NULL;
    private long at;
    private int length;
    private int keyLength;
    private boolean isSet;
    private long expireAt;
    private long entry;
    private MemorySegment value = MemorySegment.NULL;
    private long valueAt;
    private int valueLength;

    Item(Journal journal, Entries entries, KeyTable table) {
        this.journal = journal;
        this.entries = entries;
        this.table = table;
        this.longest = journal.maxRecordBytes();
    }

    /** Says which key to look for. */
    Item wanting(MemorySegment key, long offset, int keyBytes) {
        wanted = key;
        wantedAt = offset;
        wantedLength = keyBytes;
        return this;
    }

    @Override
    public boolean isKeyAt(long candidate) {
        showRecord(candidate);
        if (keyLength != wantedLength || !isWanted()) {
            return false;
        }
        showValue();
        return true;
    }

    @Override
    public long hashOfOther(long wantedHash) {
        return hash();
    }

    private boolean isWanted() {
        long key = keyOffset();
        int i = 0;
        for (; i + 8 <= wantedLength; i += 8) {
            if (record.get(LONG, key + i) != wanted.get(LONG, wantedAt + i)) {
                return false;
            }
        }
        for (; i < wantedLength; i++) {
            if (record.get(ValueLayout.JAVA_BYTE, key + i) != wanted.get(ValueLayout.JAVA_BYTE, wantedAt + i)) {
                return false;
            }
        }
        return true;
    }

    /** Looks at the key whose last record is at that position. */
    Item moveTo(long newPosition) {
        showRecord(newPosition);
        showValue();
        return this;
    }

    private void showRecord(long newPosition) {
        journal.locate(newPosition, place);
        position = newPosition;
        record = place.segment();
        at = place.offset();
        long head = record.get(LONG, at);
        byte kind = (byte) head;
        isSet = kind == EffectFormat.SET;
        keyLength = (int) (head >>> 32);
        length = record.get(INT, at - LENGTH_BEFORE);
        boolean changesKey = isSet || kind == EffectFormat.EXPIRE || kind == EffectFormat.SPLICE;
        boolean fits = keyLength >= 0
                && keyLength <= length - EffectFormat.LONG_HEAD
                && length <= record.byteSize() - at
                && length <= longest;
        if (!changesKey || !fits) {
            throw damaged(position, "of kind " + kind + " and " + length + " bytes with a key of " + keyLength);
        }
    }

    private void showValue() {
        if (isSet) {
            entry = 0;
            expireAt = record.get(LONG, at + EffectFormat.EXPIRE_AT);
            value = record;
            valueAt = keyOffset() + keyLength;
            valueLength = length - EffectFormat.LONG_HEAD - keyLength;
            return;
        }
        entry = entryOf();
        expireAt = entries.expireAt(entry);
        valueLength = entries.valueLength(entry);
        if (entries.hasValue(entry)) {
            value = entries.memory(entry);
            valueAt = entries.valueOffset(entry);
        } else {
            showValueAtBase(entries.base(entry));
        }
    }

    private void showValueAtBase(long base) {
        journal.locate(base, basePlace);
        value = basePlace.segment();
        long baseAt = basePlace.offset();
        valueAt = baseAt + EffectFormat.LONG_HEAD + keyLength;
        int baseLength = value.get(INT, baseAt - LENGTH_BEFORE);
        if (EffectFormat.kind(value, baseAt) != EffectFormat.SET
                || EffectFormat.number(value, baseAt) != keyLength
                || baseLength != EffectFormat.setLength(keyLength, valueLength)
                || baseLength > value.byteSize() - baseAt) {
            throw damaged(base, "that was the base of a key of " + keyLength + " bytes, and is not any more");
        }
    }

    private long entryOf() {
        long found = table.find(hash(), record, keyOffset(), keyLength);
        if (found == 0) {
            // Nobody asks for such a key but by a record, and this one is not what was written.
            throw damaged(position, "that adds to a key of which nothing else is known");
        }
        return found;
    }

    /** What is trusted since the journal was opened was damaged since. */
    static LogCorruptException damaged(long position, String what) {
        return new LogCorruptException(
                position, "the data are damaged: at position " + position + " is a record " + what);
    }

    /** Looks at nothing any more. */
    void forget() {
        position = 0;
    }

    /** Where the key's last record is; 0: this shows nothing. */
    long position() {
        return position;
    }

    /** The position that has to be durable for the record to be. */
    long end() {
        return position + (length + 7 & ~7);
    }

    long hash() {
        return table.hash(record, keyOffset(), keyLength);
    }

    /** The memory that the key lies in. */
    MemorySegment keySegment() {
        return record;
    }

    long keyOffset() {
        return at + EffectFormat.LONG_HEAD;
    }

    int keyLength() {
        return keyLength;
    }

    /** The memory that the value lies in. */
    MemorySegment valueSegment() {
        return value;
    }

    long valueOffset() {
        return valueAt;
    }

    int valueLength() {
        return valueLength;
    }

    /** When it expires, in milliseconds since 1970, or {@link Entries#NEVER}. */
    long expireAt() {
        return expireAt;
    }

    /** Whether its time has passed. Of keys that have none the clock is not asked, which takes longer than the rest. */
    boolean isPast(LongSupplier clock) {
        return expireAt != Entries.NEVER && expireAt < clock.getAsLong();
    }

    /** Whether its last record is a SET. */
    boolean isSet() {
        return isSet;
    }

    /** Whether its value is in memory, and in no record. */
    boolean isValueHere() {
        return !isSet && entries.hasValue(entry);
    }

    /** The key's entry; 0 if it has none, because its last record says all of it. */
    long entry() {
        if (entry == 0 && expireAt != Entries.NEVER) {
            entry = entryOf();
        }
        return entry;
    }

    /** Where the record is that holds the key in full, if later ones are applied to it. */
    long base() {
        return isSet ? position : entries.base(entry);
    }

    /** How many bytes of the journal that record counts for. */
    long bytesAtBase() {
        return isSet ? Liveness.recordBytes(keyLength, valueLength) : entries.bytesAtBase(entry);
    }
}
