package io.sietch.persistent;

import io.sietch.vsic.Poller;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * A hash table whose log is the database: what is put is appended, an index outside the heap tells where the newest
 * item of each key is, and opening replays the log. Single-threaded, polled, allocation-free. {@link PersistentTable}
 * is its face for many threads.
 *
 * <p>Defined words: an <em>item</em> is what one record, or a part of one, says of a key: put, removed, or all cleared.
 * It is <em>pending</em> until it is durable and then <em>applied</em>. There are two views: the <em>newest</em> one,
 * of everything appended, is for the thread of the table; the <em>durable</em> one, of what was applied, is for readers
 * on any thread. So nobody is shown what a crash could take back.
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>The index is what replaying the log up to {@link #applied} gives, whether that was done now or at opening.
 *   <li>The newest view is the pending items over the index; if a clear is pending, over nothing.
 *   <li>The log is trimmed only up to where no entry of the index points, and its segments are freed only when no
 *       reader is left who might have found one.
 *   <li>There are spare segments that only removing and cleaning may begin, so that room can always be made.
 *   <li>Segments and index parts that a {@link FrozenTable} shows are not used again before it is closed.
 * </ol>
 *
 * <p>Threads: one at a time, that of the log; but {@link #read}, {@link #size} and the figures from any.
 */
public final class TableCore implements Poller, AutoCloseable {
    /** Result of {@link #appendIf}: the key's item is another than was expected. */
    public static final long MISMATCH = -4;

    /** Segments that only cleaning and removing may begin; of these, such that only cleaning may. */
    static final int RESERVED_SEGMENTS = 2;

    static final int RESERVED_FOR_CLEANING = 1;

    static final int MIN_SEGMENTS = RESERVED_SEGMENTS + 2;

    private static final int APPLY_SLICE = 2048;

    /** Parts of the index that are copied for a snapshot in one slice: each takes some tens of microseconds. */
    private static final int COPIES_SLICE = 16;

    /** A reader is in for a microsecond or less, or for long. */
    private static final long READERS_LEAVE_NANOS = 50_000;

    private final LogCore log;
    private final LogGeometry geometry;
    private final TableOptions options;
    private final KeyHash hash;
    private final InstantSource clock;
    private final ReadEpochs epochs = new ReadEpochs();
    private final AtomicReferenceArray<TableReader> readers = new AtomicReferenceArray<>(ReadEpochs.SEATS);
    private final TableContents contents;
    private final TableIndex index;
    private final TableIndex pending;
    private final PendingItems pendingItems = new PendingItems();
    private final TableItem found;
    private final TableItem fresh;
    private final TableItem probe;
    private final TableSpace space;
    private final TableExpiry expiry;
    private final TableSnapshots snapshots;
    private final IndexCheckpoint checkpoint;
    private int pendingClears;
    private TableOpening opening = TableOpening.NONE;

    private volatile long base;
    private long announced;
    private long announcedEpoch;
    private long released;

    private final TableFigures figures;

    TableCore(LogCore log, TableOptions options, KeyHash hash) {
        this.log = log;
        this.geometry = log.geometry();
        this.options = options;
        this.hash = hash;
        this.clock = options.clock();
        this.index = new TableIndex(options.indexLines(), epochs, log.memory());
        this.contents = new TableContents(log, index, hash, clock);
        this.figures = contents.figures();
        this.pending = new TableIndex(options.indexLines(), new ReadEpochs(), log.memory());
        this.found = new TableItem(log, hash);
        this.fresh = new TableItem(log);
        this.probe = new TableItem(log, hash);
        this.space = new TableSpace(this, log, options.spaceAmplification());
        this.expiry = new TableExpiry(this, log, contents.expiries(), clock);
        this.snapshots = new TableSnapshots(this, log, epochs);
        this.checkpoint = new IndexCheckpoint(
                log, this::index, new TableCheckpoint(this), options.checkpointBytes(), options.indexLines(), hash);
        this.announced = geometry.segmentOf(log.head());
        this.released = announced;
        this.base = geometry.positionOf(announced, 0);
        log.guardBy(this::keepFrom);
    }

    // ---- opening and closing ------------------------------------------------------------------------------------

    /**
     * Opens the table in a log: makes one if the log never held a record, else replays it. Waits for the device.
     *
     * @param log serves this table alone; closed with it
     * @throws LogFormatException if the log holds something else, another version, or is damaged; nothing was changed
     * @throws LogFailedException if the device fails
     * @throws IllegalArgumentException if the log has fewer than four segments, or could hold more than 8 TiB
     */
    public static TableCore open(LogCore log, TableOptions options) throws IOException {
        return TableRestore.open(log, options);
    }

    /**
     * Makes everything durable and closes the log. Readers must have been closed.
     *
     * @throws LogFailedException if what was appended could not be made durable
     * @throws LogCorruptException if what was appended is damaged; the log is closed
     */
    @Override
    public void close() throws IOException {
        try {
            finishCheckpoint();
        } finally {
            log.close();
        }
    }

    /** Makes a last checkpoint if that is worth it. Waits for the device. */
    void finishCheckpoint() {
        log.awaitDurable();
        while (applyDurable() > 0) {
            // all of it
        }
        checkpoint.finish();
    }

    /** What the log has from where a checkpoint began is applied. */
    void opened(TableOpening newOpening) {
        opening = newOpening;
        checkpoint.startsFrom(newOpening.replayedFrom());
    }

    // ---- changing -----------------------------------------------------------------------------------------------

    /**
     * Gives a key a value.
     *
     * @return the END position at which it is durable, or {@link LogCore#BUSY} (poll, and try again),
     *     {@link LogCore#NO_SPACE} or {@link LogCore#FAILED}
     * @throws IllegalArgumentException if key and value are longer than {@link #maxItemBytes}
     */
    public long put(
            MemorySegment key, long keyOffset, int keyLength, MemorySegment value, long valueOffset, int valueLength) {
        return put(key, keyOffset, keyLength, value, valueOffset, valueLength, TableRecordFormat.NEVER);
    }

    /**
     * Gives a key a value for a time. Afterwards it is not found, whether or not it was removed already.
     *
     * @param expiry from when on the key is not there, in milliseconds since 1970; {@link Long#MAX_VALUE} for never
     * @return as {@link #put}
     */
    public long put(
            MemorySegment key,
            long keyOffset,
            int keyLength,
            MemorySegment value,
            long valueOffset,
            int valueLength,
            long expiry) {
        boolean stays = expiry == TableRecordFormat.NEVER;
        int stored = stays ? valueLength : Math.addExact(valueLength, TableRecordFormat.EXPIRY_BYTES);
        long end = claimToAdd(TableRecordFormat.itemBytes(keyLength, stored));
        if (end > 0) {
            MemorySegment target = log.claimedSegment();
            long at = log.claimedOffset();
            int kind = stays ? TableRecordFormat.PUT : TableRecordFormat.PUT_UNTIL;
            TableRecordFormat.writeHeader(target, at, kind, keyLength, stored);
            MemorySegment.copy(key, keyOffset, target, at + TableRecordFormat.KEY, keyLength);
            MemorySegment.copy(value, valueOffset, target, at + TableRecordFormat.KEY + keyLength, valueLength);
            if (!stays) {
                TableRecordFormat.writeExpiry(target, at, expiry);
            }
            publish((int) TableRecordFormat.itemBytes(keyLength, stored));
        }
        return end;
    }

    /**
     * Removes a key.
     *
     * @return as {@link #put}; 0 if it was not there, which is durable when everything appended is
     */
    public long remove(MemorySegment key, long offset, int length) {
        if (!find(key, offset, length)) {
            return log.isFailed() ? LogCore.FAILED : 0;
        }
        long end = claim(TableRecordFormat.itemBytes(length, 0), RESERVED_FOR_CLEANING);
        if (end > 0) {
            MemorySegment target = log.claimedSegment();
            long at = log.claimedOffset();
            TableRecordFormat.writeHeader(target, at, TableRecordFormat.REMOVE, length, 0);
            MemorySegment.copy(key, offset, target, at + TableRecordFormat.KEY, length);
            publish((int) TableRecordFormat.itemBytes(length, 0));
        }
        return end;
    }

    /**
     * Removes all keys.
     *
     * @return as {@link #put}
     */
    public long clear() {
        long end = claim(TableRecordFormat.itemBytes(0, 0), RESERVED_FOR_CLEANING);
        if (end > 0) {
            TableRecordFormat.writeHeader(log.claimedSegment(), log.claimedOffset(), TableRecordFormat.CLEAR, 0, 0);
            publish((int) TableRecordFormat.itemBytes(0, 0));
        }
        return end;
    }

    /**
     * Appends a record of items made elsewhere: all of them survive a crash, or none. They are not checked.
     *
     * @return as {@link #put}
     */
    long append(MemorySegment record, long offset, int length) {
        int kind = TableRecordFormat.kind(record, offset);
        long end = TableRecordFormat.isPut(kind) ? claimToAdd(length) : claim(length, RESERVED_FOR_CLEANING);
        if (end > 0) {
            MemorySegment.copy(record, offset, log.claimedSegment(), log.claimedOffset(), length);
            publish(length);
        }
        return end;
    }

    /**
     * As {@link #append}, if the newest item of the first item's key is the expected one.
     *
     * @param expected the position of its newest item; 0 if the key shall not be there
     * @return as {@link #put}, or {@link #MISMATCH}
     */
    long appendIf(long expected, MemorySegment record, long offset, int length) {
        int keyLength = TableRecordFormat.keyLength(record, offset);
        boolean there = find(record, offset + TableRecordFormat.KEY, keyLength);
        return expected == (there ? found.position() : 0) ? append(record, offset, length) : MISMATCH;
    }

    /** For what somebody adds, who can wait for cleaning to catch up. */
    private long claimToAdd(long length) {
        return space.isBehind() && !log.isFailed() ? LogCore.BUSY : claim(length, RESERVED_SEGMENTS);
    }

    /** As the log's, if so many segments are spare afterwards. */
    long claim(long length, int reserve) {
        if (length > log.maxRecordBytes()) {
            throw new IllegalArgumentException("an item of " + length + " bytes: this table takes up to "
                    + log.maxRecordBytes() + " bytes (segments of " + geometry.segmentBytes() + ")");
        }
        if (log.isFailed() || log.isReadOnly()) {
            return LogCore.FAILED;
        }
        boolean room = log.hasRoomInSegment((int) length) || log.spareSegments() > reserve;
        long end = room ? log.claim((int) length) : LogCore.NO_SPACE;
        return end == LogCore.NO_SPACE && space.isComing() ? LogCore.BUSY : end;
    }

    /** Appends the claimed record, and takes its items into the newest view. */
    long publish(int length) {
        long end = log.publish();
        long position = LogCore.start(end, length) + LogFormat.RECORD_PAYLOAD;
        for (long rest = length; rest > 0; rest -= fresh.itemBytes()) {
            fresh.moveTo(position);
            addPending(position);
            position += fresh.itemBytes();
        }
        return end;
    }

    private void addPending(long position) {
        switch (fresh.kind()) {
            case TableRecordFormat.FORMAT, TableRecordFormat.CHECKPOINT -> {}
            case TableRecordFormat.CLEAR -> {
                if (pending.size() > 0) {
                    pending.clear();
                }
                pendingClears++;
                pendingItems.add(0, position);
            }
            default -> {
                long keyHash = hashOf(fresh);
                pending.put(keyHash, position, base, probeForFresh());
                pendingItems.add(keyHash, position);
            }
        }
    }

    private TableItem probeForFresh() {
        return probe.wanting(fresh.segment(), fresh.keyOffset(), fresh.keyLength());
    }

    /** Appends the record that says that this is a table. */
    long appendFormat() {
        long end = log.claim(TableRecordFormat.formatBytes());
        if (end > 0) {
            TableRecordFormat.writeFormat(log.claimedSegment(), log.claimedOffset());
            log.publish();
        }
        return end;
    }

    // ---- what has become durable --------------------------------------------------------------------------------

    /** Everything before this position is durable, and readers find it. */
    public long applied() {
        long durable = log.durable();
        return pendingItems.isEmpty() ? durable : Math.min(durable, pendingItems.firstPosition());
    }

    /** Whether everything durable is applied. */
    boolean isCaughtUp() {
        return pendingItems.isEmpty() || pendingItems.firstPosition() >= log.durable();
    }

    private int applyDurable() {
        long durable = log.durable();
        long copiesMax = index.copies() + COPIES_SLICE;
        int applied = 0;
        while (applied < APPLY_SLICE
                && index.copies() < copiesMax
                && !pendingItems.isEmpty()
                && pendingItems.firstPosition() < durable) {
            long keyHash = pendingItems.firstHash();
            long position = pendingItems.firstPosition();
            fresh.moveTo(position);
            requireSame(keyHash);
            contents.apply(fresh, keyHash, base);
            if (fresh.kind() == TableRecordFormat.CLEAR) {
                pendingClears--;
            } else {
                pending.remove(keyHash, position);
            }
            pendingItems.removeFirst();
            applied++;
        }
        return applied;
    }

    /** Items are applied as the medium shows them: a write that it lost must not show another key, or clear all. */
    private void requireSame(long keyHash) {
        boolean clears = fresh.kind() == TableRecordFormat.CLEAR;
        if (clears ? keyHash != 0 : hashOf(fresh) != keyHash) {
            throw fresh.damaged("an item that was not written there");
        }
    }

    // ---- finding ------------------------------------------------------------------------------------------------

    /** Whether a key is there in the newest view; {@link #item} then shows it. */
    public boolean find(MemorySegment key, long offset, int length) {
        long keyHash = hash.of(key, offset, length);
        found.wanting(key, offset, length);
        if (pending.size() > 0 && pending.find(keyHash, base, found)) {
            return found.isPut() && !found.isExpired(clock);
        }
        if (pendingClears > 0 || !index.find(keyHash, base, found)) {
            return false;
        }
        found.requirePut();
        return !found.isExpired(clock);
    }

    /** What {@link #find} found last; until the table is changed or polled. */
    public TableItem item() {
        return found;
    }

    /** Begins to read the durable view, on any thread. Waits while {@value ReadEpochs#SEATS} others read. */
    public TableReader read() {
        int seat = epochs.enter();
        TableReader reader = readers.getPlain(seat);
        if (reader == null) {
            reader = new TableReader(
                    epochs, seat, new TableItem(log, hash), this::findDurable, this::nextDurable, clock);
            readers.setPlain(seat, reader);
        }
        return reader.opened();
    }

    private boolean findDurable(TableItem wanting, MemorySegment key, long offset, int length) {
        return index.find(hash.of(key, offset, length), base, wanting);
    }

    private void nextDurable(TableIndex.Walk walk, LogIndex.Visitor visitor) {
        index.next(walk, base, visitor);
    }

    ReadEpochs epochs() {
        return epochs;
    }

    // ---- moving on ----------------------------------------------------------------------------------------------

    /** Everything changed so far shall be durable soon. Cheap; may be called every turn. */
    public void commit() {
        log.commit();
    }

    /**
     * Moves the log on, applies what has become durable, and cleans a slice if that is due. Bounded, never blocks, does
     * not poll the controller.
     *
     * @return how much was done
     */
    @Override
    public int poll() {
        return log.poll() + advance();
    }

    /** As {@link #poll}, if the log is polled by somebody else. */
    int advance() {
        int work = applyDurable() + snapshots.poll();
        figures.logTakes(logBytes(), log.holds().bytes());
        work += log.isFailed() || log.isReadOnly() ? 0 : space.poll() + expiry.poll() + pollCheckpoint();
        return work + (isHeldByReaders() ? log.freeGuarded() : 0);
    }

    /**
     * What a checkpoint appends is not to be made up for by cleaning before puts go on: it copies as much as cleaning
     * appends, so together they would not end before the checkpoint does.
     */
    private int pollCheckpoint() {
        long before = log.appended();
        int work = checkpoint.poll();
        space.forgive(log.appended() - before);
        return work;
    }

    /**
     * While readers keep memory from being used again, it is for this table to look when they have left: nobody tells.
     */
    @Override
    public long idleNanos() {
        return isHeldByReaders() ? READERS_LEAVE_NANOS : expiry.idleNanos();
    }

    // ---- space --------------------------------------------------------------------------------------------------

    /** Bytes of the log from its head to its end, with everything in between. */
    public long logBytes() {
        return log.appended() - log.head();
    }

    /** How large the log's area should be, in bytes. */
    long wantedAreaBytes() {
        return space.wantedAreaBytes();
    }

    /** About how many bytes the next checkpoint appends. */
    long checkpointBytesWanted() {
        return checkpoint.expectedBytes();
    }

    /** Whether segments come free without anything done for it: when the medium knows of it, and readers have left. */
    boolean isHeldByReaders() {
        return !log.isFailed() && (geometry.segmentOf(log.head()) > released || snapshots.isWaiting());
    }

    /** The guard of the log: readers may still be looking at what was trimmed. */
    private long keepFrom(long segment) {
        if (segment > announced && announced == released) {
            announced = segment;
            base = geometry.positionOf(segment, 0);
            announcedEpoch = epochs.advance();
        }
        if (announced > released && epochs.passed(announcedEpoch)) {
            released = announced;
            epochs.reuse();
        }
        return Math.min(released, segment);
    }

    /** Whether an item, whatever its position, is what the newest view has of its key. */
    boolean isAlive(TableItem item) {
        if (!item.isPut() || pendingClears > 0) {
            return false;
        }
        long keyHash = hashOf(item);
        probe.wanting(item.segment(), item.keyOffset(), item.keyLength());
        return index.contains(keyHash, item.position()) && !(pending.size() > 0 && pending.find(keyHash, base, probe));
    }

    /** So many bytes that are in the log were appended again, as {@link #publish} has just done. */
    void relocated(int bytes) {
        figures.relocated(bytes);
    }

    // ---- staying as it was --------------------------------------------------------------------------------------

    /**
     * The table as it is now: everything durable. To be closed: until then the segments of the log stay that the table
     * is in now, and what changes of the index is copied once.
     */
    FrozenTable freeze() {
        while (applyDurable() > 0) {
            // all of it
        }
        return snapshots.take();
    }

    /** How many snapshots keep segments. */
    int openSnapshots() {
        return snapshots.open();
    }

    // ---- state --------------------------------------------------------------------------------------------------

    /** How many keys there are in the durable view; those count that have expired and were not removed. Any thread. */
    public long size() {
        return index.size();
    }

    /** The longest item, header included, in bytes. */
    public int maxItemBytes() {
        return log.maxRecordBytes();
    }

    /** What the table holds and has done. Any thread. */
    public TableFigures figures() {
        return figures;
    }

    /** Whether these bytes can be a record of a table, and hardly anything else. */
    public static boolean isRecord(MemorySegment record, long offset, int length) {
        return length > 0 && TableRecordFormat.firstWrong(record, offset, offset + length) == null;
    }

    InstantSource clock() {
        return clock;
    }

    /** The hash of an item's key. */
    long hashOf(TableItem item) {
        return hash.of(item.segment(), item.keyOffset(), item.keyLength());
    }

    /** Begins to compare everything with everything. To be closed. */
    public TableVerifier verifier() {
        return new TableVerifier(this, index, new TableIndex(options.indexLines(), new ReadEpochs(), log.memory()));
    }

    /** What opening it took. */
    public TableOpening opening() {
        return opening;
    }

    /** Where each key's item is, as readers find it. */
    TableIndex index() {
        return index;
    }

    TableContents contents() {
        return contents;
    }

    KeyHash hash() {
        return hash;
    }

    /** No living item is before this position. */
    long base() {
        return base;
    }

    /** The memory of the index in bytes. */
    public long indexBytes() {
        return index.memoryBytes() + pending.memoryBytes();
    }

    LogCore log() {
        return log;
    }
}
