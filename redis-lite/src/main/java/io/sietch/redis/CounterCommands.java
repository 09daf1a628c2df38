package io.sietch.redis;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Values as numbers. */
final class CounterCommands {
    private static final String OVERFLOW = "ERR increment or decrement would overflow";
    private static final String NOT_A_FLOAT = "ERR value is not a valid float";

    private final Keyspace keyspace;
    private final Changes changes;

    CounterCommands(Keyspace keyspace) {
        this.keyspace = keyspace;
        this.changes = keyspace.changes();
    }

    long incr(Request request, ReplySink reply) {
        return add(request, 1, reply);
    }

    long decr(Request request, ReplySink reply) {
        return add(request, -1, reply);
    }

    long incrBy(Request request, ReplySink reply) {
        if (!request.isLong(2)) {
            reply.error(StringCommands.NOT_AN_INTEGER);
            return 0;
        }
        return add(request, request.toLong(2), reply);
    }

    long decrBy(Request request, ReplySink reply) {
        if (!request.isLong(2)) {
            reply.error(StringCommands.NOT_AN_INTEGER);
            return 0;
        }
        long by = request.toLong(2);
        if (by == Long.MIN_VALUE) {
            reply.error("ERR decrement would overflow");
            return 0;
        }
        return add(request, -by, reply);
    }

    private long add(Request request, long by, ReplySink reply) {
        long position = keyspace.lookup(request, 1);
        long value = 0;
        if (position != 0) {
            Item item = keyspace.item(position);
            value = Request.parseLong(item.valueSegment(), item.valueOffset(), item.valueLength());
            if (value == Request.NOT_A_LONG && !isLongMin(item)) {
                return keyspace.error(reply, StringCommands.NOT_AN_INTEGER);
            }
        }
        if (by < 0 ? value < Long.MIN_VALUE - by : value > Long.MAX_VALUE - by) {
            return keyspace.error(reply, OVERFLOW);
        }
        long sum = value + by;
        int length = write(sum, keyspace.scratch());
        long end = keyspace.claimSet(request.length(1), length, reply);
        if (end > 0) {
            changes.set(request, 1, keyspace.expireAt(position), keyspace.scratch(), 0, length);
            reply.integer(sum);
        }
        return end;
    }

    /** The one number that {@link Request#parseLong} cannot tell from none. */
    private static boolean isLongMin(Item item) {
        String min = "-9223372036854775808";
        if (item.valueLength() != min.length()) {
            return false;
        }
        for (int i = 0; i < min.length(); i++) {
            if (item.valueSegment().get(ValueLayout.JAVA_BYTE, item.valueOffset() + i) != min.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    /** Writes a number in decimal to the beginning of {@code target}; returns its length. */
    private static int write(long value, MemorySegment target) {
        int length = value < 0 ? 2 : 1;
        for (long rest = value / 10; rest != 0; rest /= 10) {
            length++;
        }
        int at = length;
        long rest = value;
        do {
            target.set(ValueLayout.JAVA_BYTE, --at, (byte) ('0' + Math.abs(rest % 10)));
            rest /= 10;
        } while (rest != 0);
        if (value < 0) {
            target.set(ValueLayout.JAVA_BYTE, 0, (byte) '-');
        }
        return length;
    }

    long incrByFloat(Request request, ReplySink reply) {
        long position = keyspace.lookup(request, 1);
        LongDouble value = LongDouble.ZERO;
        if (position != 0) {
            Item item = keyspace.item(position);
            value = parse(item.valueSegment(), item.valueOffset(), item.valueLength());
        }
        LongDouble by = parse(request.segment(), request.offset(2), request.length(2));
        if (value == null || by == null) {
            return keyspace.error(reply, NOT_A_FLOAT);
        }
        BigDecimal sum = value.plus(by);
        if (sum == null) {
            return keyspace.error(reply, "ERR increment would produce NaN or Infinity");
        }
        byte[] text = LongDouble.format(sum).getBytes(StandardCharsets.US_ASCII);
        MemorySegment scratch = keyspace.scratch();
        MemorySegment.copy(text, 0, scratch, ValueLayout.JAVA_BYTE, 0, text.length);
        long end = keyspace.claimSet(request.length(1), text.length, reply);
        if (end > 0) {
            long expireAt = keyspace.expireAt(position);
            changes.set(request, 1, expireAt, scratch, 0, text.length);
            reply.bulk(text, 0, text.length);
        }
        return end;
    }

    private static @Nullable LongDouble parse(MemorySegment memory, long offset, int length) {
        if (length == 0 || length > LongDouble.MAX_LENGTH) {
            return null;
        }
        byte[] bytes = new byte[length];
        MemorySegment.copy(memory, ValueLayout.JAVA_BYTE, offset, bytes, 0, length);
        return LongDouble.parse(new String(bytes, StandardCharsets.ISO_8859_1));
    }
}
