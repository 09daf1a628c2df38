package io.sietch.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.sietch.persistent.IndexHint;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * One request: its arguments as views on the received bytes. The decoder fills the same object again and again, so what
 * it shows is valid during one execution only, and whoever keeps an argument copies it. Argument 0 is the command's
 * name. One thread.
 */
final class Request {
    /** What {@link #toLong} returns if the argument is no number; ask {@link #isLong} where that may be a value. */
    static final long NOT_A_LONG = Long.MIN_VALUE;

    /** The longest decimal form of a 64-bit number: a sign and 19 digits. */
    private static final int MAX_LONG_DIGITS = 20;

    /** Arrays longer than this are given up after use. */
    private static final int KEPT_ARGUMENTS = 1024;

    private MemorySegment segment = MemorySegment.NULL;
    private long base;
    private long[] offsets = new long[16];
    private int[] lengths = new int[16];
    private int count;
    private boolean hashed;
    private long keyHash;
    private final IndexHint hint = new IndexHint();

    /** A request of its own, for tests and for replay: each argument in UTF-8. */
    static Request of(String... arguments) {
        byte[][] bytes = new byte[arguments.length][];
        for (int i = 0; i < arguments.length; i++) {
            bytes[i] = arguments[i].getBytes(UTF_8);
        }
        return of(bytes);
    }

    /** A request of its own over copies of the arguments, in native memory. */
    static Request of(byte[]... arguments) {
        long total = 0;
        for (byte[] argument : arguments) {
            total += argument.length;
        }
        MemorySegment memory = Arena.ofAuto().allocate(Math.max(1, total));
        Request request = new Request();
        request.begin(memory);
        long at = 0;
        for (byte[] argument : arguments) {
            MemorySegment.copy(argument, 0, memory, ValueLayout.JAVA_BYTE, at, argument.length);
            request.add(at, argument.length);
            at += argument.length;
        }
        return request;
    }

    // ---- the decoder's side ---------------------------------------------------------------------------------------

    /** Begins a request over other memory, without arguments. */
    void begin(MemorySegment memory) {
        begin(memory, 0);
    }

    /** Begins a request whose first byte is at {@code at}, without arguments. */
    void begin(MemorySegment memory, long at) {
        place(memory, at);
        count = 0;
        hashed = false;
        if (offsets.length > KEPT_ARGUMENTS) {
            offsets = new long[16];
            lengths = new int[16];
        }
    }

    /** Says where the request lies now: received bytes are moved while a request is incomplete. */
    void place(MemorySegment memory, long at) {
        segment = memory;
        base = at;
    }

    /** Adds an argument, which lies {@code offset} bytes after the request's first byte. */
    void add(long offset, int length) {
        if (count == offsets.length) {
            offsets = Arrays.copyOf(offsets, count * 2);
            lengths = Arrays.copyOf(lengths, count * 2);
        }
        offsets[count] = offset;
        lengths[count] = length;
        count++;
    }

    // ---- the commands' side ---------------------------------------------------------------------------------------

    /** How many arguments, the command's name included. */
    int count() {
        return count;
    }

    /** Remembers the hash of argument 1, taken for a key. */
    void keyHash(long hash) {
        keyHash = hash;
        hashed = true;
    }

    /** Whether {@link #keyHash} is known. */
    boolean isHashed() {
        return hashed;
    }

    /** Where the index may have argument 1. */
    IndexHint hint() {
        return hint;
    }

    /** The hash of argument 1, if it is known. */
    long keyHash() {
        return keyHash;
    }

    /** The memory that holds all arguments. */
    MemorySegment segment() {
        return segment;
    }

    /** Where argument {@code i} begins in {@link #segment()}. */
    long offset(int i) {
        return base + offsets[i];
    }

    /** The length of argument {@code i} in bytes. */
    int length(int i) {
        return lengths[i];
    }

    /** One byte of argument {@code i}. */
    byte byteAt(int i, int index) {
        return segment.get(ValueLayout.JAVA_BYTE, base + offsets[i] + index);
    }

    /** A copy of argument {@code i}. */
    byte[] toBytes(int i) {
        byte[] copy = new byte[lengths[i]];
        MemorySegment.copy(segment, ValueLayout.JAVA_BYTE, base + offsets[i], copy, 0, copy.length);
        return copy;
    }

    /** Argument {@code i} as text, for messages and administration. */
    String toText(int i) {
        return new String(toBytes(i), UTF_8);
    }

    /**
     * Whether argument {@code i} is this word, in upper or lower case.
     *
     * @param upperCase ASCII letters in upper case, digits and punctuation
     */
    boolean isWord(int i, String upperCase) {
        int length = lengths[i];
        if (length != upperCase.length()) {
            return false;
        }
        long at = base + offsets[i];
        for (int k = 0; k < length; k++) {
            int c = segment.get(ValueLayout.JAVA_BYTE, at + k);
            if (c >= 'a' && c <= 'z') {
                c -= 'a' - 'A';
            }
            if (c != upperCase.charAt(k)) {
                return false;
            }
        }
        return true;
    }

    /** Whether argument {@code i} is a 64-bit number as {@link #toLong} understands it. */
    boolean isLong(int i) {
        return toLong(i) != NOT_A_LONG || isWord(i, "-9223372036854775808");
    }

    /**
     * Argument {@code i} as a number, read as strictly as Redis does: decimal, no sign but one minus, no leading zero,
     * no space, within 64 bits.
     *
     * @return the number, or {@link #NOT_A_LONG}
     */
    long toLong(int i) {
        return parseLong(segment, base + offsets[i], lengths[i]);
    }

    /** As {@link #toLong}, for any bytes. */
    static long parseLong(MemorySegment memory, long offset, int length) {
        if (length <= 0 || length > MAX_LONG_DIGITS) {
            return NOT_A_LONG;
        }
        int first = memory.get(ValueLayout.JAVA_BYTE, offset);
        boolean negative = first == '-';
        int k = negative ? 1 : 0;
        if (k == length) {
            return NOT_A_LONG;
        }
        int leading = memory.get(ValueLayout.JAVA_BYTE, offset + k);
        if (leading == '0') {
            return length == 1 ? 0 : NOT_A_LONG;
        }
        // Summed up below zero, where there is room for one number more.
        long value = 0;
        for (; k < length; k++) {
            int digit = memory.get(ValueLayout.JAVA_BYTE, offset + k) - '0';
            if (digit < 0 || digit > 9 || value < Long.MIN_VALUE / 10) {
                return NOT_A_LONG;
            }
            value *= 10;
            if (value < Long.MIN_VALUE + digit) {
                return NOT_A_LONG;
            }
            value -= digit;
        }
        if (negative) {
            return value;
        }
        return value == Long.MIN_VALUE ? NOT_A_LONG : -value;
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < Math.min(count, 8); i++) {
            text.append(i == 0 ? "" : " ").append(lengths[i] <= 64 ? toText(i) : "(" + lengths[i] + " bytes)");
        }
        return text.toString();
    }
}
