package io.sietch.bench.report;

/**
 * A figure to reach.
 *
 * @param what the measure, and what it is compared with
 * @param bound the figure
 * @param atMost whether less is better
 * @param measured what came out; NaN if it could not be measured
 * @param unit shown after both figures
 */
public record Target(String what, double bound, boolean atMost, double measured, String unit) {
    public static Target atLeast(String what, double bound, double measured) {
        return new Target(what, bound, false, measured, "x");
    }

    public static Target atMost(String what, double bound, double measured, String unit) {
        return new Target(what, bound, true, measured, unit);
    }

    public boolean isMeasured() {
        return !Double.isNaN(measured);
    }

    public boolean isMet() {
        return atMost ? measured <= bound : measured >= bound;
    }

    String verdict() {
        return !isMeasured() ? "not measured" : isMet() ? "yes" : "no";
    }

    String boundText() {
        return (atMost ? "<= " : ">= ") + withUnit(bound);
    }

    String measuredText() {
        return isMeasured() ? withUnit(measured) : "-";
    }

    private String withUnit(double value) {
        return unit.equals("x") ? Table.ratio(value) : Table.figure(value) + " " + unit;
    }
}
