package io.sietch.persistent;

import static io.sietch.persistent.Layouts.INT;
import static io.sietch.persistent.Layouts.LONG;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of a table's records: the payload of each is a row of items, applied in their order, all or none.
 * Little-endian. Why it is so: docs/format/table.md.
 *
 * <pre>
 *  item, 8-byte aligned
 *    0                   4                   8
 *    +-------------------+-------------------+
 *  0 | kind, key length  | value length      |   the kind in the highest 4 bits of the first word
 *    +-------------------+-------------------+
 *  8 | key ... value ... zeros up to a multiple of 8
 *    +---------------------------------------
 * </pre>
 *
 * <table>
 * <caption>Kinds</caption>
 * <tr><td>1</td><td>put</td><td>the key has this value</td></tr>
 * <tr><td>2</td><td>remove</td><td>the key is not there; no value</td></tr>
 * <tr><td>3</td><td>clear</td><td>no key is there; neither key nor value</td></tr>
 * <tr><td>4</td><td>format</td><td>the key is magic and version; in every table's log at least once</td></tr>
 * <tr><td>5</td><td>checkpoint</td><td>no key; the value is of {@link IndexCheckpointFormat}</td></tr>
 * <tr><td>6</td><td>put until</td><td>as put; the last 8 bytes of the value are the time, in milliseconds since 1970,
 * from which on the key is not there</td></tr>
 * </table>
 */
final class TableRecordFormat {
    static final int PUT = 1;
    static final int REMOVE = 2;
    static final int CLEAR = 3;
    static final int FORMAT = 4;
    static final int CHECKPOINT = 5;
    static final int PUT_UNTIL = 6;

    static final int KIND_AND_KEY_LENGTH = 0;
    static final int VALUE_LENGTH = 4;
    static final int KEY = 8;
    static final int ITEM_ALIGNMENT = 8;

    /** At the end of a value with a time to live. */
    static final int EXPIRY_BYTES = 8;

    /** The expiry of what stays. */
    static final long NEVER = Long.MAX_VALUE;

    private static final int KIND_SHIFT = 28;
    private static final int KEY_LENGTH_MASK = (1 << KIND_SHIFT) - 1;

    /** "SIETTAB" and the version, 1. */
    private static final long MAGIC_AND_VERSION = 0x01_42_41_54_54_45_49_53L;

    private static final int VERSION_SHIFT = 56;

    static {
        assert LogFormat.RECORD_MAX <= KEY_LENGTH_MASK : "each key length can be written";
        assert VALUE_LENGTH + Integer.BYTES == KEY;
        assert KEY % ITEM_ALIGNMENT == 0;
    }

    private TableRecordFormat() {}

    /** The bytes that an item takes, header and padding included. */
    static long itemBytes(long keyLength, long valueLength) {
        return (KEY + keyLength + valueLength + ITEM_ALIGNMENT - 1) & -ITEM_ALIGNMENT;
    }

    /** Writes header and padding of an item; key and value go between them, before or after this. */
    static void writeHeader(MemorySegment segment, long at, int kind, int keyLength, int valueLength) {
        int bytes = keyLength + valueLength;
        int rest = bytes % ITEM_ALIGNMENT;
        if (rest != 0) {
            long last = at + KEY + bytes - rest;
            segment.set(LONG, last, segment.get(LONG, last) & (1L << rest * Byte.SIZE) - 1);
        }
        segment.set(INT, at + KIND_AND_KEY_LENGTH, kind << KIND_SHIFT | keyLength);
        segment.set(INT, at + VALUE_LENGTH, valueLength);
    }

    /** Writes the item that tells that the log is a table's, {@link #formatBytes} long. */
    static void writeFormat(MemorySegment segment, long at) {
        writeHeader(segment, at, FORMAT, Long.BYTES, 0);
        segment.set(LONG, at + KEY, MAGIC_AND_VERSION);
    }

    static int formatBytes() {
        return (int) itemBytes(Long.BYTES, 0);
    }

    /** The first eight bytes of an item as one number, so that memory is read once; 0 if no item begins there. */
    static long header(MemorySegment segment, long at, long room) {
        long header = room < KEY ? 0 : segment.get(LONG, at);
        return kind(header) == 0 ? 0 : header;
    }

    static int kind(long header) {
        return (int) header >>> KIND_SHIFT;
    }

    static int keyLength(long header) {
        return (int) header & KEY_LENGTH_MASK;
    }

    static int valueLength(long header) {
        return (int) (header >>> VALUE_LENGTH * Byte.SIZE);
    }

    static int kind(MemorySegment segment, long at) {
        return segment.get(INT, at + KIND_AND_KEY_LENGTH) >>> KIND_SHIFT;
    }

    static int keyLength(MemorySegment segment, long at) {
        return segment.get(INT, at + KIND_AND_KEY_LENGTH) & KEY_LENGTH_MASK;
    }

    static int valueLength(MemorySegment segment, long at) {
        return segment.get(INT, at + VALUE_LENGTH);
    }

    /** Whether an item of this kind gives its key a value. */
    static boolean isPut(int kind) {
        return kind == PUT || kind == PUT_UNTIL;
    }

    /** Writes when an item of kind {@link #PUT_UNTIL} expires; lengths are in its header already. */
    static void writeExpiry(MemorySegment segment, long at, long expiry) {
        segment.set(LONG, expiryAt(segment, at), expiry);
    }

    /** When an item of kind {@link #PUT_UNTIL} expires whose value ends there. */
    static long expiryAfter(MemorySegment segment, long valueEnd) {
        return segment.get(LONG, valueEnd - EXPIRY_BYTES);
    }

    private static long expiryAt(MemorySegment segment, long at) {
        return at + KEY + keyLength(segment, at) + valueLength(segment, at) - EXPIRY_BYTES;
    }

    /** The bytes of the item at {@code at}. */
    static long itemBytes(MemorySegment segment, long at) {
        return itemBytes(keyLength(segment, at), valueLength(segment, at));
    }

    /** Whether there is an item with this header, and {@code room} bytes hold it. */
    static boolean isItem(long header, long room) {
        int keyLength = keyLength(header);
        int valueLength = valueLength(header);
        boolean lengthsMatchKind = switch (kind(header)) {
            case PUT -> valueLength >= 0;
            case PUT_UNTIL -> valueLength >= EXPIRY_BYTES;
            case REMOVE -> valueLength == 0;
            case CLEAR -> keyLength == 0 && valueLength == 0;
            case CHECKPOINT -> keyLength == 0 && valueLength >= IndexCheckpointFormat.WORDS;
            case FORMAT -> keyLength == Long.BYTES && valueLength == 0;
            default -> false;
        };
        return lengthsMatchKind && itemBytes(keyLength, valueLength) <= room;
    }

    /** What was found where an item should be. */
    static String told(long header, long room) {
        return "kind " + kind(header) + " with a key of " + keyLength(header) + " and a value of " + valueLength(header)
                + " bytes, where " + room + " are left";
    }

    /**
     * Checks the item that lies at {@code at} of a record that goes to {@code end}.
     *
     * @throws LogFormatException if it is not one of this version
     */
    static void check(MemorySegment segment, long at, long end) throws LogFormatException {
        long header = header(segment, at, end - at);
        if (!isItem(header, end - at)) {
            throw new LogFormatException("not a record of a table: " + told(header, end - at));
        }
        if (kind(header) == FORMAT) {
            checkFormat(segment.get(LONG, at + KEY));
        }
    }

    /** What is wrong with the record from {@code at} to {@code end}; null if it is a row of items of this version. */
    static @Nullable String firstWrong(MemorySegment segment, long at, long end) {
        try {
            for (long next = at; next < end; next += itemBytes(segment, next)) {
                check(segment, next, end);
            }
            return null;
        } catch (LogFormatException e) {
            return String.valueOf(e.getMessage());
        }
    }

    private static void checkFormat(long found) throws LogFormatException {
        if (found != MAGIC_AND_VERSION) {
            boolean sameMagic = (found ^ MAGIC_AND_VERSION) << Long.SIZE - VERSION_SHIFT == 0;
            throw new LogFormatException(
                    sameMagic
                            ? "the table is of version " + (found >>> VERSION_SHIFT) + ", and this software reads "
                                    + (MAGIC_AND_VERSION >>> VERSION_SHIFT)
                            : "not a table's log: its mark is " + Long.toHexString(found));
        }
    }
}
