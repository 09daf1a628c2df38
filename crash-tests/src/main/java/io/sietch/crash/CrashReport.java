package io.sietch.crash;

import java.util.Locale;

/**
 * What an exploration did.
 *
 * @param name of the subject
 * @param seed that replays it
 * @param points crash points of first lives
 * @param states images that were recovered from and checked, second crashes included
 * @param nested those of them that came from a second crash or a third
 * @param deep those of them that came from a third
 * @param distinct how many different (crash points, decisions) they were
 * @param distinctNested those of them that came from a second crash or a third
 * @param recoveries second lives that crashed
 * @param wholeRecoveries those of them of which every crash inside recovery was made, with all that it may leave
 * @param exhaustive whether every crash point and image of the first life was made, and every crash inside every
 *     recovery: nothing was sampled to depth 2, but the work that goes on after a recovery
 * @param faultClass what the crashes left
 * @param represented how many images the crash points of first lives have in all, as far as they were looked at;
 *     1e290 counts for all that are more
 * @param nanos how long it took
 */
public record CrashReport(
        String name,
        long seed,
        int points,
        long states,
        long nested,
        long deep,
        long distinct,
        long distinctNested,
        long recoveries,
        long wholeRecoveries,
        boolean exhaustive,
        FaultClass faultClass,
        double represented,
        long nanos) {
    /** States by the second. */
    public long rate() {
        return nanos == 0 ? 0 : states * 1_000_000_000L / nanos;
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "%s: %d states (%d by a second crash, %d of these by a third; %d distinct) at %d crash points, of %.3g"
                    + " represented; all crashes of %d of %d recoveries%s; 0 violations; seed %d; %.1f s, %d states/s",
                name,
                states,
                nested,
                deep,
                distinct,
                points,
                represented,
                wholeRecoveries,
                recoveries,
                exhaustive ? ", " + faultClass + " to depth 2" : "",
                seed,
                nanos / 1e9,
                rate());
    }
}
