package io.sietch.persistent;

import java.io.IOException;
import java.util.List;
import java.util.function.LongConsumer;

/**
 * What looking at everything found.
 *
 * @param records how many were read, each with its checksum
 * @param payloadBytes how long they are together
 * @param keys of a table: how many there are, each compared with the newest record of it; of a queue: how many items
 *     are left
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
        return of(new LogScrub(log.cursor(log.head())), log.head(), progress);
    }

    /** Has a verifier do all it has to do, on the structure's thread. */
    public static Verification of(Verifier verifier, LongConsumer progress) {
        while (verifier.step()) {
            progress.accept(verifier.readBytes());
        }
        return verifier.result();
    }

    /** The thread of a structure, as long as the structure is open. */
    @FunctionalInterface
    interface Turns {
        <T> T call(LogRunner.Call<T> body) throws IOException;
    }

    /** Has a verifier do its slices in turns of the structure's thread, between which that does its work. */
    static Verification of(LogRunner.Call<? extends Verifier> opening, Turns turns) throws IOException {
        try (Verifier verifier = turns.call(opening)) {
            boolean more = true;
            while (more) {
                more = turns.call(verifier::step);
            }
            return turns.call(verifier::result);
        }
    }

    static Verification of(LogScrub scrub, long from, LongConsumer progress) {
        while (scrub.next()) {
            progress.accept(scrub.record().end() - from);
        }
        return scrub.result(0);
    }
}
