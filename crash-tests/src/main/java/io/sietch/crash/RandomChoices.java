package io.sietch.crash;

/**
 * Choices drawn from a seed. Each instance leans to one side, drawn as well, so that images which lost nearly
 * everything or nearly nothing come up as often as even mixtures: most faults need few deviations.
 *
 * <p>An answer depends on the seed and on what is asked alone, never on what was asked before. So a failure replays
 * even when the reads come in another order.
 */
final class RandomChoices implements Choices {
    private static final int LEANINGS = 5;

    /** All sectors fare alike: a device that is cut off tears what it has under way in the same place. */
    private static final int ALIKE = 4;

    private final long seed;
    private final int leaning;

    RandomChoices(long seed) {
        this.seed = seed;
        this.leaning = (int) Long.remainderUnsigned(mix(seed), LEANINGS);
    }

    /** The finaliser of SplitMix64: each input bit changes about half of the output bits. */
    static long mix(long value) {
        long z = value + 0x9e3779b97f4a7c15L;
        z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
        z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
        return z ^ (z >>> 31);
    }

    @Override
    public int choose(Decision decision, long subject, int options) {
        long bits = mix(mix(seed ^ decision.ordinal()) ^ (leaning == ALIKE ? 0 : subject));
        int lean = (int) (bits >>> 56) & 7;
        int even = (int) Long.remainderUnsigned(bits & 0xffff_ffff_ffffL, options);
        return switch (decision) {
            // One sector in four is damaged in models that damage.
            case DAMAGE -> lean < 6 ? 0 : even;
            case VERSION, COMMAND ->
                switch (leaning) {
                    case 0 -> lean < 7 ? 0 : even;
                    case 1 -> lean < 7 ? options - 1 : even;
                    default -> even;
                };
            case PREFIX, TEAR_WITH, DETAIL -> even;
        };
    }
}
