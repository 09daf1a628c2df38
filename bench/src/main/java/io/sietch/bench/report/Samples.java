package io.sietch.bench.report;

import java.util.Arrays;
import java.util.Locale;

/**
 * One figure of one contender, measured once a round.
 *
 * @param rounds the value of each round, in order; NaN where the round gave none
 */
public record Samples(double... rounds) {
    /**
     * The value that half of the rounds reach; the mean of the middle two if they are even in number. NaN if there is
     * none.
     */
    public double median() {
        double[] sorted = sorted();
        int n = sorted.length;
        if (n == 0) {
            return Double.NaN;
        }
        return n % 2 == 1 ? sorted[n / 2] : (sorted[n / 2 - 1] + sorted[n / 2]) / 2;
    }

    public double min() {
        double[] sorted = sorted();
        return sorted.length == 0 ? Double.NaN : sorted[0];
    }

    public double max() {
        double[] sorted = sorted();
        return sorted.length == 0 ? Double.NaN : sorted[sorted.length - 1];
    }

    /**
     * How many times {@code base} this is, round by round. A round that either of the two lacks gives NaN. What the
     * machine did to both of them in a round cancels out, which is why the median is taken of this and not the ratio of
     * two medians.
     */
    public Samples dividedBy(Samples base) {
        double[] ratios = new double[Math.min(rounds.length, base.rounds.length)];
        for (int i = 0; i < ratios.length; i++) {
            double ratio = rounds[i] / base.rounds[i];
            ratios[i] = Double.isInfinite(ratio) ? Double.NaN : ratio;
        }
        return new Samples(ratios);
    }

    private double[] sorted() {
        return Arrays.stream(rounds).filter(v -> !Double.isNaN(v)).sorted().toArray();
    }

    /**
     * The range of the rounds as percent of the median, to show how far to trust it: {@code -8..+3 %}. Empty for one
     * round.
     */
    public String spread() {
        double median = median();
        if (sorted().length < 2 || median == 0) {
            return "";
        }
        return String.format(Locale.ROOT, "%+.0f..%+.0f %%", (min() / median - 1) * 100, (max() / median - 1) * 100);
    }
}
