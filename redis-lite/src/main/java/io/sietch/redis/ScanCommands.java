package io.sietch.redis;

import io.sietch.persistent.LogIndex;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/** Going through the keys. */
final class ScanCommands {
    private static final int MAX_PATTERN = 4096; // what a match costs is bounded by pattern times key
    private static final int STEPS = 10; // gives up after so many for each key that is wanted
    private static final int LEAST_STEPS = 1 << 12; // a fraction of a millisecond, and all of a small keyspace
    private static final int DEFAULT_COUNT = 10;
    private static final int RANDOM_TRIES = 100; // past keys met before nil is the answer
    private static final int KEPT_ENTRIES = 1 << 16;

    private final Keyspace keyspace;
    private final MemorySegment digits = Arena.ofAuto().allocate(20);
    private final LogIndex.Visitor collector = this::collect;
    private long[] collected = new long[64];
    private int count;
    private int kept; // the first so many of the collected entries were looked at and match

    ScanCommands(Keyspace keyspace) {
        this.keyspace = keyspace;
    }

    private void collect(long position) {
        if (count == collected.length) {
            collected = Arrays.copyOf(collected, Math.multiplyExact(count, 2));
        }
        collected[count++] = position;
    }

    private void begin() {
        count = 0;
        kept = 0;
        if (collected.length > KEPT_ENTRIES) {
            collected = new long[64];
        }
    }

    long keys(Request request, ReplySink reply) {
        if (isTooLong(request, 1, reply)) {
            return 0;
        }
        begin();
        long cursor = 0;
        do {
            cursor = keyspace.store().scan(cursor, collector);
            keep(request, 1, false);
        } while (cursor != 0);
        keyspace.sawAll();
        if (keyspace.isLost(reply)) {
            return 0;
        }
        writeKeys(reply);
        return keyspace.waitFor();
    }

    /** Of the entries collected last, keeps those that are present and match. */
    private void keep(Request request, int patternAt, boolean none) {
        int to = kept;
        for (int i = kept; i < count; i++) {
            Item item = keyspace.shown(collected[i]);
            if (!none && !keyspace.isPast(item) && (patternAt == 0 || matches(request, patternAt, item))) {
                collected[to++] = collected[i];
            }
        }
        count = to;
        kept = to;
    }

    private static boolean matches(Request request, int patternAt, Item item) {
        return Glob.matches(
                request.segment(),
                request.offset(patternAt),
                request.length(patternAt),
                item.keySegment(),
                item.keyOffset(),
                item.keyLength());
    }

    private void writeKeys(ReplySink reply) {
        reply.arrayHeader(count);
        for (int i = 0; i < count; i++) {
            writeKey(reply, collected[i]);
        }
    }

    private void writeKey(ReplySink reply, long position) {
        Item item = keyspace.item(position);
        reply.bulk(item.keySegment(), item.keyOffset(), item.keyLength());
    }

    long scan(Request request, ReplySink reply) {
        if (!isCursor(request)) {
            reply.error("ERR invalid cursor");
            return 0;
        }
        long wanted = DEFAULT_COUNT;
        int patternAt = 0;
        boolean none = false;
        for (int i = 2; i < request.count(); i += 2) {
            boolean more = i + 1 < request.count();
            if (more && request.isWord(i, "COUNT")) {
                if (!request.isLong(i + 1)) {
                    reply.error(StringCommands.NOT_AN_INTEGER);
                    return 0;
                }
                wanted = request.toLong(i + 1);
            } else if (more && request.isWord(i, "MATCH")) {
                patternAt = i + 1;
            } else if (more && request.isWord(i, "TYPE")) {
                none = !request.isWord(i + 1, "STRING");
            } else {
                reply.error(StringCommands.SYNTAX);
                return 0;
            }
            if (wanted < 1) {
                reply.error(StringCommands.SYNTAX);
                return 0;
            }
        }
        return scan(request, wanted, patternAt, none, reply);
    }

    private long scan(Request request, long wanted, int patternAt, boolean none, ReplySink reply) {
        if (patternAt != 0 && isTooLong(request, patternAt, reply)) {
            return 0;
        }
        begin();
        long cursor = cursor(request);
        long steps = Math.max(LEAST_STEPS, wanted > Long.MAX_VALUE / STEPS ? Long.MAX_VALUE : wanted * STEPS);
        do {
            cursor = keyspace.store().scan(cursor, collector);
        } while (cursor != 0 && --steps > 0 && count < wanted);
        keep(request, patternAt, none);
        keyspace.sawAll();
        if (keyspace.isLost(reply)) {
            return 0;
        }
        reply.arrayHeader(2);
        reply.bulk(digits, 0, writeUnsigned(cursor));
        writeKeys(reply);
        return keyspace.waitFor();
    }

    private static boolean isTooLong(Request request, int patternAt, ReplySink reply) {
        if (request.length(patternAt) <= MAX_PATTERN) {
            return false;
        }
        reply.error("ERR pattern is longer than " + MAX_PATTERN + " bytes");
        return true;
    }

    /** Whether the cursor is an unsigned 64-bit number. */
    private static boolean isCursor(Request request) {
        int length = request.length(1);
        boolean digits = length > 0 && length <= 20;
        for (int i = 0; i < length && digits; i++) {
            byte digit = request.byteAt(1, i);
            digits = digit >= '0' && digit <= '9';
        }
        return digits && (length < 20 || request.toText(1).compareTo("18446744073709551615") <= 0);
    }

    private static long cursor(Request request) {
        long cursor = 0;
        for (int i = 0; i < request.length(1); i++) {
            cursor = cursor * 10 + request.byteAt(1, i) - '0';
        }
        return cursor;
    }

    private int writeUnsigned(long value) {
        int length = 1;
        for (long rest = Long.divideUnsigned(value, 10); rest != 0; rest = Long.divideUnsigned(rest, 10)) {
            length++;
        }
        long rest = value;
        for (int i = length - 1; i >= 0; i--) {
            digits.set(ValueLayout.JAVA_BYTE, i, (byte) ('0' + Long.remainderUnsigned(rest, 10)));
            rest = Long.divideUnsigned(rest, 10);
        }
        return length;
    }

    long randomKey(Request request, ReplySink reply) {
        keyspace.sawAll();
        long position = 0;
        for (int i = 0; i < RANDOM_TRIES && position == 0; i++) {
            long candidate = keyspace.store().random(keyspace.random());
            if (candidate == 0) {
                break;
            }
            keyspace.shown(candidate);
            position = keyspace.present(candidate);
        }
        if (keyspace.isLost(reply)) {
            return 0;
        }
        if (position == 0) {
            reply.nullBulk();
        } else {
            writeKey(reply, position);
        }
        return keyspace.waitFor();
    }
}
