package io.sietch.redis;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
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

    /** A one in each byte. */
    private static final long EACH = 0x0101_0101_0101_0101L;

    private static final long SEVEN_BITS = 0x7f * EACH;

    /** How much of an unknown command's arguments an error repeats. */
    private static final int MAX_ECHO = 128;

    private static final ValueLayout.OfLong WORD = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final @Nullable CommandSpec[] slots = new @Nullable CommandSpec[SLOTS];

    /** Of each slot how the name begins, see {@link #firstWord}. */
    private final long[] firstWords = new long[SLOTS];

    private final TreeMap<String, CommandSpec> byName = new TreeMap<>();

    /** Adds a command. */
    void register(CommandSpec spec) {
        if (byName.size() >= SLOTS / 2 || byName.putIfAbsent(spec.name(), spec) != null) {
            throw new IllegalStateException("command " + spec.name()
                    + " cannot be registered: there already, or the table is" + " full with " + byName.size());
        }
        byte[] name = spec.name().getBytes(US_ASCII);
        long word = firstWord(MemorySegment.ofArray(name), 0, name.length);
        int slot = slot(word);
        while (slots[slot] != null) {
            slot = (slot + 1) & (SLOTS - 1);
        }
        firstWords[slot] = word;
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
        long word = firstWord(memory, from, length);
        int slot = slot(word);
        CommandSpec spec;
        while ((spec = slots[slot]) != null
                && !(firstWords[slot] == word && matches(spec.name(), memory, from, length))) {
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

    /** Whether a name is this one, whose first eight characters it has. */
    private static boolean matches(String name, MemorySegment memory, long from, int length) {
        if (name.length() != length) {
            return false;
        }
        for (int i = Long.BYTES; i < length; i++) {
            if (lower(memory.get(ValueLayout.JAVA_BYTE, from + i) & 0xff) != name.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    /** The first eight characters of a name in lower case, zeros where it has fewer. */
    private static long firstWord(MemorySegment memory, long from, int length) {
        int wanted = Math.min(length, Long.BYTES);
        long word = 0;
        if (from <= memory.byteSize() - Long.BYTES) {
            word = memory.get(WORD, from);
        } else {
            for (int i = 0; i < wanted; i++) {
                word |= (memory.get(ValueLayout.JAVA_BYTE, from + i) & 0xffL) << i * Byte.SIZE;
            }
        }
        return wanted == 0 ? 0 : lower(word & -1L >>> (Long.BYTES - wanted) * Byte.SIZE);
    }

    /**
     * Eight characters in lower case at once. In each byte, sums that show in its highest bit tell whether it is at
     * least an A, and whether it is more than a Z.
     */
    private static long lower(long word) {
        long seven = word & SEVEN_BITS;
        long fromA = seven + (0x80 - 'A') * EACH;
        long beyondZ = seven + (0x7f - 'Z') * EACH;
        return word | (fromA & ~beyondZ & ~SEVEN_BITS) >>> 2;
    }

    private static int slot(long word) {
        return (int) (word * 0x9E37_79B9_7F4A_7C15L >>> 53);
    }
}
