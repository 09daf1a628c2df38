package io.sietch.persistent;

import java.lang.foreign.MemorySegment;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/**
 * A view of one item in a table's log, without copying: in the log's mapping, or in the commit buffer while it is not
 * written. What it shows is valid until the table is next changed or polled (a table's own view), or until its reader
 * leaves.
 */
public final class TableItem implements KeyProbe {
    private final LogCore log;
    private final LogGeometry geometry;
    private final @Nullable HeldSegments held;
    private final @Nullable KeyHash hash;
    private final LogPlace place = new LogPlace();

    private MemorySegment wanted = MemorySegment.NULL;
    private long wantedAt;
    private int wantedLength;

    private long position;
    private MemorySegment segment = MemorySegment.NULL;
    private long at;
    private int kind;
    private int keyLength;

    /** With the expiry, if there is one. */
    private int storedLength;

    /** One to look at what is known to be there. */
    TableItem(LogCore log) {
        this(log, null, null);
    }

    /** One that looks up as well, and then notices what an index that hashes so could not lead to. */
    TableItem(LogCore log, KeyHash hash) {
        this(log, hash, null);
    }

    /** One that looks into held segments alone, which the log may have forgotten. */
    TableItem(LogCore log, @Nullable KeyHash hash, @Nullable HeldSegments held) {
        this.log = log;
        this.geometry = log.geometry();
        this.hash = hash;
        this.held = held;
    }

    /** Says which key to look for. */
    TableItem wanting(MemorySegment key, long offset, int length) {
        wanted = key;
        wantedAt = offset;
        wantedLength = length;
        return this;
    }

    /**
     * Looks at the item at a position, whatever its key.
     *
     * @throws LogCorruptException if there is none that its segment could hold: what is trusted since the table was
     *     opened was damaged since
     */
    TableItem moveTo(long newPosition) {
        position = newPosition;
        if (held == null) {
            place.moveTo(log, newPosition);
        } else {
            place.set(held.window(newPosition), geometry.offsetInSlot(newPosition));
        }
        segment = place.segment();
        at = place.offset();
        long room = segment.byteSize() - at;
        long header = TableRecordFormat.header(segment, at, room);
        kind = TableRecordFormat.kind(header);
        keyLength = TableRecordFormat.keyLength(header);
        storedLength = TableRecordFormat.valueLength(header);
        if (!TableRecordFormat.isItem(header, room)) {
            throw damaged("no item: " + TableRecordFormat.told(header, room));
        }
        return this;
    }

    /** To be thrown when something else is found where this item should be. */
    LogCorruptException damaged(String found) {
        return new LogCorruptException(position, "the table is damaged at position " + position + ": " + found);
    }

    /**
     * Sees to it that this gives its key a value, as all do that an index shows.
     *
     * @throws LogCorruptException if it does something else
     */
    void requirePut() {
        if (!isPut()) {
            throw damaged("an item of kind " + kind + " where the index shows a value");
        }
    }

    @Override
    public boolean isKeyAt(long candidate) {
        moveTo(candidate);
        return keyLength == wantedLength
                && MemorySegment.mismatch(
                                segment,
                                keyOffset(),
                                keyOffset() + keyLength,
                                wanted,
                                wantedAt,
                                wantedAt + wantedLength)
                        < 0;
    }

    @Override
    public long hashOfOther(long wantedHash) {
        return hash == null ? wantedHash : hash.of(segment, keyOffset(), keyLength);
    }

    /** Where in the log the item is. */
    long position() {
        return position;
    }

    boolean isPut() {
        return TableRecordFormat.isPut(kind);
    }

    int kind() {
        return kind;
    }

    /** Whether its key is not there any more, by a clock that is asked only if the item has a time to live. */
    boolean isExpired(InstantSource clock) {
        return kind == TableRecordFormat.PUT_UNTIL && expiry() <= clock.millis();
    }

    /** When its key will not be there any more, in milliseconds since 1970; {@link Long#MAX_VALUE} if it stays. */
    public long expiry() {
        return kind == TableRecordFormat.PUT_UNTIL
                ? TableRecordFormat.expiryAfter(segment, keyOffset() + keyLength + storedLength)
                : TableRecordFormat.NEVER;
    }

    /** The bytes that it takes in a record. */
    long itemBytes() {
        return TableRecordFormat.itemBytes(keyLength, storedLength);
    }

    /** The memory that key and value lie in. */
    public MemorySegment segment() {
        return segment;
    }

    /** Where in {@link #segment} the key begins. */
    public long keyOffset() {
        return at + TableRecordFormat.KEY;
    }

    /** The length of the key in bytes. */
    public int keyLength() {
        return keyLength;
    }

    /** Where in {@link #segment} the value begins. */
    public long valueOffset() {
        return keyOffset() + keyLength;
    }

    /** The length of the value in bytes. */
    public int valueLength() {
        return kind == TableRecordFormat.PUT_UNTIL ? storedLength - TableRecordFormat.EXPIRY_BYTES : storedLength;
    }
}
