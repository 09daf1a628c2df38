package io.sietch.crash;

import java.util.List;

/**
 * One life of a failure, for the page that tells of it.
 *
 * @param life its number
 * @param media as the life left it
 * @param model of the power loss
 * @param step the crash that ended it
 * @param before what it had found when it began, in words
 * @param deeds what it did
 */
record Scene(int life, CrashMedia media, CrashModel model, Step step, String before, List<Line> deeds) {
    static Scene of(Lives.Lived<?, ?> lived, CrashModel model, Step step) {
        Life<?> life = lived.life();
        return new Scene(life.number(), life.media(), model, step, String.valueOf(lived.found()), life.story());
    }

    /**
     * Something that a life did.
     *
     * @param operation in words
     * @param attemptedAt how many events had begun then
     * @param acknowledgedAt how many events had begun then, or {@link #NEVER}
     */
    record Line(String operation, int attemptedAt, int acknowledgedAt) {
        static final int NEVER = Integer.MAX_VALUE;
    }
}
