package io.sietch.redis;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;

/** Warnings of one kind: at most one line a minute, however often there is a reason. One thread. */
final class Complaints {
    private static final long PAUSE_NANOS = 60_000_000_000L;

    private final Logger logger;
    private boolean complained;
    private long quietUntil;

    Complaints(Logger logger) {
        this.logger = logger;
    }

    /** Says what is wrong, unless something was said within the last minute. */
    void complain(String what, long nowNanos) {
        if (!complained || nowNanos - quietUntil >= 0) {
            complained = true;
            quietUntil = nowNanos + PAUSE_NANOS;
            logger.log(Level.WARNING, what);
        }
    }
}
