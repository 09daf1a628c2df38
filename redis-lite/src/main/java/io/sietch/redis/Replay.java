package io.sietch.redis;

import io.sietch.persistent.IndexHint;
import io.sietch.persistent.LogPlace;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/** Turns journal records back into changes of a {@link Store}. */
final class Replay {
    private final Store store;
    private final MemorySegment[] records = new MemorySegment[RequestBatch.MAX];
    private final long[] offsets = new long[RequestBatch.MAX];
    private final int[] lengths = new int[RequestBatch.MAX];
    private final long[] ends = new long[RequestBatch.MAX];
    private final long[] hashes = new long[RequestBatch.MAX];
    private final IndexHint[] hints = new IndexHint[RequestBatch.MAX];
    private int gathered;
    private long touched; // so that nobody finds reading ahead to be for nothing

    Replay(Store store) {
        this.store = store;
        Arrays.setAll(hints, i -> new IndexHint());
    }

    /**
     * Applies one record.
     *
     * @param end its position
     * @throws EffectException if it is of an unknown kind or its lengths contradict each other
     */
    void apply(MemorySegment record, long offset, int length, long end) throws EffectException {
        check(length >= EffectFormat.HEAD, length, end, "is shorter than its head");
        switch (EffectFormat.kind(record, offset)) {
            case EffectFormat.BATCH -> batch(record, offset, length, end);
            case EffectFormat.CHECKPOINT ->
                // What it is made of is replayed.
                check(
                        EffectFormat.number(record, offset) == length - EffectFormat.HEAD,
                        length,
                        end,
                        "is a checkpoint of another length");
            default -> single(record, offset, length, end, LogPlace.payload(end, length));
        }
    }

    /**
     * As {@link #apply}, some records later: what they need of index and journal is read for all of them at once.
     *
     * @throws EffectException of any record before
     */
    void gather(MemorySegment record, long offset, int length, long end) throws EffectException {
        records[gathered] = record;
        offsets[gathered] = offset;
        lengths[gathered] = length;
        ends[gathered] = end;
        hashes[gathered++] = keyHash(record, offset, length);
        if (gathered == records.length) {
            applyGathered();
        }
    }

    /** Applies what was gathered. */
    void applyGathered() throws EffectException {
        touched += store.foresee(hashes, hints, gathered);
        for (int i = 0; i < gathered; i++) {
            apply(records[i], offsets[i], lengths[i], ends[i]);
        }
        gathered = 0;
    }

    /** The hash of the key of a record that changes one; 0 if it is another. */
    private long keyHash(MemorySegment record, long offset, int length) {
        byte kind = length < EffectFormat.HEAD ? 0 : EffectFormat.kind(record, offset);
        int head = kind == EffectFormat.DEL ? EffectFormat.HEAD : EffectFormat.LONG_HEAD;
        int keyLength =
                kind >= EffectFormat.SET && kind <= EffectFormat.SPLICE ? EffectFormat.number(record, offset) : -1;
        return keyLength < 0 || keyLength > length - head ? 0 : store.hash(record, offset + head, keyLength);
    }

    private void batch(MemorySegment record, long offset, int length, long end) throws EffectException {
        long at = offset + EffectFormat.HEAD;
        long limit = offset + length;
        for (int left = EffectFormat.number(record, offset); left > 0; left--) {
            check(at + EffectFormat.MEMBER_HEAD <= limit, length, end, "holds fewer effects than it says");
            int member = EffectFormat.length(record, at);
            check(
                    member >= EffectFormat.HEAD && member <= limit - at - EffectFormat.MEMBER_HEAD,
                    length,
                    end,
                    "holds an effect of " + member + " bytes");
            long effect = at + EffectFormat.MEMBER_HEAD;
            single(record, effect, member, end, LogPlace.payload(end, length) + effect - offset);
            at += EffectFormat.memberLength(member);
        }
    }

    private void single(MemorySegment record, long at, int length, long end, long position) throws EffectException {
        byte kind = EffectFormat.kind(record, at);
        int keyLength = EffectFormat.number(record, at);
        int head = kind == EffectFormat.DEL || kind == EffectFormat.FLUSH ? EffectFormat.HEAD : EffectFormat.LONG_HEAD;
        boolean known = kind >= EffectFormat.SET && kind <= EffectFormat.SPLICE || kind == EffectFormat.FLUSH;
        check(known, length, end, "is of the unknown kind " + kind);
        check(keyLength >= 0 && keyLength <= length - head, length, end, "has a key of " + keyLength + " bytes");
        if (kind == EffectFormat.FLUSH) {
            store.clear();
            return;
        }
        long key = at + head;
        long hash = store.hash(record, key, keyLength);
        long found = store.find(hash, record, key, keyLength);
        int rest = length - head - keyLength;
        if (kind == EffectFormat.SET) {
            long expireAt = EffectFormat.expireAt(record, at);
            store.put(hash, found, record, key, keyLength, expireAt, rest, position);
        } else if (found
                != 0) { // else: what it changed was deleted or written again later, and the record of that was kept
            change(kind, record, at, hash, found, key + keyLength, rest, end, position);
        }
    }

    private void change(
            byte kind,
            MemorySegment record,
            long at,
            long hash,
            long found,
            long bytes,
            int length,
            long end,
            long position)
            throws EffectException {
        switch (kind) {
            case EffectFormat.DEL -> store.remove(hash, found);
            case EffectFormat.EXPIRE -> store.expire(hash, found, EffectFormat.expireAt(record, at), position);
            case EffectFormat.SPLICE -> {
                int valueAt = EffectFormat.spliceAt(record, at);
                check(valueAt >= 0 && valueAt <= Entries.MAX_LENGTH - length, length, end, "splices at " + valueAt);
                store.splice(hash, found, valueAt, record, bytes, length, position);
            }
            default -> throw new AssertionError(kind);
        }
    }

    private static void check(boolean sound, int length, long end, String what) throws EffectException {
        if (!sound) {
            throw new EffectException(
                    "the journal record of " + length + " bytes that ends at position " + end + " " + what
                            + "; it was written by a newer release or is damaged: open it with the release that wrote"
                            + " it");
        }
    }
}
