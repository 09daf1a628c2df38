package io.sietch.redis;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Values as strings of bytes. */
final class StringCommands {
    static final String NOT_AN_INTEGER = "ERR value is not an integer or out of range";
    static final String SYNTAX = "ERR syntax error";

    /** A value up to here is recorded in full when a part of it changes: short, and the entry stays small. */
    private static final int RECORDED_IN_FULL = 512;

    private static final long FAILED = Long.MIN_VALUE;

    private final Keyspace keyspace;
    private final Changes changes;
    private final SetOptions options = new SetOptions();

    StringCommands(Keyspace keyspace) {
        this.keyspace = keyspace;
        this.changes = keyspace.changes();
    }

    // ---- whole values -------------------------------------------------------------------------------------

    long get(Request request, ReplySink reply) {
        return keyspace.value(reply, keyspace.lookup(request, 1));
    }

    long set(Request request, ReplySink reply) {
        if (request.count() == 3) {
            keyspace.lookup(request, 1);
            return store(request, 2, Entries.NEVER, reply);
        }
        if (!options.parseSet(request, 3)) {
            reply.error(SYNTAX);
            return 0;
        }
        long expireAt = Entries.NEVER;
        if (options.expiryAt != 0) {
            expireAt = deadline(request, options.expiryAt, options.seconds, options.absolute, "set", reply);
            if (expireAt == FAILED) {
                return 0;
            }
        }
        long position = keyspace.lookup(request, 1);
        if (options.onlyIfAbsent && position != 0 || options.onlyIfPresent && position == 0) {
            return options.get ? keyspace.value(reply, position) : keyspace.nil(reply);
        }
        if (options.keepTtl && position != 0) {
            expireAt = keyspace.expireAt(position);
        }
        return options.get ? replace(request, position, 2, expireAt, reply) : store(request, 2, expireAt, reply);
    }

    long setNx(Request request, ReplySink reply) {
        if (keyspace.lookup(request, 1) != 0) {
            return keyspace.integer(reply, 0);
        }
        long end = keyspace.claimSet(request.length(1), request.length(2), reply);
        if (end > 0) {
            changes.set(request, 1, Entries.NEVER, 2);
            reply.integer(1);
        }
        return end;
    }

    long setEx(Request request, ReplySink reply) {
        return setWithTime(request, reply, true, "setex");
    }

    long pSetEx(Request request, ReplySink reply) {
        return setWithTime(request, reply, false, "psetex");
    }

    private long setWithTime(Request request, ReplySink reply, boolean seconds, String name) {
        long expireAt = deadline(request, 2, seconds, false, name, reply);
        if (expireAt == FAILED) {
            return 0;
        }
        keyspace.lookup(request, 1);
        return store(request, 3, expireAt, reply);
    }

    long getSet(Request request, ReplySink reply) {
        return replace(request, keyspace.lookup(request, 1), 2, Entries.NEVER, reply);
    }

    long getDel(Request request, ReplySink reply) {
        long position = keyspace.lookup(request, 1);
        if (position == 0) {
            return keyspace.nil(reply);
        }
        long end = keyspace.claimToRemove(EffectFormat.delLength(request.length(1)), reply);
        if (end > 0) {
            keyspace.writeValue(reply, position);
            changes.delete(request, 1);
        }
        return end;
    }

    long getEx(Request request, ReplySink reply) {
        if (!options.parseGetEx(request, 2)) {
            reply.error(SYNTAX);
            return 0;
        }
        long position = keyspace.lookup(request, 1);
        if (position == 0) {
            return keyspace.nil(reply);
        }
        long expireAt = Entries.NEVER;
        if (options.expiryAt != 0) {
            expireAt = deadline(request, options.expiryAt, options.seconds, options.absolute, "getex", reply);
            if (expireAt == FAILED) {
                return 0;
            }
        } else if (!options.persist || keyspace.expireAt(position) == Entries.NEVER) {
            return keyspace.value(reply, position);
        }
        boolean past = options.expiryAt != 0 && expireAt <= keyspace.now();
        int keyLength = request.length(1);
        long end = past
                ? keyspace.claimToRemove(EffectFormat.delLength(keyLength), reply)
                : keyspace.claimExpire(keyLength, reply);
        if (end <= 0) {
            return end;
        }
        keyspace.writeValue(reply, position);
        return past ? changes.delete(request, 1) : changes.expire(request, 1, expireAt);
    }

    /** Sets the key that was looked up to an argument. */
    private long store(Request request, int valueAt, long expireAt, ReplySink reply) {
        long end = keyspace.claimSet(request.length(1), request.length(valueAt), reply);
        if (end > 0) {
            changes.set(request, 1, expireAt, valueAt);
            reply.ok();
        }
        return end;
    }

    /** As {@link #store}, and replies the value from before. */
    private long replace(Request request, long position, int valueAt, long expireAt, ReplySink reply) {
        long end = keyspace.claimSet(request.length(1), request.length(valueAt), reply);
        if (end > 0) {
            keyspace.writeValue(reply, position);
            changes.set(request, 1, expireAt, valueAt);
        }
        return end;
    }

    /** When a key expires, in milliseconds since 1970; {@link #FAILED}: the error was replied. */
    private long deadline(Request request, int at, boolean seconds, boolean absolute, String name, ReplySink reply) {
        if (!request.isLong(at)) {
            reply.error(NOT_AN_INTEGER);
            return FAILED;
        }
        long value = request.toLong(at);
        long now = absolute ? 0 : keyspace.now();
        if (value <= 0 || value > (Long.MAX_VALUE - now) / (seconds ? 1000 : 1)) {
            reply.error("ERR invalid expire time in '" + name + "' command");
            return FAILED;
        }
        return now + (seconds ? value * 1000 : value);
    }

    // ---- several keys -------------------------------------------------------------------------------------

    long mGet(Request request, ReplySink reply) {
        if (keyspace.journal().isFailed()) { // look before the first word of the reply
            for (int i = 1; i < request.count(); i++) {
                keyspace.lookup(request, i);
            }
            if (keyspace.isLost(reply)) {
                return 0;
            }
        }
        reply.arrayHeader(request.count() - 1);
        for (int i = 1; i < request.count(); i++) {
            keyspace.writeValue(reply, keyspace.lookup(request, i));
        }
        return keyspace.waitFor();
    }

    long mSet(Request request, ReplySink reply) {
        if (request.count() % 2 == 0) {
            reply.error("ERR wrong number of arguments for 'mset' command");
            return 0;
        }
        long end = setAll(request, reply);
        if (end > 0) {
            reply.ok();
        }
        return end;
    }

    long mSetNx(Request request, ReplySink reply) {
        if (request.count() % 2 == 0) {
            reply.error("ERR wrong number of arguments for 'msetnx' command");
            return 0;
        }
        boolean any = false;
        for (int i = 1; i < request.count() && !any; i += 2) {
            any = keyspace.lookup(request, i) != 0;
        }
        if (any) {
            return keyspace.integer(reply, 0);
        }
        long end = setAll(request, reply);
        if (end > 0) {
            reply.integer(1);
        }
        return end;
    }

    private long setAll(Request request, ReplySink reply) {
        if (request.count() == 3) {
            keyspace.lookup(request, 1);
            long end = keyspace.claimSet(request.length(1), request.length(2), reply);
            return end > 0 ? changes.set(request, 1, Entries.NEVER, 2) : end;
        }
        long length = EffectFormat.HEAD;
        for (int i = 1; i < request.count(); i += 2) {
            length += EffectFormat.memberLength(EffectFormat.setLength(request.length(i), request.length(i + 1)));
        }
        long end = keyspace.claim(length, reply);
        if (end > 0) {
            changes.setAll(request, (int) length);
        }
        return end;
    }

    // ---- parts of values ----------------------------------------------------------------------------------

    long strLen(Request request, ReplySink reply) {
        long position = keyspace.lookup(request, 1);
        return keyspace.integer(reply, keyspace.valueLength(position));
    }

    long append(Request request, ReplySink reply) {
        long position = keyspace.lookup(request, 1);
        int before = keyspace.valueLength(position);
        return splice(request, position, before, 2, reply);
    }

    long setRange(Request request, ReplySink reply) {
        if (!request.isLong(2)) {
            reply.error(NOT_AN_INTEGER);
            return 0;
        }
        long at = request.toLong(2);
        if (at < 0) {
            reply.error("ERR offset is out of range");
            return 0;
        }
        long position = keyspace.lookup(request, 1);
        if (request.length(3) == 0) {
            return keyspace.integer(reply, keyspace.valueLength(position));
        }
        return splice(request, position, at, 3, reply);
    }

    /** Writes an argument over the value from {@code at} on and replies the length that the value has then. */
    private long splice(Request request, long position, long at, int sourceAt, ReplySink reply) {
        int keyLength = request.length(1);
        int sourceLength = request.length(sourceAt);
        long before = keyspace.valueLength(position);
        if (at > Entries.MAX_LENGTH) {
            return keyspace.claimSet(keyLength, at, reply); // which says that this is too long
        }
        long after = Math.max(before, at + sourceLength);
        long end;
        if (after <= RECORDED_IN_FULL) {
            end = keyspace.claimSet(keyLength, after, reply);
            if (end > 0) {
                rewrite(request, position, (int) at, sourceAt, (int) after);
            }
        } else if (position == 0) {
            end = create(request, at, sourceAt, after, reply);
        } else {
            long length = EffectFormat.spliceLength(keyLength, sourceLength);
            end = keyspace.claimSplice(length, keyLength, after, reply);
            if (end > 0) {
                changes.splice(request, 1, (int) at, sourceAt);
            }
        }
        if (end > 0) {
            reply.integer(after);
        }
        return end;
    }

    /** Composes the short value in the scratch memory. */
    private void rewrite(Request request, long position, int at, int sourceAt, int after) {
        MemorySegment scratch = keyspace.scratch();
        int before = keyspace.valueLength(position);
        if (position != 0) {
            Item item = keyspace.item(position);
            MemorySegment.copy(item.valueSegment(), item.valueOffset(), scratch, 0, before);
        }
        for (int i = before; i < at; i++) {
            scratch.set(ValueLayout.JAVA_BYTE, i, (byte) 0);
        }
        MemorySegment.copy(request.segment(), request.offset(sourceAt), scratch, at, request.length(sourceAt));
        changes.set(request, 1, keyspace.expireAt(position), scratch, 0, after);
    }

    /** Makes a long value that begins with {@code at} zeros: recorded as an empty one and a change of it. */
    private long create(Request request, long at, int sourceAt, long after, ReplySink reply) {
        int keyLength = request.length(1);
        if (at == 0) {
            long end = keyspace.claimSet(keyLength, after, reply);
            return end > 0 ? changes.set(request, 1, Entries.NEVER, sourceAt) : end;
        }
        long set = EffectFormat.setLength(keyLength, 0);
        long splice = EffectFormat.spliceLength(keyLength, request.length(sourceAt));
        long length = EffectFormat.HEAD + EffectFormat.memberLength(set) + EffectFormat.memberLength(splice);
        long end = keyspace.claimSplice(length, keyLength, after, reply);
        if (end > 0) {
            changes.setAndSplice(request, (int) at, sourceAt, (int) length);
        }
        return end;
    }

    long getRange(Request request, ReplySink reply) {
        if (!request.isLong(2) || !request.isLong(3)) {
            reply.error(NOT_AN_INTEGER);
            return 0;
        }
        long from = request.toLong(2);
        long to = request.toLong(3);
        long position = keyspace.lookup(request, 1);
        if (keyspace.isLost(reply)) {
            return 0;
        }
        int length = keyspace.valueLength(position);
        boolean empty = from < 0 && to < 0 && from > to;
        from = Math.max(0, from < 0 ? from + length : from);
        to = Math.min(length - 1, Math.max(0, to < 0 ? to + length : to));
        if (empty || length == 0 || from > to) {
            reply.bulk(keyspace.scratch(), 0, 0);
        } else {
            Item item = keyspace.item(position);
            reply.bulk(item.valueSegment(), item.valueOffset() + from, (int) (to - from + 1));
        }
        return keyspace.waitFor();
    }
}
