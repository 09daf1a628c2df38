package io.sietch.crash;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Tells of a violation on a page for a browser, in one file that needs no other: what was promised and what was found,
 * and for each life a table of sectors against events that shows what the crash kept, lost and tore.
 */
public final class CrashPage {
    /** Beyond these, rows and columns say only that there were more. */
    private static final int ROWS_MAX = 200;

    private static final int EVENTS_MAX = 60;

    private static final String STYLE = """
        :root { color-scheme: light dark; --ink: #1d2327; --paper: #fff; --line: #d5d9dd; --soft: #f3f5f7;
          --kept: #2f7d4f; --durable: #9fb7a8; --lost: #c0392b; --torn: #b9770e; }
        @media (prefers-color-scheme: dark) { :root { --ink: #e6e8ea; --paper: #16191c; --line: #3a4046;
          --soft: #20252a; --kept: #4caf78; --durable: #52665a; --lost: #e06659; --torn: #e0a13c; } }
        body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper);
          margin: 2rem auto; max-width: 76rem; padding: 0 1.5rem; }
        h1 { font-size: 1.5rem; margin: 0 0 .3rem; } h2 { font-size: 1.15rem; margin: 2.2rem 0 .6rem; }
        pre, code, .bytes { font-family: ui-monospace, monospace; font-size: .86rem; }
        pre { background: var(--soft); padding: .8rem 1rem; border-radius: .4rem; white-space: pre-wrap;
          overflow-wrap: anywhere; margin: .4rem 0; }
        .promise { border-left: .3rem solid var(--lost); }
        table { border-collapse: collapse; margin: .6rem 0; font-size: .86rem; }
        th, td { border: 1px solid var(--line); padding: .2rem .5rem; text-align: left; vertical-align: top; }
        th { background: var(--soft); font-weight: 600; } td.n, th.n { text-align: right; white-space: nowrap; }
        .wide { overflow-x: auto; } .grid td.e { text-align: center; min-width: 1.1rem; padding: .2rem .3rem; }
        .kept { background: var(--kept); color: #fff; } .durable { background: var(--durable); color: #fff; }
        .lost { background: var(--lost); color: #fff; } .torn { background: var(--torn); color: #fff; }
        .flush { background: var(--soft); font-weight: 600; } .quiet { opacity: .65; }
        .legend span { padding: .1rem .5rem; border-radius: .2rem; margin-right: .6rem; }
        """;

    private final StringBuilder html = new StringBuilder();

    private CrashPage() {}

    /**
     * The page as HTML.
     *
     * @param replay the command or call that does it again
     */
    public static String of(CrashViolation violation, String replay) {
        CrashPage page = new CrashPage();
        page.write(violation, replay);
        return page.html.toString();
    }

    private void write(CrashViolation violation, String replay) {
        String title = violation.getMessage().lines().findFirst().orElse("A promise was broken");
        html.append("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n")
                .append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>")
                .append(escaped(title))
                .append("</title>\n<style>\n")
                .append(STYLE)
                .append("</style>\n</head>\n<body>\n<h1>A promise was broken</h1>\n");
        Throwable cause = violation.getCause();
        block("promise", cause == null || cause.getMessage() == null ? title : cause.getMessage());
        html.append("<p>Do it again: <code>").append(escaped(replay)).append("</code></p>\n");
        if (violation.scenes().isEmpty()) {
            block("", violation.getMessage());
        }
        for (Scene scene : violation.scenes()) {
            life(scene);
        }
        if (!violation.recovered().isEmpty()) {
            html.append("<h2>What was found after that</h2>\n");
            block("promise", violation.recovered());
        }
        html.append("</body>\n</html>\n");
    }

    private void life(Scene scene) {
        int events = scene.step().point().events();
        html.append("<h2>Life ")
                .append(scene.life())
                .append(": ")
                .append(events)
                .append(" events, then ")
                .append(scene.step().point().killed() ? "the process was killed" : "the power went")
                .append("</h2>\n<p>What it found when it began:</p>\n");
        block("", scene.before());
        deeds(scene, events);
        sectors(scene, events);
    }

    private void deeds(Scene scene, int events) {
        if (scene.deeds().stream().noneMatch(deed -> deed.attemptedAt() <= events)) {
            html.append("<p>It was asked for nothing yet.</p>\n");
            return;
        }
        html.append("<div class=\"wide\"><table>\n"
                        + "<tr><th>What it was asked for</th><th class=\"n\">asked after event</th>")
                .append("<th>by the crash</th></tr>\n");
        for (Scene.Line deed : scene.deeds()) {
            if (deed.attemptedAt() <= events) {
                boolean promised = deed.acknowledgedAt() <= events;
                html.append("<tr><td class=\"bytes\">")
                        .append(escaped(deed.operation()))
                        .append("</td><td class=\"n\">")
                        .append(deed.attemptedAt() == 0 ? "&ndash;" : deed.attemptedAt() - 1)
                        .append("</td><td>")
                        .append(promised ? "acknowledged: it must be there" : "not acknowledged: it may be there")
                        .append("</td></tr>\n");
            }
        }
        html.append("</table></div>\n");
    }

    // ---- sectors against events ---------------------------------------------------------------------------------

    /** What became of each version of a sector, by the event that wrote it; and of the sector. */
    private record Row(int first, int last, String[] fates, String after) {
        boolean continues(Row before) {
            return first == before.last + 1 && Arrays.equals(fates, before.fates) && after.equals(before.after);
        }
    }

    private void sectors(Scene scene, int events) {
        int from = Math.max(0, events - EVENTS_MAX);
        List<Row> rows = rows(scene, events, from);
        html.append(
                "<p class=\"legend\">Each sector that was written, against events: F a flush, w written over later, "
                        + "<span class=\"durable\">D flushed</span><span class=\"kept\">K not flushed, survived</span>"
                        + "<span class=\"lost\">L lost</span><span class=\"torn\">T torn or garbage</span></p>\n");
        html.append("<div class=\"wide\"><table class=\"grid\">\n<tr><th class=\"n\">sectors</th>");
        for (int event = from; event < events; event++) {
            html.append("<th title=\"")
                    .append(escaped(title(scene, event)))
                    .append("\">")
                    .append(event)
                    .append("</th>");
        }
        html.append("<th>after the crash</th></tr>\n");
        for (Row row : rows.subList(0, Math.min(rows.size(), ROWS_MAX))) {
            row(scene, row, from, events);
        }
        html.append("</table></div>\n");
        if (rows.size() > ROWS_MAX) {
            html.append("<p>And ").append(rows.size() - ROWS_MAX).append(" rows more.</p>\n");
        }
        html.append("<details><summary>The events in words</summary><pre>");
        for (int event = from; event < events; event++) {
            html.append(event).append(' ').append(escaped(title(scene, event))).append('\n');
        }
        html.append("</pre></details>\n");
    }

    private static String title(Scene scene, int event) {
        return Timeline.describe(scene.media(), event);
    }

    private static List<Row> rows(Scene scene, int events, int from) {
        CrashMedia media = scene.media();
        CrashImage image =
                media.crash(events, scene.model(), scene.step().deviations().recorded());
        List<Row> rows = new ArrayList<>();
        for (int sector = 0; sector < media.geometry().maxSectors(); sector++) {
            SectorLog log = media.log(sector);
            if (log != null && log.beganBefore(events)) {
                Row row = row(sector, log, image.sector(sector), media.initial(sector), events, from);
                if (!rows.isEmpty() && row.continues(rows.getLast())) {
                    Row before = rows.removeLast();
                    row = new Row(before.first, sector, row.fates, row.after);
                }
                rows.add(row);
            }
        }
        return rows;
    }

    private static Row row(int sector, SectorLog log, byte[] left, byte[] initial, int events, int from) {
        int durable = log.durableBefore(events);
        int survivor = durable;
        boolean whole = false;
        for (int i = log.count() - 1; i >= Math.max(0, durable) && !whole; i--) {
            whole = log.get(i).command < events && Arrays.equals(log.get(i).bytes, left);
            survivor = whole ? i : survivor;
        }
        whole |= durable < 0 && Arrays.equals(initial, left);
        String[] fates = new String[events - from];
        for (int i = 0; i < log.count() && log.get(i).command < events; i++) {
            int event = log.get(i).command - from;
            if (event >= 0) {
                fates[event] = i <= durable
                        ? "durable"
                        : !whole ? "torn" : i == survivor ? "kept" : i > survivor ? "lost" : "";
            }
        }
        String after = !whole
                ? "torn or garbage"
                : survivor >= 0 && log.get(survivor).command >= 0
                        ? "as event " + log.get(survivor).command + " left it"
                        : "as it was before this life";
        return new Row(sector, sector, fates, after);
    }

    private void row(Scene scene, Row row, int from, int events) {
        html.append("<tr><td class=\"n\">")
                .append(row.first == row.last ? "" + row.first : row.first + "&ndash;" + row.last)
                .append("</td>");
        for (int event = from; event < events; event++) {
            String fate = row.fates[event - from];
            boolean flush = scene.media().event(event).kind() == Event.Kind.FLUSH;
            html.append("<td class=\"e ")
                    .append(fate == null ? (flush ? "flush" : "") : fate)
                    .append("\">")
                    .append(fate == null ? (flush ? "F" : "") : letter(fate))
                    .append("</td>");
        }
        html.append("<td>").append(row.after).append("</td></tr>\n");
    }

    /** So that the table can be read without colours. */
    private static String letter(String fate) {
        return fate.isEmpty() ? "w" : fate.substring(0, 1).toUpperCase(Locale.ROOT);
    }

    // ---- text ---------------------------------------------------------------------------------------------------

    private void block(String kind, String text) {
        html.append("<pre class=\"")
                .append(kind)
                .append("\">")
                .append(escaped(text))
                .append("</pre>\n");
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }
}
