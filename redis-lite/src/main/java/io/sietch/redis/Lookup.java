package io.sietch.redis;

import java.lang.foreign.MemorySegment;

/** Looks keys up, and remembers the last. One thread. */
final class Lookup {
    private final Store store;
    private long hash;
    private long found;

    Lookup(Store store) {
        this.store = store;
    }

    /** Looks the key in argument {@code i} up; returns its position, past its time or not, or 0. */
    long find(Request request, int i) {
        MemorySegment key = request.segment();
        long offset = request.offset(i);
        int length = request.length(i);
        if (i == 1 && request.isHashed()) {
            hash = request.keyHash();
            found = store.find(hash, key, offset, length, request.hint());
        } else {
            hash = store.hash(key, offset, length);
            found = store.find(hash, key, offset, length);
        }
        return found;
    }

    /** The hash of the key that was looked up last. */
    long hash() {
        return hash;
    }

    /** The position that this key has, even if it is past its time; 0: none. */
    long found() {
        return found;
    }

    /** As {@link #found}, and the store's item shows the key. */
    long seen() {
        if (found != 0) {
            store.item(found);
        }
        return found;
    }

    /** The key with that position is gone. */
    void gone(long position) {
        found = found == position ? 0 : found;
    }
}
