package io.sietch.redis;

import io.sietch.persistent.LogCore;
import io.sietch.persistent.LogPlace;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A journal in memory whose refusals and durability the test decides. Nothing is durable before {@link #makeDurable()}.
 */
final class FakeJournal implements Journal {
    /** A published record: its bytes and its position. */
    record Entry(byte[] bytes, long end) {}

    private static final int HEADER = 8;

    /** Once nothing is kept, memory of so many chunks is used again and again. */
    private static final int RING = 1024;

    private static final int CHUNK = 1 << 16;

    private final Arena arena = Arena.ofAuto();
    private MemorySegment[] chunks = new MemorySegment[RING];
    private final List<Entry> entries = new ArrayList<>();
    private final int maxRecordBytes;
    private long start; // of the claimed record, or of the last
    private long appended;
    private long news;
    private boolean claimedAgain;
    private long durable;
    private long refusal;
    private int claimed = -1;
    private boolean keeping = true;

    FakeJournal() {
        this(1 << 20);
    }

    FakeJournal(int maxRecordBytes) {
        this.maxRecordBytes = maxRecordBytes;
    }

    /** From now on each claim gets {@code code}; 0: claims are granted again. {@link #FAILED} stays. */
    void refuse(long code) {
        refusal = code;
    }

    /** Makes everything appended durable. */
    void makeDurable() {
        durable = appended;
    }

    /** Forgets records when many have followed, for long runs; in the end the journal allocates nothing. */
    void keepNothing() {
        keeping = false;
    }

    List<Entry> entries() {
        return entries;
    }

    @Override
    public long claimAgain(int length) {
        long end = claim(length);
        claimedAgain = true;
        return end;
    }

    @Override
    public long claim(int length) {
        claimedAgain = false;
        if (claimed >= 0 || length <= 0 || length > maxRecordBytes) {
            throw new IllegalStateException("claim of " + length + " bytes while " + claimed + " are claimed");
        }
        if (refusal != 0) {
            return refusal;
        }
        claimed = length;
        int bytes = LogCore.recordBytes(length);
        start = appended % CHUNK + bytes <= CHUNK ? appended : (appended / CHUNK + 1) * CHUNK;
        reserve(bytes);
        if (keeping) {
            chunk(start).asSlice(offset(), length).fill((byte) 0x5a); // what lay there before must not matter
        }
        return start + bytes;
    }

    /** Has memory for a record at {@link #start}; a long one begins a chunk, and is in one piece with those behind. */
    private void reserve(int bytes) {
        int count = (bytes - 1) / CHUNK + 1;
        int first = index(start);
        if (first + count >= chunks.length) {
            chunks = Arrays.copyOf(chunks, 2 * (first + count));
        }
        if (count > 1 || chunks[first] == null) {
            MemorySegment piece = arena.allocate((long) count * CHUNK, 8);
            for (int i = 0; i < count; i++) {
                chunks[first + i] = piece.asSlice((long) i * CHUNK);
            }
        }
    }

    private int index(long position) {
        int number = (int) (position / CHUNK);
        return keeping ? number : number % RING;
    }

    private MemorySegment chunk(long position) {
        return chunks[index(position)];
    }

    /** Has a record of another journal where that has it. */
    void adopt(Entry entry) {
        int length = entry.bytes().length;
        start = entry.end() - LogCore.recordBytes(length);
        reserve(LogCore.recordBytes(length));
        MemorySegment.copy(entry.bytes(), 0, chunk(start), ValueLayout.JAVA_BYTE, offset(), length);
        chunk(start).set(ValueLayout.JAVA_INT, start % CHUNK, length);
        appended = entry.end();
        news = appended;
        durable = appended;
    }

    @Override
    public void locate(long position, LogPlace place) {
        place.set(chunk(position), position % CHUNK);
    }

    @Override
    public long head() {
        return 0;
    }

    @Override
    public MemorySegment segment() {
        return chunk(start);
    }

    @Override
    public long offset() {
        return start % CHUNK + HEADER;
    }

    @Override
    public long publish() {
        if (claimed < 0) {
            throw new IllegalStateException("nothing claimed");
        }
        chunk(start).set(ValueLayout.JAVA_INT, start % CHUNK, claimed);
        appended = start + LogCore.recordBytes(claimed);
        if (keeping) {
            entries.add(new Entry(chunk(start).asSlice(offset(), claimed).toArray(ValueLayout.JAVA_BYTE), appended));
        }
        claimed = -1;
        news = claimedAgain ? news : appended;
        return appended;
    }

    @Override
    public long durable() {
        return durable;
    }

    @Override
    public long appended() {
        return appended;
    }

    @Override
    public long appendedNews() {
        return news;
    }

    @Override
    public boolean isFailed() {
        return refusal == FAILED;
    }

    @Override
    public int maxRecordBytes() {
        return maxRecordBytes;
    }

    @Override
    public void abandon() {
        claimed = -1;
    }

    @Override
    public String refusal(long code) {
        return "MISCONF the test refuses with " + code;
    }
}
