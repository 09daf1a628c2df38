package io.sietch.redis;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/**
 * Splits a line typed by hand into arguments: words separated by space, {@code "quoted \x41\n"} with escapes, and
 * {@code 'quoted'} with {@code \'} as its only one. Arguments are written to memory of the splitter's own, because
 * unescaped text differs from what was received. One thread.
 */
final class LineSplitter {
    private @Nullable MemorySegment scratch;
    private MemorySegment memory = MemorySegment.NULL;
    private long at;
    private long end;
    private long out;

    /**
     * Splits a line of at most {@link RespDecoder#MAX_LINE} bytes.
     *
     * @param target gets the arguments; valid until the next line is split
     * @return the number of arguments, or -1 if quotes are not closed or not followed by space
     */
    int split(MemorySegment line, long from, int length, Request target) {
        MemorySegment own = scratch;
        if (own == null) {
            own = Arena.ofAuto().allocate(RespDecoder.MAX_LINE);
            scratch = own;
        }
        memory = line;
        at = from;
        end = from + length;
        out = 0;
        target.begin(own);
        while (true) {
            while (at < end && isSpace(peek())) {
                at++;
            }
            if (at == end) {
                memory = MemorySegment.NULL;
                return target.count();
            }
            long begun = out;
            if (!word(own)) {
                memory = MemorySegment.NULL;
                return -1;
            }
            target.add(begun, (int) (out - begun));
        }
    }

    private boolean word(MemorySegment own) {
        while (at < end) {
            byte c = peek();
            if (isSpace(c)) {
                return true;
            }
            at++;
            if (c == '"' || c == '\'') {
                return quoted(own, c) && (at == end || isSpace(peek()));
            }
            put(own, c);
        }
        return true;
    }

    private boolean quoted(MemorySegment own, byte quote) {
        while (at < end) {
            byte c = memory.get(ValueLayout.JAVA_BYTE, at++);
            if (c == quote) {
                return true;
            }
            if (c == '\\' && at < end) {
                c = quote == '"' ? escape() : singleQuotedEscape();
            }
            put(own, c);
        }
        return false;
    }

    private byte escape() {
        byte c = memory.get(ValueLayout.JAVA_BYTE, at++);
        if (c == 'x' && end - at >= 2) {
            int high = Character.digit(memory.get(ValueLayout.JAVA_BYTE, at), 16);
            int low = Character.digit(memory.get(ValueLayout.JAVA_BYTE, at + 1), 16);
            if (high >= 0 && low >= 0) {
                at += 2;
                return (byte) (high << 4 | low);
            }
        }
        return switch (c) {
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'b' -> '\b';
            case 'a' -> 7;
            default -> c;
        };
    }

    private byte singleQuotedEscape() {
        if (peek() == '\'') {
            at++;
            return '\'';
        }
        return '\\';
    }

    private byte peek() {
        return memory.get(ValueLayout.JAVA_BYTE, at);
    }

    private void put(MemorySegment own, byte c) {
        own.set(ValueLayout.JAVA_BYTE, out++, c);
    }

    private static boolean isSpace(byte c) {
        return c == ' ' || (c >= '\t' && c <= '\r');
    }
}
