package io.sietch.bench.redis;

import java.util.Arrays;

/** What a measuring JVM prints, and who started it reads. */
final class Measured {
    private static final String MARK = "measured ";

    private Measured() {}

    static String line(double... figures) {
        StringBuilder line = new StringBuilder(MARK.strip());
        for (double figure : figures) {
            line.append(' ').append(figure);
        }
        return line.toString();
    }

    /**
     * The figures in an output.
     *
     * @throws IllegalArgumentException if there are none
     */
    static double[] parse(String output) {
        return output.lines()
                .filter(line -> line.startsWith(MARK))
                .map(line -> Arrays.stream(line.substring(MARK.length()).split(" ", -1))
                        .mapToDouble(Double::parseDouble)
                        .toArray())
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("the measuring JVM printed no result"));
    }
}
