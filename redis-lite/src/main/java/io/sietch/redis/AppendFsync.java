package io.sietch.redis;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** When a write is acknowledged; the option {@code appendfsync}. */
enum AppendFsync {
    /** When it is durable. Nothing acknowledged is ever lost. */
    ALWAYS,
    /** At once; durable about a second later. A killed process loses nothing, a power failure up to that second. */
    EVERYSEC,
    /** At once; durable when the system likes. */
    NO;

    /** The option's value as the user writes it. */
    String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The mode of this name, or null. */
    static @Nullable AppendFsync parse(String text) {
        for (AppendFsync mode : values()) {
            if (mode.text().equalsIgnoreCase(text)) {
                return mode;
            }
        }
        return null;
    }
}
