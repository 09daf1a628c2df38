package io.sietch.bench.redis;

import java.util.ArrayList;
import java.util.List;

/**
 * One result of {@code redis-benchmark --csv}. Its columns are found by the heading line (Redis 6.2 and later); older
 * clients print no heading and only test and rate.
 *
 * @param test name of the test
 * @param rate requests a second
 * @param p50Millis half of the requests were answered within; NaN if not told
 * @param p99Millis 99 % of them were; NaN if not told
 */
record CsvLine(String test, double rate, double p50Millis, double p99Millis) {
    /**
     * Reads all results in an output; whatever else the client printed is passed over.
     *
     * @throws IllegalArgumentException if there is none
     */
    static List<CsvLine> parse(String output) {
        List<CsvLine> found = new ArrayList<>();
        List<String> headings = List.of("test", "rps");
        for (String line : output.lines().toList()) {
            // Progress is written over with carriage returns on the same line.
            String text = line.substring(line.lastIndexOf('\r') + 1).strip();
            if (!text.startsWith("\"") || !text.endsWith("\"")) {
                continue;
            }
            List<String> fields = List.of(text.substring(1, text.length() - 1).split("\",\"", -1));
            if (fields.getFirst().equals("test")) {
                headings = fields;
            } else if (fields.size() >= 2) {
                found.add(new CsvLine(
                        fields.getFirst(),
                        number(headings, fields, "rps"),
                        number(headings, fields, "p50_latency_ms"),
                        number(headings, fields, "p99_latency_ms")));
            }
        }
        if (found.isEmpty()) {
            throw new IllegalArgumentException("redis-benchmark printed no result: " + shortened(output));
        }
        return found;
    }

    private static double number(List<String> headings, List<String> fields, String heading) {
        int at = headings.indexOf(heading);
        return at < 0 || at >= fields.size() ? Double.NaN : Double.parseDouble(fields.get(at));
    }

    private static String shortened(String output) {
        String text = output.strip();
        return text.isEmpty() ? "nothing at all" : text.substring(0, Math.min(text.length(), 200));
    }
}
