package io.sietch.persistent;

import java.util.List;
import java.util.function.LongConsumer;

/**
 * What looking at everything found.
 *
 * @param records how many were read, each with its checksum
 * @param payloadBytes how long they are together
 * @param keys of a table: how many there are, each compared with the newest record of it
 * @param damages what is wrong, in the order in which it was found; not all, if it is much
 */
public record Verification(long records, long payloadBytes, long keys, List<Damage> damages) {
    /**
     * Something wrong.
     *
     * @param position where in the log
     * @param detail for people
     */
    public record Damage(long position, String detail) {}

    public Verification {
        damages = List.copyOf(damages);
    }

    /** Whether nothing is wrong. */
    public boolean isSound() {
        return damages.isEmpty();
    }

    /**
     * Reads all records of a log, on the log's thread. Damage does not end it: it goes on in the next segment.
     *
     * @param progress is told how many bytes from the head have been read
     */
    public static Verification of(LogCore log, LongConsumer progress) {
        return of(new LogScrub(log.geometry(), log.cursor(log.head())), log.head(), progress);
    }

    static Verification of(LogScrub scrub, long from, LongConsumer progress) {
        while (scrub.next()) {
            progress.accept(scrub.record().end() - from);
        }
        return new Verification(scrub.records(), scrub.payloadBytes(), 0, scrub.damages());
    }
}
