package io.sietch.crash;

import java.util.function.Supplier;

/**
 * Where the decisions of a crash come from: a seed, an enumeration, a recorded list. A decision is asked for once, when
 * somebody first looks at what depends on it; what nobody reads is never decided.
 */
@FunctionalInterface
public interface Choices {
    /** Everything that was written survives. What a crash of the process alone leaves. */
    Choices NEWEST = (decision, subject, options) -> 0;

    /** Everything that was not flushed is lost. */
    Choices OLDEST = (decision, subject, options) -> switch (decision) {
        case VERSION, COMMAND, PREFIX -> options - 1;
        case DAMAGE, TEAR_WITH, DETAIL -> 0;
    };

    /**
     * Decides.
     *
     * @param subject what it is about, see {@link Decision}
     * @param options how many ways there are, at least 2
     * @return from 0 to {@code options - 1}
     */
    int choose(Decision decision, long subject, int options);

    /**
     * Decides where several ways come to the same, as a sector torn at two places between which its versions agree.
     *
     * @param distinct finds one way of each sort, ascending; at least one
     * @return from 0 to {@code options - 1}; who goes through all choices takes the distinct ones alone
     */
    default int chooseAmong(Decision decision, long subject, int options, Supplier<int[]> distinct) {
        return choose(decision, subject, options);
    }

    /** Choices that one number determines. */
    static Choices random(long seed) {
        return new RandomChoices(seed);
    }
}
