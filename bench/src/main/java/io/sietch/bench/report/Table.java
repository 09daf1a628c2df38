package io.sietch.bench.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Rows under headings, as text for a terminal or as Markdown. The first column is text; the others are figures. */
public final class Table {
    private final String title;
    private final List<String> headings;
    private final List<List<String>> rows = new ArrayList<>();

    public Table(String title, String... headings) {
        this.title = title;
        this.headings = List.of(headings);
    }

    /** Adds a row with one cell for each heading. */
    public Table row(String... cells) {
        if (cells.length != headings.size()) {
            throw new IllegalArgumentException(
                    cells.length + " cells for the " + headings.size() + " columns of " + title);
        }
        rows.add(List.of(cells));
        return this;
    }

    public String title() {
        return title;
    }

    public boolean isEmpty() {
        return rows.isEmpty();
    }

    /** Columns padded with blanks. */
    public String text() {
        int[] widths = widths();
        StringBuilder out = new StringBuilder(title).append('\n');
        line(out, headings, widths);
        for (List<String> row : rows) {
            line(out, row, widths);
        }
        return out.toString();
    }

    private static void line(StringBuilder out, List<String> cells, int[] widths) {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < widths.length; i++) {
            String blanks = " ".repeat(widths[i] - cells.get(i).length());
            line.append("  ").append(i == 0 ? cells.get(i) + blanks : blanks + cells.get(i));
        }
        out.append(line.toString().stripTrailing()).append('\n');
    }

    private int[] widths() {
        int[] widths = new int[headings.size()];
        for (int i = 0; i < widths.length; i++) {
            widths[i] = headings.get(i).length();
            for (List<String> row : rows) {
                widths[i] = Math.max(widths[i], row.get(i).length());
            }
        }
        return widths;
    }

    /** A Markdown table under a heading of level 3. */
    public String markdown() {
        StringBuilder out = new StringBuilder("## ").append(title).append("\n\n");
        markdownLine(out, headings);
        out.append("|---|").append("---:|".repeat(headings.size() - 1)).append('\n');
        for (List<String> row : rows) {
            markdownLine(out, row);
        }
        return out.toString();
    }

    private static void markdownLine(StringBuilder out, List<String> cells) {
        for (String cell : cells) {
            out.append("| ").append(cell.replace("|", "\\|")).append(' ');
        }
        out.append("|\n");
    }

    /** A count or a rate: three significant digits or all of its whole part, with thousands marked; a dash for none. */
    public static String figure(double value) {
        if (Double.isNaN(value)) {
            return "-";
        }
        double size = Math.abs(value);
        String format = size >= 100 || size == 0 ? "%,.0f" : size >= 10 ? "%.1f" : size >= 1 ? "%.2f" : "%.3f";
        return String.format(Locale.ROOT, format, value);
    }

    /** A ratio: {@code 1.23x}; a dash for none. */
    public static String ratio(double value) {
        return Double.isNaN(value) ? "-" : String.format(Locale.ROOT, value >= 100 ? "%.0fx" : "%.2fx", value);
    }
}
