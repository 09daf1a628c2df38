package io.sietch.bench.report;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What a run found, and everything that is needed to run it again. */
public final class Report {
    private final String title;
    private final String date;
    private final Machine machine;
    private final Results results;
    private final Map<String, String> versions = new LinkedHashMap<>();
    private final List<String> commands = new ArrayList<>();
    private final List<Table> tables = new ArrayList<>();
    private final List<Target> targets = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();
    private final Map<String, String> skipped = new LinkedHashMap<>();

    /**
     * @param date of the run, as it shall be shown
     */
    public Report(String title, String date, Machine machine, Results results) {
        this.title = title;
        this.date = date;
        this.machine = machine;
        this.results = results;
        if (machine.inMemory()) {
            notes.add("The data directory is in memory (" + machine.fileSystem()
                    + "): durable rates say nothing about a disk. Name one with --dir.");
        }
    }

    public Report version(String of, String version) {
        versions.put(of, version);
        return this;
    }

    public Report command(String command) {
        commands.add(command);
        return this;
    }

    public Report table(Table table) {
        tables.add(table);
        return this;
    }

    public Report target(Target target) {
        targets.add(target);
        return this;
    }

    public Report note(String note) {
        notes.add(note);
        return this;
    }

    /** Says what was left out, and why. */
    public Report skip(String what, String reason) {
        skipped.put(what, reason);
        return this;
    }

    private Table targetTable() {
        Table table = new Table("Figures to reach", "what", "to reach", "measured", "reached");
        for (Target target : targets) {
            table.row(target.what(), target.boundText(), target.measuredText(), target.verdict());
        }
        return table;
    }

    /** For a terminal. */
    public String text() {
        StringBuilder out = new StringBuilder(title).append(", ").append(date).append("\n");
        out.append(machine).append('\n');
        out.append("median of ").append(results.rounds()).append(" interleaved rounds\n");
        versions.forEach((of, version) ->
                out.append("  ").append(of).append(' ').append(version).append('\n'));
        for (Table table : tables) {
            out.append('\n').append(table.text());
        }
        if (!targets.isEmpty()) {
            out.append('\n').append(targetTable().text());
        }
        skipped.forEach((what, reason) ->
                out.append("\nskipped: ").append(what).append(": ").append(reason));
        for (String note : notes) {
            out.append("\nnote: ").append(note);
        }
        return out.append(skipped.isEmpty() && notes.isEmpty() ? "" : "\n").toString();
    }

    /** A file of docs/benchmarks. */
    public String markdown() {
        StringBuilder out = new StringBuilder("# ").append(title).append("\n\n");
        out.append(date).append(". Median of ").append(results.rounds()).append(" interleaved rounds on ");
        out.append(machine).append(".\n\nCommands:\n\n");
        for (String command : commands) {
            out.append("    ").append(command).append('\n');
        }
        out.append("\nVersions: ");
        List<String> named = new ArrayList<>();
        versions.forEach((of, version) -> named.add(of + " " + version));
        out.append(String.join(", ", named)).append(".\n");
        for (Table table : tables) {
            out.append('\n').append(table.markdown());
        }
        if (!targets.isEmpty()) {
            out.append('\n').append(targetTable().markdown());
        }
        if (!skipped.isEmpty() || !notes.isEmpty()) {
            out.append('\n');
        }
        skipped.forEach((what, reason) -> out.append("- Skipped ")
                .append(what)
                .append(": ")
                .append(reason)
                .append('\n'));
        for (String note : notes) {
            out.append("- ").append(note).append('\n');
        }
        return out.toString();
    }

    /**
     * The rates, drawn.
     *
     * @throws IOException if there is none
     */
    public byte[] png() throws IOException {
        return RatePlot.png(title, results);
    }

    /** With every figure of every round. */
    public String json() {
        List<Map<String, Object>> figures = new ArrayList<>();
        results.all().forEach((key, samples) -> {
            Map<String, Object> figure = new LinkedHashMap<>();
            figure.put("case", key.caseName());
            figure.put("contender", key.contender());
            figure.put("metric", key.metric());
            figure.put("median", samples.median());
            List<Double> rounds = new ArrayList<>();
            for (double value : samples.rounds()) {
                rounds.add(value);
            }
            figure.put("rounds", rounds);
            figures.add(figure);
        });
        List<Map<String, Object>> reached = new ArrayList<>();
        for (Target target : targets) {
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("what", target.what());
            one.put(target.atMost() ? "atMost" : "atLeast", target.bound());
            one.put("measured", target.measured());
            one.put("unit", target.unit());
            one.put("reached", target.isMet());
            reached.add(one);
        }
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("title", title);
        all.put("date", date);
        all.put("machine", machine.toString());
        all.put("versions", versions);
        all.put("commands", commands);
        all.put("figures", figures);
        all.put("targets", reached);
        all.put("skipped", skipped);
        all.put("notes", notes);
        return Json.write(all);
    }
}
