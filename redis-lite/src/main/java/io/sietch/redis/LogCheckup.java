package io.sietch.redis;

import io.sietch.persistent.LogCore;
import io.sietch.persistent.LogCorruptException;
import io.sietch.persistent.LogCursor;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;

/**
 * Reads what opening the log left unread, beside serving, a slice a turn: each record with its checksum. So what has
 * decayed is told soon after the start, not when cleaning comes by. The reactor's thread.
 */
final class LogCheckup {
    private static final Logger LOG = System.getLogger(LogCheckup.class.getPackageName());
    private static final int SLICE_BYTES = 64 << 10;

    /** So many places are told of; who has that many knows enough. */
    private static final int TOLD_MAX = 10;

    private final LogCore log;
    private final String name;
    private final long end;
    private final LogCursor cursor;
    private long next;
    private int damages;

    /**
     * @param name of the device, for people
     * @param end what is from here on was read
     */
    LogCheckup(LogCore log, String name, long end) {
        this.log = log;
        this.name = name;
        this.end = end;
        this.next = log.head();
        this.cursor = log.cursor(next);
    }

    /** Whether all is read. */
    boolean isDone() {
        return next >= end;
    }

    /** How many stretches could not be read so far. */
    int damages() {
        return damages;
    }

    /** Reads a slice. Returns how much it read, 0 if all is read. */
    int poll() {
        if (isDone()) {
            return 0;
        }
        if (next < log.head()) {
            next = log.head();
            cursor.restart(next);
        }
        long from = next;
        try {
            while (!isDone() && next - from < SLICE_BYTES) {
                next = cursor.next() ? cursor.end() : end;
            }
        } catch (LogCorruptException e) {
            damaged(e);
        }
        if (isDone()) {
            cursor.close();
        }
        return 1;
    }

    private void damaged(LogCorruptException e) {
        if (damages++ < TOLD_MAX) {
            LOG.log(
                    Level.ERROR,
                    name + " is damaged: " + e.getMessage() + "; what is not damaged is served: copy it to a new server"
                            + " while this one runs, and compare");
        }
        next = cursor.skip(e);
    }
}
