package io.sietch.crash;

import java.util.Locale;

/**
 * What a run of faults did.
 *
 * @param name of the subject
 * @param seed that replays it
 * @param faults how many were injected, one at a time
 * @param refused after how many of them the subject said so: with an error, or by not acknowledging
 * @param states images that were recovered from and checked
 * @param nanos how long it took
 */
public record FaultReport(String name, long seed, long faults, long refused, long states, long nanos) {
    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "%s: %d faults, %d noticed, the others harmless; %d states; 0 violations; seed %d; %.1f s",
                name,
                faults,
                refused,
                states,
                seed,
                nanos / 1e9);
    }
}
