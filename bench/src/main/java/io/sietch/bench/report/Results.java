package io.sietch.bench.report;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/** All figures of a run: case, contender, metric, round. What was never measured is NaN. */
public final class Results {
    /** One figure of one contender in one case. */
    public record Key(String caseName, String contender, String metric) {}

    private final int rounds;
    private final Map<Key, double[]> values = new LinkedHashMap<>();

    public Results(int rounds) {
        this.rounds = rounds;
    }

    public int rounds() {
        return rounds;
    }

    /**
     * @param round counted from 0
     */
    public void put(int round, String caseName, String contender, String metric, double value) {
        values.computeIfAbsent(new Key(caseName, contender, metric), key -> nothing())[round] = value;
    }

    private double[] nothing() {
        double[] none = new double[rounds];
        Arrays.fill(none, Double.NaN);
        return none;
    }

    public Samples get(String caseName, String contender, String metric) {
        double[] found = values.get(new Key(caseName, contender, metric));
        return new Samples(found == null ? nothing() : found.clone());
    }

    /** The median over the rounds of one contender's figure as a multiple of another's. */
    public double ratio(String caseName, String contender, String base, String metric) {
        return get(caseName, contender, metric)
                .dividedBy(get(caseName, base, metric))
                .median();
    }

    /** The contenders that have a figure in a case, in the order in which they came. */
    public Set<String> contenders(String caseName) {
        Set<String> found = new LinkedHashSet<>();
        for (Key key : values.keySet()) {
            if (key.caseName().equals(caseName)) {
                found.add(key.contender());
            }
        }
        return found;
    }

    public Map<Key, Samples> all() {
        Map<Key, Samples> all = new LinkedHashMap<>();
        values.forEach((key, rounds) -> all.put(key, new Samples(rounds.clone())));
        return all;
    }
}
