package io.sietch.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Collection;
import java.util.Collections;
import java.util.Locale;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** All commands by name. Filled once at the start, then looked up without allocation. One thread. */
final class CommandTable {
    /** A power of two, several times the number of commands. */
    private static final int SLOTS = 2048;

    /** No command has a longer name. */
    private static final int MAX_NAME = 64;

    /** How much of an unknown command's arguments an error repeats. */
    private static final int MAX_ECHO = 128;

    private final @Nullable CommandSpec[] slots = new @Nullable CommandSpec[SLOTS];
    private final TreeMap<String, CommandSpec> byName = new TreeMap<>();

    /** Adds a command. */
    void register(CommandSpec spec) {
        if (byName.size() >= SLOTS / 2 || byName.putIfAbsent(spec.name(), spec) != null) {
            throw new IllegalStateException("command " + spec.name()
                    + " cannot be registered: there already, or the table is" + " full with " + byName.size());
        }
        int hash = 0;
        for (int i = 0; i < spec.name().length(); i++) {
            hash = mix(hash, spec.name().charAt(i));
        }
        int slot = slot(hash);
        while (slots[slot] != null) {
            slot = (slot + 1) & (SLOTS - 1);
        }
        slots[slot] = spec;
    }

    /** All commands, by name. */
    Collection<CommandSpec> all() {
        return Collections.unmodifiableCollection(byName.values());
    }

    /** The command of this name in lower case. */
    @Nullable
    CommandSpec find(String name) {
        return byName.get(name.toLowerCase(Locale.ROOT));
    }

    /** The command that the request names, in upper or lower case, or null. */
    @Nullable
    CommandSpec find(Request request) {
        MemorySegment memory = request.segment();
        long from = request.offset(0);
        int length = request.length(0);
        if (length > MAX_NAME) {
            return null;
        }
        int hash = 0;
        for (int i = 0; i < length; i++) {
            hash = mix(hash, lower(memory.get(ValueLayout.JAVA_BYTE, from + i)));
        }
        int slot = slot(hash);
        CommandSpec spec;
        while ((spec = slots[slot]) != null && !matches(spec.name(), memory, from, length)) {
            slot = (slot + 1) & (SLOTS - 1);
        }
        return spec;
    }

    /**
     * Finds the command, checks the number of arguments and executes it.
     *
     * @return as {@link CommandHandler#execute}
     */
    long execute(Request request, ReplySink reply, ClientContext client) {
        CommandSpec spec = find(request);
        if (spec == null) {
            reply.error(unknown(request));
            return 0;
        }
        if (!spec.accepts(request.count())) {
            reply.error(wrongArity(spec));
            return 0;
        }
        return spec.handler().execute(request, reply, client);
    }

    /** Redis's answer to a command that it does not know. */
    static String unknown(Request request) {
        StringBuilder arguments = new StringBuilder();
        for (int i = 1; i < request.count() && arguments.length() < MAX_ECHO; i++) {
            String argument = quote(request, i, MAX_ECHO - arguments.length());
            arguments.append('\'').append(argument).append("' ");
        }
        return "ERR unknown command '" + quote(request, 0, MAX_ECHO) + "', with args beginning with: " + arguments;
    }

    /** Redis's answer to a wrong number of arguments. */
    static String wrongArity(CommandSpec spec) {
        return "ERR wrong number of arguments for '" + spec.name() + "' command";
    }

    /** The argument's first bytes, up to the first that is zero. */
    static String quote(Request request, int i, int limit) {
        byte[] head = new byte[Math.min(request.length(i), limit)];
        MemorySegment.copy(request.segment(), ValueLayout.JAVA_BYTE, request.offset(i), head, 0, head.length);
        String text = new String(head, UTF_8);
        int end = text.indexOf('\0');
        return end < 0 ? text : text.substring(0, end);
    }

    private static boolean matches(String name, MemorySegment memory, long from, int length) {
        if (name.length() != length) {
            return false;
        }
        for (int i = 0; i < length; i++) {
            if (lower(memory.get(ValueLayout.JAVA_BYTE, from + i)) != name.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    private static int lower(byte c) {
        return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c;
    }

    private static int mix(int hash, int c) {
        return hash * 31 + c;
    }

    private static int slot(int hash) {
        return (hash * 0x9E3779B1) >>> 21;
    }
}
