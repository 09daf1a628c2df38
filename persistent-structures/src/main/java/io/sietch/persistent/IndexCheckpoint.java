package io.sietch.persistent;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Copies the index of a log into the log a slice at a time, while the log goes on, so that opening has to replay only
 * what was appended since. What is copied is not of one moment; it need not be, see {@link IndexCheckpointReader}.
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>When a checkpoint begins, the index is what replaying everything before {@code begin} gives.
 *   <li>An entry that is there all the time is copied once, as it is at that moment. No record is read for it, but
 *       where its owner has more to tell.
 *   <li>The log's mark is moved to a checkpoint's end when that is durable; then all that it shows is, which was
 *       appended before.
 *   <li>The sums are of one moment, at which all entries had been copied.
 *   <li>Room that others may need is never taken: where there is no other, the checkpoint is abandoned.
 * </ol>
 *
 * <p>Threads: that of the log.
 */
public final class IndexCheckpoint {
    /** Bytes that the owner of an index has for itself before those of a checkpoint, in each record. */
    public static final int HEAD_BYTES = 8;

    /** Result of {@link Owner#detail}: there is nothing more to tell. */
    public static final long NOTHING = 0;

    /** Of one turn, at most: each takes some tens of microseconds. */
    private static final int RECORDS_MAX = 8;

    /** Words of a record at most, and what a line of the index has more; so it fits the smallest segments. */
    private static final int WORDS = 4096;

    /** What an entry takes, with its share of what tells home lines. */
    private static final long ENTRY_BYTES = 10;

    /**
     * Bytes to append before the next checkpoint for each byte of the last: so at most half as much is written for it.
     */
    private static final long SPACING = 2;

    private static final int TURNS_WITHOUT_ROOM = 3;

    /** Whose log and index it is. It knows records and entries. */
    public interface Owner {
        /** Whether {@link #applied} lies between two records. */
        boolean isCaughtUp();

        /** All that was appended before this position is in the index and in the sums, and nothing else. */
        long applied();

        /** No entry's position is before this one. */
        long base();

        /** What is alive in each segment. */
        LiveSums sums();

        /** When the first of what is alive in a segment expires, to be told again when the log is opened. */
        long earliest(long segment);

        /** Claims room for a record, such that nobody misses it. As {@link LogCore#claim}. */
        long claim(int length);

        /** Writes what stands in the {@link #HEAD_BYTES} before so many bytes of a checkpoint. */
        void writeHead(MemorySegment target, long at, int bytes);

        /** A record of that length was appended for the checkpoint. */
        void checkpointed(int length);

        /** How many bytes cleaning has appended again, since whenever. */
        long relocatedBytes();

        /** About how many bytes telling more of entries would append. */
        long detailBytes();

        /**
         * Sees to it that what opening the log has to know of the entry that shows this position is in its record, or
         * told here. May append for that.
         *
         * @param detail receives the position of another record which the entry needs, or {@link #NOTHING}; and a word
         * @return the position that the entry shows then; or a refusal as {@link LogCore#claim}'s: it is asked again
         * @throws LogCorruptException if what it looks at is damaged; no checkpoint is made any more
         */
        long detail(long position, long[] detail);
    }

    private enum Stage {
        NONE,
        PARTS,
        SUMS,
        DURABLE
    }

    private final LogCore log;
    private final Owner owner;
    private final Supplier<TableIndex> index;
    private final long interval;
    private final int partWords;
    private final KeyHash hash;

    // Since the last one began: what others appended is what the log has been given, without cleaning and without this.
    private long given;
    private long payloadBefore;
    private long relocatedBefore;
    private long own;

    private @Nullable LogCorruptException damage;
    private Stage stage = Stage.NONE;
    private long begin;
    private long base;
    private final TableIndex.Walk walk = new TableIndex.Walk();
    private long[] line = new long[64];
    private int inLine;
    private final long[] detail = new long[IndexCheckpointFormat.DETAIL_WORDS];
    private long[] part = new long[64];
    private int words;
    private int home;
    private long total;
    private long[] segments = new long[0];
    private int segmentsTold;
    private long sumsAt;
    private int records;
    private long previous;
    private long seenAppended;
    private long endsAt;

    /**
     * A checkpoint now and then.
     *
     * @param interval how many bytes are appended at least before the next
     * @param hash by which keys are in the index, to be known again when the log is opened
     */
    public IndexCheckpoint(LogCore log, LogIndex index, Owner owner, long interval, KeyHash hash) {
        this(log, index::index, owner, interval, Math.clamp(interval / WORDS, 16, WORDS), hash);
    }

    IndexCheckpoint(LogCore log, Supplier<TableIndex> index, Owner owner, long interval, int partWords, KeyHash hash) {
        this.log = log;
        this.index = index;
        this.owner = owner;
        this.interval = interval;
        this.partWords = partWords;
        this.hash = hash;
    }

    /** The last one began here. */
    public void startsFrom(long position) {
        count(log.appended() - position);
    }

    /** Counts from now on, so much having been given. */
    private void count(long alreadyGiven) {
        given = alreadyGiven;
        payloadBefore = log.metrics().payloadBytes();
        relocatedBefore = owner.relocatedBytes();
        own = 0;
    }

    /** Does a slice, if there is something to do; to be called in every turn. Returns how much was done. */
    public int poll() {
        if (damage != null) {
            return 0;
        }
        try {
            return advance();
        } catch (LogCorruptException e) {
            damage = e;
            stage = Stage.NONE;
            return 0;
        }
    }

    /** Why no checkpoint is made any more: a record that an entry shows is damaged. Null while all is well. */
    public @Nullable LogCorruptException damage() {
        return damage;
    }

    private int advance() {
        switch (stage) {
            case NONE -> {
                return isDue(spacing()) && owner.isCaughtUp() ? begin() : 0;
            }
            case PARTS, SUMS -> {
                return copy();
            }
            case DURABLE -> {
                if (log.durable() < endsAt) {
                    return 0;
                }
                stage = Stage.NONE;
                log.mark(previous);
                return 1;
            }
        }
        throw new AssertionError(stage);
    }

    private long spacing() {
        return Math.max(interval, SPACING * expectedBytes());
    }

    /** About how many bytes one appends; 0 if none is ever made. */
    long expectedBytes() {
        return interval == Long.MAX_VALUE ? 0 : ENTRY_BYTES * index.get().size() + owner.detailBytes();
    }

    /** Whether so much is to be replayed. What follows from a checkpoint alone never makes another due. */
    private boolean isDue(long bytes) {
        long relocated = owner.relocatedBytes() - relocatedBefore;
        long changed = given + log.metrics().payloadBytes() - payloadBefore - own - relocated;
        return changed + Math.min(changed, relocated) >= bytes;
    }

    /** Makes a last one if that is worth it. Waits for the device; everything durable is applied. */
    public void finish() {
        if (damage != null) {
            return;
        }
        log.awaitDurable();
        if (log.isFailed() || log.isReadOnly()) {
            return;
        }
        if (stage == Stage.NONE && isDue(spacing() / 8) && owner.isCaughtUp()) {
            begin();
        }
        for (int idle = 0; stage != Stage.NONE && idle < TURNS_WITHOUT_ROOM && !log.isFailed(); ) {
            idle = poll() > 0 ? 0 : idle + 1;
            if (idle > 0) {
                log.awaitDurable();
            }
        }
        stage = Stage.NONE;
    }

    private int begin() {
        stage = Stage.PARTS;
        count(0);
        begin = owner.applied();
        base = owner.base();
        walk.moveTo(0, index.get().lines());
        words = 0;
        home = -1;
        total = 0;
        records = 0;
        previous = 0;
        seenAppended = log.appended();
        return 1;
    }

    /** Copies as much as others have appended since, but not nothing, and not so much that they would notice. */
    private int copy() {
        long wanted = (log.appended() - seenAppended) / ((long) partWords * Long.BYTES);
        int copied = 0;
        do {
            long before = log.metrics().payloadBytes();
            int done = step();
            own += log.metrics().payloadBytes() - before;
            copied += done;
            if (done == 0) {
                break;
            }
        } while (stage != Stage.NONE && stage != Stage.DURABLE && copied < Math.min(wanted, RECORDS_MAX));
        seenAppended = log.appended();
        return copied;
    }

    private int step() {
        if (stage == Stage.PARTS) {
            while (words < partWords && !walk.isAtEnd()) {
                if (!gatherLine()) {
                    return 0;
                }
            }
            if (words > 0) {
                return append(IndexCheckpointFormat.PART, part, 0, words) ? partAppended() : 0;
            }
            gatherSums();
            stage = Stage.SUMS;
        }
        int left = segments.length - segmentsTold;
        if (left > 0) {
            int now = Math.min(left, WORDS);
            if (!append(IndexCheckpointFormat.SUMS, segments, segmentsTold, now)) {
                return 0;
            }
            segmentsTold += now;
            if (now < left) {
                return 1;
            }
        }
        return appendEnd();
    }

    private int partAppended() {
        words = 0;
        home = -1;
        return 1;
    }

    // ---- gathering ----------------------------------------------------------------------------------------------

    /** Takes the next line of the index into the part, or nothing of it if it cannot be told completely now. */
    private boolean gatherLine() {
        long cursor = walk.cursor();
        inLine = 0;
        index.get().nextSlots(walk, this::collect);
        int wordsBefore = words;
        int homeBefore = home;
        for (int i = 0; i < inLine; i += 2) {
            if (!gather((int) line[i], line[i + 1])) {
                words = wordsBefore;
                home = homeBefore;
                walk.moveTo(cursor, index.get().lines());
                return false;
            }
        }
        total += inLine / 2;
        return true;
    }

    private void collect(int itsHome, long slot) {
        if (inLine == line.length) {
            line = Arrays.copyOf(line, 2 * inLine);
        }
        line[inLine++] = itsHome;
        line[inLine++] = slot;
    }

    private boolean gather(int itsHome, long slot) {
        if (words + 2 + IndexCheckpointFormat.DETAIL_WORDS > part.length) {
            part = Arrays.copyOf(part, 2 * part.length);
        }
        if (itsHome != home) {
            home = itsHome;
            part[words++] = IndexPart.homeWord(home);
        }
        detail[0] = NOTHING;
        long position = owner.detail(IndexPart.position(slot, base), detail);
        if (position < 0) {
            fail(position);
            return false;
        }
        part[words++] = IndexPart.slotAt(slot, position, detail[0] != NOTHING);
        if (detail[0] != NOTHING) {
            part[words++] = detail[0];
            part[words++] = detail[1];
        }
        return true;
    }

    /** As they are now; told over a few turns. */
    private void gatherSums() {
        sumsAt = owner.applied();
        LiveSums sums = owner.sums();
        long first = log.geometry().segmentOf(log.head());
        long last = log.geometry().segmentOf(sumsAt);
        int count = 0;
        segments = new long[(int) (last - first + 1) * IndexCheckpointFormat.SEGMENT_WORDS];
        for (long segment = first; segment <= last; segment++) {
            if (!sums.isEmpty(segment)) {
                segments[count++] = segment;
                segments[count++] = sums.first(segment);
                segments[count++] = sums.second(segment);
                segments[count++] = owner.earliest(segment);
            }
        }
        segments = Arrays.copyOf(segments, count);
        segmentsTold = 0;
    }

    // ---- appending ----------------------------------------------------------------------------------------------

    private boolean append(long magic, long[] from, int at, int count) {
        int bytes = IndexCheckpointFormat.bytes(count);
        if (!claim(bytes)) {
            return false;
        }
        MemorySegment target = log.claimedSegment();
        long to = log.claimedOffset() + HEAD_BYTES;
        IndexCheckpointFormat.writeHeader(target, to, magic, begin, previous, records, count);
        for (int i = 0; i < count; i++) {
            IndexCheckpointFormat.writeWord(target, to, i, from[at + i]);
        }
        publish(bytes);
        return true;
    }

    private int appendEnd() {
        if (!claim(IndexCheckpointFormat.END_BYTES)) {
            return 0;
        }
        MemorySegment target = log.claimedSegment();
        long to = log.claimedOffset() + HEAD_BYTES;
        IndexCheckpointFormat.writeHeader(target, to, IndexCheckpointFormat.END, begin, previous, records, 0);
        IndexCheckpointFormat.writeSecret(target, to, hash.secret0(), hash.secret1());
        IndexCheckpointFormat.writeIndex(target, to, total, base, index.get().lines(), sumsAt);
        publish(IndexCheckpointFormat.END_BYTES);
        endsAt = log.appended();
        stage = Stage.DURABLE;
        log.commit();
        return 1;
    }

    private boolean claim(int bytes) {
        int length = HEAD_BYTES + bytes;
        long end = length > log.maxRecordBytes() ? LogCore.NO_SPACE : owner.claim(length);
        if (end < 0) {
            fail(end);
        }
        return end > 0;
    }

    /** Gives up, to try again when as much has been appended again; unless it is only to wait. */
    private void fail(long refusal) {
        if (refusal != LogCore.BUSY) {
            stage = Stage.NONE;
            count(0);
        }
    }

    /** Appends what was claimed. */
    private void publish(int bytes) {
        int length = HEAD_BYTES + bytes;
        owner.writeHead(log.claimedSegment(), log.claimedOffset(), bytes);
        previous = LogCore.start(log.publish(), length);
        records++;
        owner.checkpointed(length);
    }
}
