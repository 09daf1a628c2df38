package io.sietch.redis;

/** The commands on data: the one place that says how each is called, what it does to keys, and who carries it out. */
final class KeyspaceCommands {
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
        commands.scans();
    }

    private void add(
            String name,
            int arity,
            String flags,
            int firstKey,
            int lastKey,
            int keyStep,
            String group,
            Keyspace.Action action,
            String summary) {
        CommandHandler handler = keyspace.handler(action);
        table.register(new CommandSpec(name, arity, flags, firstKey, lastKey, keyStep, group, summary, handler));
    }

    private void strings() {
        StringCommands s = new StringCommands(keyspace);
        CounterCommands c = new CounterCommands(keyspace);
        add("get", 2, "readonly fast", 1, 1, 1, "string", s::get, "Returns the string value of a key.");
        add(
                "set",
                -3,
                "write denyoom",
                1,
                1,
                1,
                "string",
                s::set,
                "Sets the string value of a key, ignoring its type.");
        add(
                "getset",
                3,
                "write denyoom fast",
                1,
                1,
                1,
                "string",
                s::getSet,
                "Returns the previous string value of a key after setting it to a new value.");
        add(
                "getdel",
                2,
                "write fast",
                1,
                1,
                1,
                "string",
                s::getDel,
                "Returns the string value of a key after deleting the key.");
        add(
                "getex",
                -2,
                "write fast",
                1,
                1,
                1,
                "string",
                s::getEx,
                "Returns the string value of a key after setting its expiration time.");
        add("mget", -2, "readonly fast", 1, -1, 1, "string", s::mGet, "Returns the string values of one or more keys.");
        add("mset", -3, "write denyoom", 1, -1, 2, "string", s::mSet, "Sets the string values of one or more keys.");
        add(
                "msetnx",
                -3,
                "write denyoom",
                1,
                -1,
                2,
                "string",
                s::mSetNx,
                "Sets the string values of keys only if all of them do not exist.");
        add(
                "setnx",
                3,
                "write denyoom fast",
                1,
                1,
                1,
                "string",
                s::setNx,
                "Sets the string value of a key only if the key does not exist.");
        add(
                "setex",
                4,
                "write denyoom",
                1,
                1,
                1,
                "string",
                s::setEx,
                "Sets the string value and expiration time of a key.");
        add(
                "psetex",
                4,
                "write denyoom",
                1,
                1,
                1,
                "string",
                s::pSetEx,
                "Sets the string value and expiration time in milliseconds of a key.");
        add("append", 3, "write denyoom fast", 1, 1, 1, "string", s::append, "Appends a string to the value of a key.");
        add("strlen", 2, "readonly fast", 1, 1, 1, "string", s::strLen, "Returns the length of a string value.");
        add(
                "getrange",
                4,
                "readonly",
                1,
                1,
                1,
                "string",
                s::getRange,
                "Returns a substring of the string stored at a key.");
        add("substr", 4, "readonly", 1, 1, 1, "string", s::getRange, "Returns a substring from a string value.");
        add(
                "setrange",
                4,
                "write denyoom",
                1,
                1,
                1,
                "string",
                s::setRange,
                "Overwrites a part of a string value with another by an offset.");
        add(
                "incr",
                2,
                "write denyoom fast",
                1,
                1,
                1,
                "string",
                c::incr,
                "Increments the integer value of a key by one.");
        add(
                "decr",
                2,
                "write denyoom fast",
                1,
                1,
                1,
                "string",
                c::decr,
                "Decrements the integer value of a key by one.");
        add(
                "incrby",
                3,
                "write denyoom fast",
                1,
                1,
                1,
                "string",
                c::incrBy,
                "Increments the integer value of a key by a number.");
        add(
                "decrby",
                3,
                "write denyoom fast",
                1,
                1,
                1,
                "string",
                c::decrBy,
                "Decrements the integer value of a key by a number.");
        add(
                "incrbyfloat",
                3,
                "write denyoom fast",
                1,
                1,
                1,
                "string",
                c::incrByFloat,
                "Increments the floating point value of a key by a number.");
    }

    private void keys() {
        KeyCommands k = new KeyCommands(keyspace);
        add("del", -2, "write", 1, -1, 1, "generic", k::del, "Deletes one or more keys.");
        add("unlink", -2, "write fast", 1, -1, 1, "generic", k::del, "Deletes one or more keys.");
        add(
                "exists",
                -2,
                "readonly fast",
                1,
                -1,
                1,
                "generic",
                k::exists,
                "Determines whether one or more keys exist.");
        add(
                "touch",
                -2,
                "readonly fast",
                1,
                -1,
                1,
                "generic",
                k::exists,
                "Returns the number of existing keys out of those specified.");
        add("type", 2, "readonly fast", 1, 1, 1, "generic", k::type, "Determines the type of value stored at a key.");
        add("rename", 3, "write", 1, 2, 1, "generic", k::rename, "Renames a key and overwrites the destination.");
        add(
                "renamenx",
                3,
                "write fast",
                1,
                2,
                1,
                "generic",
                k::renameNx,
                "Renames a key only when the target key name does not exist.");
        add("copy", -3, "write denyoom", 1, 2, 1, "generic", k::copy, "Copies the value of a key to a new key.");
        add("object", -2, "readonly", 2, 2, 1, "generic", k::object, "Tells what is known about the value of a key.");
        add("memory", -2, "readonly", 2, 2, 1, "server", k::memory, "Estimates the memory usage of a key.");
        add("dbsize", 1, "readonly fast", 0, 0, 0, "server", k::dbSize, "Returns the number of keys in the database.");
        add("flushall", -1, "write", 0, 0, 0, "server", k::flush, "Removes all keys from all databases.");
        add("flushdb", -1, "write", 0, 0, 0, "server", k::flush, "Removes all keys from the current database.");
        add("select", 2, "loading stale fast", 0, 0, 0, "connection", k::select, "Changes the selected database.");
    }

    private void scans() {
        ExpiryCommands e = new ExpiryCommands(keyspace);
        ScanCommands n = new ScanCommands(keyspace);
        add("expire", -3, "write fast", 1, 1, 1, "generic", e::expire, "Sets the expiration time of a key in seconds.");
        add(
                "pexpire",
                -3,
                "write fast",
                1,
                1,
                1,
                "generic",
                e::pExpire,
                "Sets the expiration time of a key in milliseconds.");
        add(
                "expireat",
                -3,
                "write fast",
                1,
                1,
                1,
                "generic",
                e::expireAt,
                "Sets the expiration time of a key to a Unix timestamp.");
        add(
                "pexpireat",
                -3,
                "write fast",
                1,
                1,
                1,
                "generic",
                e::pExpireAt,
                "Sets the expiration time of a key to a Unix milliseconds timestamp.");
        add("ttl", 2, "readonly fast", 1, 1, 1, "generic", e::ttl, "Returns the expiration time in seconds of a key.");
        add(
                "pttl",
                2,
                "readonly fast",
                1,
                1,
                1,
                "generic",
                e::pTtl,
                "Returns the expiration time in milliseconds of a key.");
        add(
                "expiretime",
                2,
                "readonly fast",
                1,
                1,
                1,
                "generic",
                e::expireTime,
                "Returns the expiration time of a key as a Unix timestamp.");
        add(
                "pexpiretime",
                2,
                "readonly fast",
                1,
                1,
                1,
                "generic",
                e::pExpireTime,
                "Returns the expiration time of a key as a Unix milliseconds timestamp.");
        add("persist", 2, "write fast", 1, 1, 1, "generic", e::persist, "Removes the expiration time of a key.");
        add("keys", 2, "readonly", 0, 0, 0, "generic", n::keys, "Returns all key names that match a pattern.");
        add("scan", -2, "readonly", 0, 0, 0, "generic", n::scan, "Iterates over the key names in the database.");
        add(
                "randomkey",
                1,
                "readonly",
                0,
                0,
                0,
                "generic",
                n::randomKey,
                "Returns a random key name from the database.");
    }
}
