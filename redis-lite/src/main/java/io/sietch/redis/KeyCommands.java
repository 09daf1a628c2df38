package io.sietch.redis;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Keys, whatever their values are. */
final class KeyCommands {
    private static final String NO_SUCH_KEY = "ERR no such key";
    private static final String BAD_INDEX = "ERR DB index is out of range";
    private static final int SHORT_STRING = 44; // Redis keeps up to so many bytes beside the key's object

    private static final String NO_FREQUENCY =
            "ERR An LFU maxmemory policy is not selected, access frequency not tracked. Please note that when"
                    + " switching between policies at runtime LRU and LFU data will take some time to adjust.";
    private static final Set<String> OBJECT_SUBCOMMANDS = Set.of("encoding", "freq", "idletime", "refcount");
    private static final List<String> OBJECT_HELP = List.of(
            "OBJECT <subcommand> <key>. Subcommands are:",
            "ENCODING <key>",
            "    How Redis would represent the value: int, embstr or raw.",
            "FREQ <key>",
            "    Refused: access frequencies are not tracked.",
            "IDLETIME <key>",
            "    Always 0: nothing is evicted for being idle.",
            "REFCOUNT <key>",
            "    Always 1: values are not shared.",
            "HELP",
            "    Print this help.");
    private static final List<String> MEMORY_HELP = List.of(
            "MEMORY <subcommand>. Subcommands are:",
            "USAGE <key> [SAMPLES <count>]",
            "    Return memory in bytes used by <key> and its value.",
            "HELP",
            "    Print this help.");

    private final Keyspace keyspace;
    private final Changes changes;

    KeyCommands(Keyspace keyspace) {
        this.keyspace = keyspace;
        this.changes = keyspace.changes();
    }

    long del(Request request, ReplySink reply) {
        boolean any = false;
        long length = EffectFormat.HEAD;
        for (int i = 1; i < request.count(); i++) {
            any |= keyspace.lookup(request, i) != 0;
            length += EffectFormat.memberLength(EffectFormat.delLength(request.length(i)));
        }
        if (!any) {
            return keyspace.integer(reply, 0);
        }
        if (request.count() == 2) {
            long end = keyspace.claimToRemove(EffectFormat.delLength(request.length(1)), reply);
            if (end > 0) {
                changes.delete(request, 1);
                reply.integer(1);
            }
            return end;
        }
        long end = keyspace.claimToRemove(length, reply);
        if (end > 0) {
            reply.integer(changes.deleteAll(request));
        }
        return end;
    }

    long exists(Request request, ReplySink reply) {
        int count = 0;
        for (int i = 1; i < request.count(); i++) {
            count += keyspace.lookup(request, i) != 0 ? 1 : 0;
        }
        return keyspace.integer(reply, count);
    }

    long type(Request request, ReplySink reply) {
        boolean there = keyspace.lookup(request, 1) != 0;
        if (keyspace.isLost(reply)) {
            return 0;
        }
        reply.simpleString(there ? "string" : "none");
        return keyspace.waitFor();
    }

    long rename(Request request, ReplySink reply) {
        long from = keyspace.lookup(request, 1);
        if (from == 0) {
            return keyspace.error(reply, NO_SUCH_KEY);
        }
        if (isSameKey(request)) {
            return ok(reply);
        }
        long end = move(request, from, reply);
        if (end > 0) {
            reply.ok();
        }
        return end;
    }

    long renameNx(Request request, ReplySink reply) {
        long from = keyspace.lookup(request, 1);
        if (from == 0) {
            return keyspace.error(reply, NO_SUCH_KEY);
        }
        if (isSameKey(request) || keyspace.lookup(request, 2) != 0) {
            return keyspace.integer(reply, 0);
        }
        long end = move(request, from, reply);
        if (end > 0) {
            reply.integer(1);
        }
        return end;
    }

    private long move(Request request, long from, ReplySink reply) {
        keyspace.lookup(request, 2);
        int valueLength = keyspace.valueLength(from);
        long length = EffectFormat.HEAD
                + EffectFormat.memberLength(EffectFormat.setLength(request.length(2), valueLength))
                + EffectFormat.memberLength(EffectFormat.delLength(request.length(1)));
        long end = keyspace.claimSet(request.length(2), valueLength, length, reply);
        if (end > 0) {
            changes.rename(request, from, (int) length);
        }
        return end;
    }

    long copy(Request request, ReplySink reply) {
        boolean replace = false;
        for (int i = 3; i < request.count(); i++) {
            if (request.isWord(i, "REPLACE")) {
                replace = true;
            } else if (request.isWord(i, "DB") && i + 1 < request.count()) {
                if (!isDatabase(request, ++i, reply)) {
                    return 0;
                }
            } else {
                reply.error(StringCommands.SYNTAX);
                return 0;
            }
        }
        if (isSameKey(request)) {
            reply.error("ERR source and destination objects are the same");
            return 0;
        }
        long from = keyspace.lookup(request, 1);
        if (from == 0) {
            return keyspace.integer(reply, 0);
        }
        if (keyspace.lookup(request, 2) != 0 && !replace) {
            return keyspace.integer(reply, 0);
        }
        int valueLength = keyspace.valueLength(from);
        long end = keyspace.claimSet(request.length(2), valueLength, reply);
        if (end > 0) {
            Item item = keyspace.item(from);
            changes.set(request, 2, item.expireAt(), item.valueSegment(), item.valueOffset(), valueLength);
            reply.integer(1);
        }
        return end;
    }

    private static boolean isSameKey(Request request) {
        return request.length(1) == request.length(2)
                && MemorySegment.mismatch(
                                request.segment(),
                                request.offset(1),
                                request.offset(1) + request.length(1),
                                request.segment(),
                                request.offset(2),
                                request.offset(2) + request.length(2))
                        == -1;
    }

    private long ok(ReplySink reply) {
        if (keyspace.isLost(reply)) {
            return 0;
        }
        reply.ok();
        return keyspace.waitFor();
    }

    long dbSize(Request request, ReplySink reply) {
        keyspace.sawAll();
        return keyspace.integer(reply, keyspace.store().size());
    }

    long flush(Request request, ReplySink reply) {
        boolean known = request.count() == 1
                || request.count() == 2 && (request.isWord(1, "ASYNC") || request.isWord(1, "SYNC"));
        if (!known) {
            reply.error(StringCommands.SYNTAX);
            return 0;
        }
        if (keyspace.store().size() == 0) {
            keyspace.sawAll();
            return ok(reply);
        }
        long end = keyspace.claimToRemove(EffectFormat.HEAD, reply);
        if (end > 0) {
            changes.flush();
            reply.ok();
        }
        return end;
    }

    long select(Request request, ReplySink reply) {
        if (isDatabase(request, 1, reply)) {
            reply.ok();
        }
        return 0;
    }

    /** There is one database, number 0. */
    private static boolean isDatabase(Request request, int i, ReplySink reply) {
        if (!request.isLong(i)) {
            reply.error(StringCommands.NOT_AN_INTEGER);
            return false;
        }
        long index = request.toLong(i);
        if (index < Integer.MIN_VALUE || index > Integer.MAX_VALUE) {
            reply.error("ERR value is out of range, value must between -2147483648 and 2147483647");
        } else if (index != 0) {
            reply.error(BAD_INDEX);
        }
        return index == 0;
    }

    // ---- what can be said about a key ------------------------------------------------------------------

    long object(Request request, ReplySink reply) {
        String subcommand = request.length(1) > 16 ? "" : request.toText(1).toLowerCase(Locale.ROOT);
        boolean help = subcommand.equals("help");
        if (!help && !OBJECT_SUBCOMMANDS.contains(subcommand)) {
            return unknownSubcommand(request, reply, "OBJECT");
        }
        if (request.count() != (help ? 2 : 3)) {
            reply.error("ERR wrong number of arguments for 'object|" + subcommand + "' command");
            return 0;
        }
        if (help) {
            return help(reply, OBJECT_HELP);
        }
        long position = keyspace.lookup(request, 2);
        if (position == 0) {
            return keyspace.nil(reply);
        }
        return switch (subcommand) {
            case "freq" -> keyspace.error(reply, NO_FREQUENCY);
            case "idletime" -> keyspace.integer(reply, 0); // nothing is ever evicted, so nobody keeps count
            case "refcount" -> keyspace.integer(reply, 1);
            default -> encoding(position, reply);
        };
    }

    private long encoding(long position, ReplySink reply) {
        if (keyspace.isLost(reply)) {
            return 0;
        }
        reply.bulk(encoding(position));
        return keyspace.waitFor();
    }

    /** How Redis would keep the value if it had been set as a whole. */
    private String encoding(long position) {
        Item item = keyspace.item(position);
        int length = item.valueLength();
        long number = Request.parseLong(item.valueSegment(), item.valueOffset(), length);
        return number != Request.NOT_A_LONG ? "int" : length <= SHORT_STRING ? "embstr" : "raw";
    }

    long memory(Request request, ReplySink reply) {
        if (request.isWord(1, "HELP") && request.count() == 2) {
            return help(reply, MEMORY_HELP);
        }
        if (!request.isWord(1, "USAGE")) {
            return unknownSubcommand(request, reply, "MEMORY");
        }
        if (request.count() < 3) {
            reply.error("ERR wrong number of arguments for 'memory|usage' command");
            return 0;
        }
        if (request.count() != 3 && (request.count() != 5 || !request.isWord(3, "SAMPLES"))) {
            reply.error(StringCommands.SYNTAX);
            return 0;
        }
        if (request.count() == 5 && !request.isLong(4)) {
            reply.error(StringCommands.NOT_AN_INTEGER);
            return 0;
        }
        long position = keyspace.lookup(request, 2);
        return position == 0 ? keyspace.nil(reply) : keyspace.integer(reply, keyspace.usage(position));
    }

    private static long unknownSubcommand(Request request, ReplySink reply, String command) {
        reply.error("ERR unknown subcommand '" + CommandTable.quote(request, 1, 128) + "'. Try " + command + " HELP.");
        return 0;
    }

    private static long help(ReplySink reply, List<String> lines) {
        reply.arrayHeader(lines.size());
        for (String line : lines) {
            reply.simpleString(line);
        }
        return 0;
    }
}
