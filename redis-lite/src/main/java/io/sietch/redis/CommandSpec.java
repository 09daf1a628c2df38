package io.sietch.redis;

/**
 * A command as the table holds it and as {@code COMMAND} describes it.
 *
 * @param name in lower case; a subcommand's is {@code container|subcommand}
 * @param arity number of arguments with the name; negative: at least that many
 * @param flags as Redis names them, separated by spaces: {@code write}, {@code readonly}, {@code fast}, {@code denyoom}
 *     ...
 * @param firstKey argument that is the first key, 0 for none
 * @param lastKey argument that is the last key; negative counts from the end
 * @param keyStep distance from key to key
 * @param group as Redis's documentation groups it: {@code string}, {@code generic}, {@code connection}, {@code server}
 * @param summary one line for {@code COMMAND DOCS}
 * @param handler what it does
 */
record CommandSpec(
        String name,
        int arity,
        String flags,
        int firstKey,
        int lastKey,
        int keyStep,
        String group,
        String summary,
        CommandHandler handler) {

    /** A command without keys. */
    static CommandSpec keyless(
            String name, int arity, String flags, String group, String summary, CommandHandler handler) {
        return new CommandSpec(name, arity, flags, 0, 0, 0, group, summary, handler);
    }

    /** Whether a request with {@code count} arguments, the name included, fits. */
    boolean accepts(int count) {
        return arity >= 0 ? count == arity : count >= -arity;
    }

    /** Whether the flag is among {@link #flags}. */
    boolean is(String flag) {
        return (" " + flags + " ").contains(" " + flag + " ");
    }
}
