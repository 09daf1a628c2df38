package io.sietch.redis;

import java.lang.foreign.MemorySegment;

/**
 * Keeps the journal short: appends again, slice by slice, entries that need a record from before a cut. One thread.
 *
 * <ol>
 *   <li>An entry needs the records from its base on. What is set after the cut was chosen has its base above it; so
 *       only entries that are there from the beginning to the end of a cleaning matter, and the scan shows all of
 *       those.
 *   <li>An entry that moves to another key keeps its base, and may move to where the scan has been. So it is appended
 *       again before it moves: {@link #isAwaiting}.
 * </ol>
 */
final class Cleaner {
    private final Journal journal;
    private final Store store;
    private final Entries entries;
    private final KeyTable.Visitor visitor = this::visit;
    private long cut;
    private long cursor;
    private boolean running;
    private boolean refused;

    Cleaner(Journal journal, Store store) {
        this.journal = journal;
        this.store = store;
        this.entries = store.entries();
    }

    /** See {@link Keyspace#clean}. */
    boolean clean(long newCut, int budget) {
        if (!running || newCut != cut) {
            running = true;
            cut = newCut;
            cursor = 0;
        }
        for (int i = 0; i < budget; i++) {
            refused = false;
            long next = store.table().scan(cursor, visitor);
            if (refused) {
                return false; // the same buckets again: what was appended from them is above the cut now
            }
            cursor = next;
            if (next == 0) {
                running = false;
                return true;
            }
        }
        return false;
    }

    private void visit(long entry) {
        if (refused || entries.base(entry) > cut) {
            return;
        }
        long length = EffectFormat.setLength(entries.keyLength(entry), entries.valueLength(entry));
        if (journal.claim((int) length) < 0) {
            refused = true;
        } else {
            appendAgain(entry);
        }
    }

    /** Records an entry in full as it is; after a claim of a set. */
    void appendAgain(long entry) {
        MemorySegment memory = entries.memory(entry);
        EffectFormat.set(
                journal.segment(),
                journal.offset(),
                memory,
                entries.keyOffset(entry),
                entries.keyLength(entry),
                entries.expireAt(entry),
                memory,
                entries.valueOffset(entry),
                entries.valueLength(entry));
        store.rebase(entry, journal.publish());
    }

    /** Whether the cleaning under way would overlook the entry if it moved to another key now. */
    boolean isAwaiting(long entry) {
        return running && entries.base(entry) <= cut;
    }
}
