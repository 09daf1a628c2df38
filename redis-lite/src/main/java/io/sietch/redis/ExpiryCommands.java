package io.sietch.redis;

/** Times to live. */
final class ExpiryCommands {
    private static final int QUOTED = 1024; // bytes of an unknown option

    private final Keyspace keyspace;
    private final Changes changes;

    ExpiryCommands(Keyspace keyspace) {
        this.keyspace = keyspace;
        this.changes = keyspace.changes();
    }

    long expire(Request request, ReplySink reply) {
        return expire(request, reply, "expire", true, false);
    }

    long pExpire(Request request, ReplySink reply) {
        return expire(request, reply, "pexpire", false, false);
    }

    long expireAt(Request request, ReplySink reply) {
        return expire(request, reply, "expireat", true, true);
    }

    long pExpireAt(Request request, ReplySink reply) {
        return expire(request, reply, "pexpireat", false, true);
    }

    private long expire(Request request, ReplySink reply, String name, boolean seconds, boolean absolute) {
        boolean ifNone = false;
        boolean ifAny = false;
        boolean ifLater = false;
        boolean ifEarlier = false;
        for (int i = 3; i < request.count(); i++) {
            if (request.isWord(i, "NX")) {
                ifNone = true;
            } else if (request.isWord(i, "XX")) {
                ifAny = true;
            } else if (request.isWord(i, "GT")) {
                ifLater = true;
            } else if (request.isWord(i, "LT")) {
                ifEarlier = true;
            } else {
                reply.error("ERR Unsupported option " + CommandTable.quote(request, i, QUOTED));
                return 0;
            }
        }
        if (ifNone && (ifAny || ifLater || ifEarlier)) {
            reply.error("ERR NX and XX, GT or LT options at the same time are not compatible");
            return 0;
        }
        if (ifLater && ifEarlier) {
            reply.error("ERR GT and LT options at the same time are not compatible");
            return 0;
        }
        if (!request.isLong(2)) {
            reply.error(StringCommands.NOT_AN_INTEGER);
            return 0;
        }
        long when = request.toLong(2);
        long now = keyspace.now();
        long base = absolute ? 0 : now;
        if (seconds && (when > Long.MAX_VALUE / 1000 || when < Long.MIN_VALUE / 1000)
                || (seconds ? when * 1000 : when) > Long.MAX_VALUE - base) {
            reply.error("ERR invalid expire time in '" + name + "' command");
            return 0;
        }
        when = base + (seconds ? when * 1000 : when);
        long position = keyspace.lookup(request, 1);
        if (position == 0) {
            return keyspace.integer(reply, 0);
        }
        long before = keyspace.expireAt(position);
        boolean never = before == Entries.NEVER;
        boolean refused = ifNone && !never
                || ifAny && never
                || ifLater && (never || when <= before)
                || ifEarlier && !never && when >= before;
        return refused ? keyspace.integer(reply, 0) : change(request, when, when <= now, reply);
    }

    private long change(Request request, long when, boolean past, ReplySink reply) {
        int keyLength = request.length(1);
        long end;
        if (past) {
            end = keyspace.claimToRemove(EffectFormat.delLength(keyLength), reply);
            if (end > 0) {
                changes.delete(request, 1);
            }
        } else {
            end = keyspace.claimExpire(keyLength, reply);
            if (end > 0) {
                changes.expire(request, 1, when);
            }
        }
        if (end > 0) {
            reply.integer(1);
        }
        return end;
    }

    long persist(Request request, ReplySink reply) {
        long position = keyspace.lookup(request, 1);
        if (keyspace.expireAt(position) == Entries.NEVER) {
            return keyspace.integer(reply, 0);
        }
        return change(request, Entries.NEVER, false, reply);
    }

    long ttl(Request request, ReplySink reply) {
        return time(request, reply, true, false);
    }

    long pTtl(Request request, ReplySink reply) {
        return time(request, reply, false, false);
    }

    long expireTime(Request request, ReplySink reply) {
        return time(request, reply, true, true);
    }

    long pExpireTime(Request request, ReplySink reply) {
        return time(request, reply, false, true);
    }

    /** -2: no such key, -1: it does not expire. */
    private long time(Request request, ReplySink reply, boolean seconds, boolean absolute) {
        long position = keyspace.lookup(request, 1);
        long time = position == 0 ? -2 : keyspace.expireAt(position);
        if (time >= 0) {
            time = absolute ? time : Math.max(0, time - keyspace.now());
            time = seconds ? time / 1000 + (time % 1000 >= 500 ? 1 : 0) : time;
        }
        return keyspace.integer(reply, time);
    }
}
