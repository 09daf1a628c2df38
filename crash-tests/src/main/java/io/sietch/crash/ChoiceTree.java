package io.sietch.crash;

import java.util.Arrays;
import java.util.function.Supplier;

/**
 * Choices that walk through every possible sequence of answers, one sequence for each run: run, then {@link #next()},
 * until it says no. Which decisions come up may depend on the answers before them, so what a run does not read is not
 * multiplied out; nor are ways that come to the same.
 */
public final class ChoiceTree implements Choices {
    private int[] chosen = new int[16];
    private int[] options = new int[16];
    private int depth;
    private int at;

    private final int detailsMax;
    private final int distinctMax;

    /** A tree of which nothing is known yet. */
    public ChoiceTree() {
        this(Integer.MAX_VALUE, Integer.MAX_VALUE);
    }

    /**
     * A tree that takes some details of damage, as far apart as they can be.
     *
     * @param detailsMax at most so many of those that are too many to be told apart
     * @param distinctMax at most so many of those that are
     */
    ChoiceTree(int detailsMax, int distinctMax) {
        this.detailsMax = detailsMax;
        this.distinctMax = distinctMax;
    }

    @Override
    public int choose(Decision decision, long subject, int optionCount) {
        return decision == Decision.DETAIL
                ? some(subject, optionCount, detailsMax)
                : answer(decision, subject, optionCount);
    }

    @Override
    public int chooseAmong(Decision decision, long subject, int optionCount, Supplier<int[]> distinct) {
        int[] ways = distinct.get();
        return ways[
                decision == Decision.DETAIL
                        ? some(subject, ways.length, distinctMax)
                        : answer(decision, subject, ways.length)];
    }

    private int some(long subject, int optionCount, int max) {
        return optionCount > max
                ? (int) ((2L * answer(Decision.DETAIL, subject, max) + 1) * optionCount / (2L * max))
                : answer(Decision.DETAIL, subject, optionCount);
    }

    private int answer(Decision decision, long subject, int optionCount) {
        if (at == depth) {
            if (depth == chosen.length) {
                chosen = Arrays.copyOf(chosen, 2 * depth);
                options = Arrays.copyOf(options, 2 * depth);
            }
            chosen[depth] = 0;
            options[depth++] = optionCount;
        } else if (options[at] != optionCount) {
            throw new IllegalStateException("run differs from the one before: decision " + at + " (" + decision + " of "
                    + subject + ") had " + options[at] + " options and has " + optionCount
                    + " now. The code under test is not deterministic.");
        }
        return chosen[at++];
    }

    /** Goes on to the next sequence. False when all have been run. */
    public boolean next() {
        depth = at;
        while (depth > 0 && chosen[depth - 1] == options[depth - 1] - 1) {
            depth--;
        }
        at = 0;
        if (depth == 0) {
            return false;
        }
        chosen[depth - 1]++;
        return true;
    }
}
