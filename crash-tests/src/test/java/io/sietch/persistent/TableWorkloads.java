package io.sietch.persistent;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.NullMarked;

/** Workloads for {@link TableSubject}, by name. */
@NullMarked
final class TableWorkloads {
    /** Everything once. */
    static final List<String> MIXED = List.of(
            "PUT a 10",
            "BATCH b c d -a",
            "!",
            "PUT a 5000",
            ".",
            "GET a",
            "DEL b",
            ".",
            "GET a",
            "GET b",
            "BATCH a -c b e",
            "!",
            "GET a",
            "CLEAR",
            "PUT a 3",
            ".",
            "GET a",
            ".",
            "!",
            "DEL nothing",
            "PUT f 100");

    /** More keys than a part of the index holds, in one batch and again, so that parts are split. */
    static final List<String> GROWING =
            List.of("PUT a 10", "!", "SPREAD 150", "PUT b 20", "!", "SPREAD 260", "DEL spread7", "GET spread8", "!");

    /**
     * Values that fill segments, around a few that stay, so that the oldest segments are cleaned while others write.
     */
    static final List<String> CLEANING = cleaning();

    /** Keys that expire in this life and in the next but one, some of them put again, while segments are cleaned. */
    static final List<String> EXPIRING = expiring();

    static final Map<String, List<String>> ALL =
            Map.of("mixed", MIXED, "growing", GROWING, "cleaning", CLEANING, "expiring", EXPIRING);

    private static final Pattern FORM =
            Pattern.compile("PUT \\S+ \\d+( \\d+)?|(DEL|GET) \\S+|BATCH \\S+( \\S+)+|SPREAD \\d+|CLEAR|[!.~+]");

    private TableWorkloads() {}

    /** A workload by its name, or written out: lines parted by commas. */
    static List<String> of(String text) {
        List<String> named = ALL.get(text);
        List<String> lines = named != null ? named : List.of(text.split(",", -1));
        for (String line : lines) {
            if (!FORM.matcher(line).matches()) {
                throw new IllegalArgumentException("no line of a table's workload: \"" + line + "\"");
            }
        }
        return lines;
    }

    private static List<String> expiring() {
        List<String> lines = new ArrayList<>(List.of(
                "PUT soon 10 3",
                "PUT later 50 2500000",
                "PUT never 10 3",
                "PUT never 20",
                "PUT stays 5",
                "!",
                "GET soon",
                "+",
                "GET soon",
                "PUT soon 30 1000",
                "PUT stays 6 4000",
                "!",
                "+",
                "GET soon",
                "GET stays"));
        for (int i = 0; i < 10; i++) {
            lines.add("PUT big" + i % 2 + " 15000 " + (i % 3 == 0 ? 2 : 3000));
            lines.add(i % 3 == 0 ? "!" : "GET later");
            lines.add(i % 4 == 0 ? "+" : ".");
        }
        lines.addAll(List.of("~", "+", "PUT soon 40", "~", "GET later", "GET never"));
        return lines;
    }

    private static List<String> cleaning() {
        List<String> lines = new ArrayList<>(List.of("PUT stays 50", "BATCH s1 s2 s3", "PUT goes 50", "!"));
        for (int i = 0; i < 14; i++) {
            lines.add("PUT big" + i % 2 + " 15000");
            lines.add(i % 3 == 0 ? "!" : "GET stays");
            if (i == 9) {
                lines.add("BATCH s2 -goes");
            }
        }
        lines.add("~");
        lines.add("PUT last 10");
        return lines;
    }
}
