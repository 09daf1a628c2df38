package io.sietch.persistent;

import io.sietch.persistent.Verification.Damage;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads all records of a log whatever is damaged among them: where one is, the rest of its segment cannot be told from
 * damage, and it goes on with the next. Keeps what is wrong, also what whoever looks at the records finds.
 *
 * <p>Threads: those of its cursor.
 */
final class LogScrub {
    /** What more there is of is not for people to read. */
    static final int DAMAGES_MAX = 100;

    private final LogCursor cursor;
    private final List<Damage> damages = new ArrayList<>();
    private final List<Damage> found = new ArrayList<>();
    private long records;
    private long payloadBytes;

    LogScrub(LogCursor cursor) {
        this.cursor = cursor;
    }

    /** Moves to the next record that is sound. Returns false if there is none. */
    boolean next() {
        while (damages.size() < DAMAGES_MAX) {
            try {
                if (!cursor.next()) {
                    return false;
                }
                records++;
                payloadBytes += cursor.length();
                return true;
            } catch (LogCorruptException e) {
                damages.add(new Damage(e.position(), String.valueOf(e.getMessage())));
                cursor.skip(e);
            }
        }
        return false;
    }

    /** The record that {@link #next} moved to. */
    LogCursor record() {
        return cursor;
    }

    /** Which records could not be read so far. */
    List<Damage> damages() {
        return damages;
    }

    /** Something is wrong with what the records say. */
    void found(long position, String detail) {
        if (!isTooMuch()) {
            found.add(new Damage(position, "position " + position + ": " + detail));
        }
    }

    /** Whether nothing more is kept of what is wrong. */
    boolean isTooMuch() {
        return damages.size() + found.size() >= DAMAGES_MAX;
    }

    /** All that is wrong so far, and how much was read. */
    Verification result(long keys) {
        List<Damage> all = new ArrayList<>(damages);
        all.addAll(found);
        return new Verification(records, payloadBytes, keys, all);
    }
}
