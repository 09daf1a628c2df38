package io.sietch.redis;

import java.util.Map;
import java.util.stream.Collectors;

/** The commands on data: the one place that says how each is called, what it does to keys, and who carries it out. */
final class KeyspaceCommands {
    /** Which arguments are keys: the first, the last, and the step between them. */
    private record Keys(int first, int last, int step) {}

    private static final Keys NONE = new Keys(0, 0, 0);
    private static final Keys ONE = new Keys(1, 1, 1);
    private static final Keys TWO = new Keys(1, 2, 1);
    private static final Keys ALL = new Keys(1, -1, 1);
    private static final Keys PAIRS = new Keys(1, -1, 2);
    private static final Keys SECOND = new Keys(2, 2, 1);

    /** For {@code COMMAND DOCS}. */
    private static final Map<String, String> SUMMARIES = """
        get: Returns the string value of a key.
        set: Sets the string value of a key, ignoring its type.
        getset: Returns the previous string value of a key after setting it to a new value.
        getdel: Returns the string value of a key after deleting the key.
        getex: Returns the string value of a key after setting its expiration time.
        mget: Returns the string values of one or more keys.
        mset: Sets the string values of one or more keys.
        msetnx: Sets the string values of keys only if all of them do not exist.
        setnx: Sets the string value of a key only if the key does not exist.
        setex: Sets the string value and expiration time of a key.
        psetex: Sets the string value and expiration time in milliseconds of a key.
        append: Appends a string to the value of a key.
        strlen: Returns the length of a string value.
        getrange: Returns a substring of the string stored at a key.
        substr: Returns a substring from a string value.
        setrange: Overwrites a part of a string value with another by an offset.
        incr: Increments the integer value of a key by one.
        decr: Decrements the integer value of a key by one.
        incrby: Increments the integer value of a key by a number.
        decrby: Decrements the integer value of a key by a number.
        incrbyfloat: Increments the floating point value of a key by a number.
        del: Deletes one or more keys.
        unlink: Deletes one or more keys.
        exists: Determines whether one or more keys exist.
        touch: Returns the number of existing keys out of those specified.
        type: Determines the type of value stored at a key.
        rename: Renames a key and overwrites the destination.
        renamenx: Renames a key only when the target key name does not exist.
        copy: Copies the value of a key to a new key.
        object: Tells what is known about the value of a key.
        memory: Estimates the memory usage of a key.
        dbsize: Returns the number of keys in the database.
        flushall: Removes all keys from all databases.
        flushdb: Removes all keys from the current database.
        select: Changes the selected database.
        expire: Sets the expiration time of a key in seconds.
        pexpire: Sets the expiration time of a key in milliseconds.
        expireat: Sets the expiration time of a key to a Unix timestamp.
        pexpireat: Sets the expiration time of a key to a Unix milliseconds timestamp.
        ttl: Returns the expiration time in seconds of a key.
        pttl: Returns the expiration time in milliseconds of a key.
        expiretime: Returns the expiration time of a key as a Unix timestamp.
        pexpiretime: Returns the expiration time of a key as a Unix milliseconds timestamp.
        persist: Removes the expiration time of a key.
        keys: Returns all key names that match a pattern.
        scan: Iterates over the key names in the database.
        randomkey: Returns a random key name from the database.
        """.lines()
            .map(line -> line.split(": ", 2))
            .collect(Collectors.toUnmodifiableMap(parts -> parts[0], parts -> parts[1]));

    private final Keyspace keyspace;
    private final CommandTable table;

    private KeyspaceCommands(Keyspace keyspace, CommandTable table) {
        this.keyspace = keyspace;
        this.table = table;
    }

    static void register(Keyspace keyspace, CommandTable table) {
        KeyspaceCommands commands = new KeyspaceCommands(keyspace, table);
        commands.strings();
        commands.keys();
        commands.times();
        commands.scans();
    }

    private void add(String group, String name, int arity, String flags, Keys keys, Keyspace.Action action) {
        String summary = SUMMARIES.getOrDefault(name, "");
        CommandHandler handler = keyspace.handler(action);
        table.register(
                new CommandSpec(name, arity, flags, keys.first(), keys.last(), keys.step(), group, summary, handler));
    }

    private void strings() {
        StringCommands s = new StringCommands(keyspace);
        CounterCommands c = new CounterCommands(keyspace);
        add("string", "get", 2, "readonly fast", ONE, s::get);
        add("string", "set", -3, "write denyoom", ONE, s::set);
        add("string", "getset", 3, "write denyoom fast", ONE, s::getSet);
        add("string", "getdel", 2, "write fast", ONE, s::getDel);
        add("string", "getex", -2, "write fast", ONE, s::getEx);
        add("string", "mget", -2, "readonly fast", ALL, s::mGet);
        add("string", "mset", -3, "write denyoom", PAIRS, s::mSet);
        add("string", "msetnx", -3, "write denyoom", PAIRS, s::mSetNx);
        add("string", "setnx", 3, "write denyoom fast", ONE, s::setNx);
        add("string", "setex", 4, "write denyoom", ONE, s::setEx);
        add("string", "psetex", 4, "write denyoom", ONE, s::pSetEx);
        add("string", "append", 3, "write denyoom fast", ONE, s::append);
        add("string", "strlen", 2, "readonly fast", ONE, s::strLen);
        add("string", "getrange", 4, "readonly", ONE, s::getRange);
        add("string", "substr", 4, "readonly", ONE, s::getRange);
        add("string", "setrange", 4, "write denyoom", ONE, s::setRange);
        add("string", "incr", 2, "write denyoom fast", ONE, c::incr);
        add("string", "decr", 2, "write denyoom fast", ONE, c::decr);
        add("string", "incrby", 3, "write denyoom fast", ONE, c::incrBy);
        add("string", "decrby", 3, "write denyoom fast", ONE, c::decrBy);
        add("string", "incrbyfloat", 3, "write denyoom fast", ONE, c::incrByFloat);
    }

    private void keys() {
        KeyCommands k = new KeyCommands(keyspace);
        add("generic", "del", -2, "write", ALL, k::del);
        add("generic", "unlink", -2, "write fast", ALL, k::del);
        add("generic", "exists", -2, "readonly fast", ALL, k::exists);
        add("generic", "touch", -2, "readonly fast", ALL, k::exists);
        add("generic", "type", 2, "readonly fast", ONE, k::type);
        add("generic", "rename", 3, "write", TWO, k::rename);
        add("generic", "renamenx", 3, "write fast", TWO, k::renameNx);
        add("generic", "copy", -3, "write denyoom", TWO, k::copy);
        add("generic", "object", -2, "readonly", SECOND, k::object);
        add("server", "memory", -2, "readonly", SECOND, k::memory);
        add("server", "dbsize", 1, "readonly fast", NONE, k::dbSize);
        add("server", "flushall", -1, "write", NONE, k::flush);
        add("server", "flushdb", -1, "write", NONE, k::flush);
        add("connection", "select", 2, "loading stale fast", NONE, k::select);
    }

    private void times() {
        ExpiryCommands e = new ExpiryCommands(keyspace);
        add("generic", "expire", -3, "write fast", ONE, e::expire);
        add("generic", "pexpire", -3, "write fast", ONE, e::pExpire);
        add("generic", "expireat", -3, "write fast", ONE, e::expireAt);
        add("generic", "pexpireat", -3, "write fast", ONE, e::pExpireAt);
        add("generic", "ttl", 2, "readonly fast", ONE, e::ttl);
        add("generic", "pttl", 2, "readonly fast", ONE, e::pTtl);
        add("generic", "expiretime", 2, "readonly fast", ONE, e::expireTime);
        add("generic", "pexpiretime", 2, "readonly fast", ONE, e::pExpireTime);
        add("generic", "persist", 2, "write fast", ONE, e::persist);
    }

    private void scans() {
        ScanCommands n = new ScanCommands(keyspace);
        add("generic", "keys", 2, "readonly", NONE, n::keys);
        add("generic", "scan", -2, "readonly", NONE, n::scan);
        add("generic", "randomkey", 1, "readonly", NONE, n::randomKey);
    }
}
