package io.sietch.bench.log;

import io.sietch.bench.report.Table;
import java.util.Locale;

/**
 * What one run of one contender gave.
 *
 * @param rate records a second
 * @param p50Micros half of the appends took at most so long
 * @param p99Micros 99 % of them did
 * @param cpuMicros processor time of the whole process for each record
 */
record Measurement(double rate, double p50Micros, double p99Micros, double cpuMicros) {
    private static final String MARK = "measured ";

    /** As the line that the measuring JVM prints. */
    String line() {
        return MARK + rate + " " + p50Micros + " " + p99Micros + " " + cpuMicros;
    }

    /**
     * Finds the line in the output of the measuring JVM.
     *
     * @throws IllegalArgumentException if it is not there
     */
    static Measurement parse(String output) {
        for (String line : output.lines().toList()) {
            if (line.startsWith(MARK)) {
                String[] v = line.substring(MARK.length()).split(" ", -1);
                return new Measurement(
                        Double.parseDouble(v[0]),
                        Double.parseDouble(v[1]),
                        Double.parseDouble(v[2]),
                        Double.parseDouble(v[3]));
            }
        }
        throw new IllegalArgumentException("the measuring JVM printed no result");
    }

    @Override
    public String toString() {
        return String.format(Locale.ROOT, "%s/s, p50 %s us", Table.figure(rate), Table.figure(p50Micros));
    }
}
