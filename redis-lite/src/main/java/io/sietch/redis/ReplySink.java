package io.sietch.redis;

import java.lang.foreign.MemorySegment;

/**
 * Where a command writes its one reply. Arrays and maps are a header followed by their elements, each written by a call
 * of its own; nothing is checked, so the numbers must be right. What is written reaches the client when the log
 * position that the command returned is durable. One thread.
 */
interface ReplySink {
    /** {@code +OK}. */
    void ok();

    /** {@code +text}; no line breaks. */
    void simpleString(String text);

    /** {@code -text}, prefix included ({@code ERR ...}, {@code WRONGTYPE ...}); line breaks become spaces. */
    void error(String text);

    /** {@code :value}. */
    void integer(long value);

    /** A bulk string of these bytes. */
    void bulk(byte[] bytes, int offset, int length);

    /** A bulk string of these bytes. */
    default void bulk(byte[] bytes) {
        bulk(bytes, 0, bytes.length);
    }

    /** A bulk string of these bytes. */
    void bulk(MemorySegment source, long offset, int length);

    /** A bulk string of the text in UTF-8. */
    void bulk(String text);

    /** A bulk string of the number in decimal. */
    void bulk(long number);

    /** No value: {@code $-1}, or {@code _} in RESP3. */
    void nullBulk();

    /** No array: {@code *-1}, or {@code _} in RESP3. */
    void nullArray();

    /** {@code length} elements follow. */
    void arrayHeader(int length);

    /** {@code pairs} keys, each followed by its value: a flat array of twice as many elements in RESP2. */
    void mapHeader(int pairs);
}
