package io.sietch.crash.linear;

import org.jspecify.annotations.Nullable;

/**
 * A request on one key, and what its client knows of it. Times are numbers that only order.
 *
 * @param kind what is asked for
 * @param argument of {@link Kind#SET}; else empty
 * @param invoked when it was sent
 * @param ended when the reply came, or when a crash ended the waiting for it
 * @param result the reply, null stands for "no such key"
 * @param answered whether there was a reply; if not, it happened before the crash or never
 */
public record Operation(
        int client,
        String key,
        Kind kind,
        String argument,
        long invoked,
        long ended,
        @Nullable String result,
        boolean answered) {
    /** What the model of a key knows. */
    public enum Kind {
        GET,
        SET,
        INCR,
        DEL
    }

    /** What the key holds afterwards. */
    @Nullable
    String after(@Nullable String state) {
        return switch (kind) {
            case GET -> state;
            case SET -> argument;
            case INCR -> Long.toString(1 + (state == null ? 0 : Long.parseLong(state)));
            case DEL -> null;
        };
    }

    /** What the reply is. */
    @Nullable
    String reply(@Nullable String state) {
        return switch (kind) {
            case GET -> state;
            case SET -> "OK";
            case INCR -> after(state);
            case DEL -> state == null ? "0" : "1";
        };
    }
}
