package io.sietch.redis;

import io.sietch.persistent.LogCorruptException;

/** What a command does. */
@FunctionalInterface
interface CommandHandler {
    /** Result: the journal is busy and nothing was changed; present the same request again later. */
    long RETRY = -1;

    /** The error to reply, prefix included, when executing threw this. */
    static String failure(RuntimeException thrown) {
        return thrown instanceof LogCorruptException
                ? "ERR " + thrown.getMessage()
                : "ERR internal error: " + thrown.getClass().getSimpleName();
    }

    /**
     * Executes one request whose name and number of arguments fit the command, and writes exactly one reply.
     *
     * @return the log position that the reply must wait for, 0 for none; or {@link #RETRY}, and then whatever was
     *     written to {@code reply} is dropped
     */
    long execute(Request request, ReplySink reply, ClientContext client);
}
