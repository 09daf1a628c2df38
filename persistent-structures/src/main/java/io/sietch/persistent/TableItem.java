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

    TableItem(LogCore log) {
        this(log, null);
    }

    /** One that looks into held segments alone, which the log may have forgotten. */
    TableItem(LogCore log, @Nullable HeldSegments held) {
        this.log = log;
        this.geometry = log.geometry();
        this.held = held;
    }

    /** Says which key to look for. */
    TableItem wanting(MemorySegment key, long offset, int length) {
        wanted = key;
        wantedAt = offset;
        wantedLength = length;
        return this;
    }

    /** Looks at the item at a position, whatever its key. */
    TableItem moveTo(long newPosition) {
        position = newPosition;
        if (held == null) {
            place.moveTo(log, newPosition);
        } else {
            place.set(held.window(newPosition), geometry.offsetInSlot(newPosition));
        }
        segment = place.segment();
        at = place.offset();
        kind = TableRecordFormat.kind(segment, at);
        keyLength = TableRecordFormat.keyLength(segment, at);
        storedLength = TableRecordFormat.valueLength(segment, at);
        return this;
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
        return kind == TableRecordFormat.PUT_UNTIL ? TableRecordFormat.expiry(segment, at) : TableRecordFormat.NEVER;
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
