package io.sietch.redis;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Patterns of keys: {@code *}, {@code ?}, {@code [abc]}, {@code [^a-z]}, {@code \} before what is meant literally. Only
 * the last star is ever tried again, so the time is at most that of pattern times text, and nothing recurs.
 */
final class Glob {
    private Glob() {}

    /** Whether all of the text matches all of the pattern. */
    static boolean matches(
            MemorySegment pattern, long patternAt, int patternLength, MemorySegment text, long textAt, int textLength) {
        if (patternLength == 1 && pattern.get(ValueLayout.JAVA_BYTE, patternAt) == '*') {
            return true;
        }
        if (textLength == 0) {
            return patternLength == 0; // as Redis has it: only the lone star matches the empty key
        }
        long patternEnd = patternAt + patternLength;
        long textEnd = textAt + textLength;
        long p = patternAt;
        long t = textAt;
        long afterStar = -1;
        long starText = 0;
        while (t < textEnd) {
            if (p < patternEnd && pattern.get(ValueLayout.JAVA_BYTE, p) == '*') {
                afterStar = ++p;
                starText = t;
                continue;
            }
            if (p < patternEnd && matchesOne(pattern, p, patternEnd, text.get(ValueLayout.JAVA_BYTE, t))) {
                p = afterOne(pattern, p, patternEnd);
                t++;
            } else if (afterStar >= 0) {
                p = afterStar;
                t = ++starText;
            } else {
                return false;
            }
        }
        while (p < patternEnd && pattern.get(ValueLayout.JAVA_BYTE, p) == '*') {
            p++;
        }
        return p == patternEnd;
    }

    /** Whether the element of the pattern at {@code p} matches the byte. */
    private static boolean matchesOne(MemorySegment pattern, long p, long end, byte b) {
        byte first = pattern.get(ValueLayout.JAVA_BYTE, p);
        return switch (first) {
            case '?' -> true;
            case '[' -> matchesClass(pattern, p + 1, end, b);
            case '\\' -> p + 1 < end ? pattern.get(ValueLayout.JAVA_BYTE, p + 1) == b : b == '\\';
            default -> first == b;
        };
    }

    private static boolean matchesClass(MemorySegment pattern, long from, long end, byte b) {
        int c = b & 0xff;
        long p = from;
        boolean not = p < end && pattern.get(ValueLayout.JAVA_BYTE, p) == '^';
        p += not ? 1 : 0;
        boolean match = false;
        while (p < end && pattern.get(ValueLayout.JAVA_BYTE, p) != ']') {
            int low = pattern.get(ValueLayout.JAVA_BYTE, p) & 0xff;
            if (low == '\\' && p + 1 < end) {
                match |= (pattern.get(ValueLayout.JAVA_BYTE, p + 1) & 0xff) == c;
                p += 2;
            } else if (p + 2 < end && pattern.get(ValueLayout.JAVA_BYTE, p + 1) == '-') {
                int high = pattern.get(ValueLayout.JAVA_BYTE, p + 2) & 0xff;
                match |= c >= Math.min(low, high) && c <= Math.max(low, high);
                p += 3;
            } else {
                match |= low == c;
                p++;
            }
        }
        return match != not;
    }

    /** Where the element of the pattern behind the one at {@code p} begins. */
    private static long afterOne(MemorySegment pattern, long from, long end) {
        byte first = pattern.get(ValueLayout.JAVA_BYTE, from);
        if (first == '\\') {
            return from + (from + 1 < end ? 2 : 1);
        }
        if (first != '[') {
            return from + 1;
        }
        long p = from + 1;
        if (p < end && pattern.get(ValueLayout.JAVA_BYTE, p) == '^') {
            p++;
        }
        while (p < end && pattern.get(ValueLayout.JAVA_BYTE, p) != ']') {
            if (pattern.get(ValueLayout.JAVA_BYTE, p) == '\\' && p + 1 < end) {
                p += 2;
            } else if (p + 2 < end && pattern.get(ValueLayout.JAVA_BYTE, p + 1) == '-') {
                p += 3;
            } else {
                p++;
            }
        }
        return Math.min(end, p + 1);
    }
}
