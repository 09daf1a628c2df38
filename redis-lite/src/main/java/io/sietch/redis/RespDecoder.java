package io.sietch.redis;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * Finds requests in the bytes that one client sends: arrays of bulk strings, or lines typed by hand. The arguments of a
 * request are views on the received bytes.
 *
 * <p>Words. The <em>start</em> is the first byte not yet consumed. All that the decoder remembers of an incomplete
 * request is relative to it, because received bytes are moved while more of them arrive.
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>Each byte is looked at a bounded number of times, in however small pieces it arrives.
 *   <li>Memory is taken for what has arrived, never for what was announced.
 *   <li>After {@link Result#ERROR} the bytes that follow have no meaning; the connection must be closed.
 * </ol>
 */
final class RespDecoder {
    /** Arguments of one request at most. The number is Redis's own of old. */
    static final int MAX_ARGUMENTS = 1 << 20;

    /** A line that is longer is not a request. */
    static final int MAX_LINE = 64 << 10;

    /** What a client may announce before it has told its password. */
    static final int MAX_UNAUTHENTICATED_ARGUMENTS = 10;

    static final int MAX_UNAUTHENTICATED_BULK = 16_384;

    /** What {@link #decode} found. */
    enum Result {
        /** More bytes are needed. */
        INCOMPLETE,
        /** {@link #request} is valid until the bytes are consumed. */
        REQUEST,
        /** Bytes without meaning, to be consumed: an empty line or array. */
        NOTHING,
        /** {@link #error} tells what is wrong. */
        ERROR
    }

    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final int CRLF = '\r' | '\n' << 8;

    private static final int NUMBER_INCOMPLETE = -1;
    private static final int NUMBER_INVALID = -2;

    private final Requests requests;
    private int maxBulk;

    // An incomplete array: its arguments so far, how many are to come, the announced length of the present one.
    private @Nullable Request partial;
    private int missing;
    private int bulkLength = -1;
    // The next byte to look at; and how far the search for the end of its line has come.
    private int at;
    private int searched;

    private Request current;
    private long numberValue;
    private String error = "";

    /**
     * @param requests shared by all decoders of a loop
     * @param maxBulk longest argument in bytes
     */
    RespDecoder(Requests requests, int maxBulk) {
        this.requests = requests;
        this.maxBulk = maxBulk;
        this.current = requests.shared();
    }

    /** Changes the longest argument, from the next one on. */
    void maxBulk(int bytes) {
        maxBulk = bytes;
    }

    /** The request found. */
    Request request() {
        return current;
    }

    /** The request found, which is the caller's from now on. It is forgotten here, as by {@link #next}. */
    Request take() {
        if (partial == null) {
            requests.takeShared();
        }
        partial = null;
        next();
        return current;
    }

    /** How many bytes the request, or the nothing, takes up. */
    int length() {
        return at;
    }

    /** What is wrong, without prefix. */
    String error() {
        return error;
    }

    /** Forgets the request found. The caller consumes its bytes, or has them decoded once more. */
    void next() {
        Request own = partial;
        if (own != null) {
            partial = null;
            requests.giveBack(own);
        }
        missing = 0;
        bulkLength = -1;
        at = 0;
        searched = 0;
    }

    /**
     * Looks for a request.
     *
     * @param memory holds the received bytes
     * @param start where in it the first not consumed byte lies
     * @param length how many there are
     * @param trusted false as long as a password is missing
     */
    Result decode(MemorySegment memory, long start, int length, boolean trusted) {
        if (missing > 0) {
            Request own = partial;
            if (own == null) {
                throw new IllegalStateException("an incomplete request was lost");
            }
            own.place(memory, start);
            current = own;
            return decodeArguments(own, memory, start, length, trusted);
        }
        if (length == 0) {
            return Result.INCOMPLETE;
        }
        byte first = memory.get(ValueLayout.JAVA_BYTE, start);
        if (first != '*') {
            return decodeLine(first, memory, start, length);
        }
        int count = number(memory, start, 0, length);
        if (count == NUMBER_INCOMPLETE) {
            return Result.INCOMPLETE;
        }
        if (count == NUMBER_INVALID || numberValue > MAX_ARGUMENTS) {
            return fail("invalid multibulk length");
        }
        if (!trusted && numberValue > MAX_UNAUTHENTICATED_ARGUMENTS) {
            return fail("unauthenticated multibulk length");
        }
        if (numberValue <= 0) {
            return Result.NOTHING;
        }
        missing = (int) numberValue;
        current = requests.shared();
        current.begin(memory, start);
        return decodeArguments(current, memory, start, length, trusted);
    }

    private Result decodeArguments(Request request, MemorySegment memory, long start, int length, boolean trusted) {
        while (missing > 0) {
            if (bulkLength < 0) {
                if (at == length) {
                    return incomplete(request);
                }
                byte mark = memory.get(ValueLayout.JAVA_BYTE, start + at);
                if (mark != '$') {
                    return fail("expected '$', got '" + printable(mark) + "'");
                }
                int found = number(memory, start, at, length);
                if (found == NUMBER_INCOMPLETE) {
                    return incomplete(request);
                }
                if (found == NUMBER_INVALID || numberValue < 0 || numberValue > maxBulk) {
                    return fail("invalid bulk length");
                }
                if (!trusted && numberValue > MAX_UNAUTHENTICATED_BULK) {
                    return fail("unauthenticated bulk length");
                }
                bulkLength = (int) numberValue;
            }
            if (length - at < bulkLength + 2) {
                return incomplete(request);
            }
            long end = start + at + bulkLength;
            if (memory.get(SHORT, end) != CRLF) {
                return fail("expected CRLF after a bulk of " + bulkLength + " bytes");
            }
            request.add(at, bulkLength);
            at += bulkLength + 2;
            bulkLength = -1;
            missing--;
        }
        return Result.REQUEST;
    }

    /**
     * Reads the decimal number behind a type's mark, and the line's end. On success {@link #at} is behind it.
     *
     * @param mark where the mark is, relative to the start
     * @return 0 with the number in {@link #numberValue}, or one of the codes above
     */
    private int number(MemorySegment memory, long start, int mark, int length) {
        // Nearly all numbers have one digit or two, and more behind them: read all of it at once.
        if (length - mark >= Long.BYTES) {
            long word = memory.get(LONG, start + mark) >>> Byte.SIZE;
            int one = (int) (word & 0xff) - '0';
            if ((word >>> 8 & 0xffff) == CRLF && one >= 0 && one <= 9) {
                numberValue = one;
                at = mark + 4;
                return 0;
            }
            int two = (int) (word >>> 8 & 0xff) - '0';
            if ((word >>> 16 & 0xffff) == CRLF && one > 0 && one <= 9 && two >= 0 && two <= 9) {
                numberValue = one * 10 + two;
                at = mark + 5;
                return 0;
            }
        }
        return longNumber(memory, start, mark + 1, length);
    }

    /** As {@link #number}, from where the digits begin. */
    private int longNumber(MemorySegment memory, long start, int from, int length) {
        long value = 0;
        boolean negative = false;
        int k = from;
        for (; k < length; k++) {
            int c = memory.get(ValueLayout.JAVA_BYTE, start + k);
            int digit = c - '0';
            if (digit >= 0 && digit <= 9) {
                // Beyond any limit, and far from an overflow.
                if (value > 1L << 40 || (value == 0 && k > from + (negative ? 1 : 0))) {
                    return NUMBER_INVALID;
                }
                value = value * 10 + digit;
            } else if (c == '-' && k == from) {
                negative = true;
            } else if (c == '\r' && k > from + (negative ? 1 : 0)) {
                break;
            } else {
                return NUMBER_INVALID;
            }
        }
        if (k + 1 >= length) {
            return NUMBER_INCOMPLETE;
        }
        if (memory.get(ValueLayout.JAVA_BYTE, start + k + 1) != '\n') {
            return NUMBER_INVALID;
        }
        numberValue = negative ? -value : value;
        at = k + 2;
        return 0;
    }

    private Result incomplete(Request request) {
        keep(request);
        return Result.INCOMPLETE;
    }

    /** From now on this decoder needs the request for itself. */
    private void keep(Request request) {
        if (partial == null) {
            requests.takeShared();
            partial = request;
        }
    }

    private Result decodeLine(byte first, MemorySegment memory, long start, int length) {
        // A TLS greeting, or a desynchronized stream: no line will ever end it.
        if (first >= 0 && first < ' ' && first != '\r' && first != '\n' && first != '\t') {
            return fail("unexpected byte 0x%02x at the start of a request".formatted(first));
        }
        int end = searched;
        while (end < length && memory.get(ValueLayout.JAVA_BYTE, start + end) != '\n') {
            end++;
        }
        if (end >= MAX_LINE) {
            return fail("too big inline request");
        }
        if (end == length) {
            searched = end;
            return Result.INCOMPLETE;
        }
        at = end + 1;
        int lineLength = end > 0 && memory.get(ValueLayout.JAVA_BYTE, start + end - 1) == '\r' ? end - 1 : end;
        current = requests.shared();
        int found = requests.lineSplitter().split(memory, start, lineLength, current);
        if (found < 0) {
            return fail("unbalanced quotes in request");
        }
        return found == 0 ? Result.NOTHING : Result.REQUEST;
    }

    private Result fail(String text) {
        error = text;
        return Result.ERROR;
    }

    private static char printable(byte c) {
        return c >= ' ' && c < 127 ? (char) c : '?';
    }
}
