package io.sietch.vsic;

/** Takes completions from {@link Vsic#poll}. */
@FunctionalInterface
public interface CompletionHandler {
    /**
     * Called once for each command, in the order in which the device completed them. May submit commands; must not
     * call {@link Vsic#poll} and must not throw.
     *
     * @param tag what the submitter gave along
     * @param status how the command ended
     */
    void completed(long tag, Status status);
}
