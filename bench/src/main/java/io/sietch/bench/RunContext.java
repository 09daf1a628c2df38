package io.sietch.bench;

import io.sietch.bench.report.Children;
import io.sietch.bench.report.Machine;
import io.sietch.bench.report.Progress;
import io.sietch.bench.report.Report;
import io.sietch.bench.report.Results;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A run under way: its figures so far, its processes, what it skipped. A contender that fails once is left out from
 * then on, with its reason; the others go on.
 */
public final class RunContext implements AutoCloseable {
    private final CommonOptions options;
    private final Children children;
    private final Machine machine;
    private final Results results;
    private final Map<String, String> skipped = new LinkedHashMap<>();
    private @Nullable Progress progress;

    /** One measured step. */
    @FunctionalInterface
    public interface Step {
        /**
         * Measures and stores the figures.
         *
         * @return the outcome in a few words
         */
        String run() throws Exception;
    }

    public RunContext(CommonOptions options) throws IOException {
        this.options = options;
        this.children = new Children(options.dir());
        this.machine = Machine.of(options.dir());
        this.results = new Results(options.rounds());
    }

    public CommonOptions options() {
        return options;
    }

    public Children children() {
        return children;
    }

    public Results results() {
        return results;
    }

    /** Leaves something out. */
    public void skip(String what, String reason) {
        skipped.put(what, reason);
    }

    public boolean isSkipped(String what) {
        return skipped.containsKey(what);
    }

    /** Says how many steps there are. That there are none is an error of who chose them. */
    public void plan(int steps) {
        options.checkLeaves(steps);
        boolean terminal = Boolean.getBoolean("sietch.bench.terminal");
        progress = new Progress(System.err, terminal, steps);
    }

    /**
     * Runs a step, with its progress shown. If it fails, {@code subject} is skipped with the reason.
     *
     * @param subject what is left out from now on if the step fails
     */
    public void step(String subject, String what, Step step) throws InterruptedException {
        Progress shown = progress;
        if (shown == null) {
            throw new IllegalStateException("steps were not planned");
        }
        if (isSkipped(subject)) {
            shown.end(what, "skipped");
            return;
        }
        shown.begin(what);
        try {
            shown.end(what, step.run());
        } catch (InterruptedException e) {
            throw e;
        } catch (Exception e) {
            String message = e.getMessage();
            skip(subject, message == null ? e.toString() : message);
            shown.end(what, "failed");
        }
    }

    /** A report on this run, with what was skipped. */
    public Report report(String title) {
        Report report = new Report(title, LocalDate.now(ZoneOffset.UTC).toString(), machine, results);
        skipped.forEach(report::skip);
        return report;
    }

    /** Prints the report and writes the files that were asked for. */
    public void publish(Report report) throws IOException {
        if (progress != null) {
            progress.clear();
        }
        System.out.print(report.text());
        write(options.json(), report.json());
        write(options.markdown(), report.markdown());
        Path plot = options.plot();
        if (plot != null) {
            Files.write(plot, report.png());
        }
    }

    private static void write(@Nullable Path file, String text) throws IOException {
        if (file != null) {
            Files.writeString(file, text);
        }
    }

    @Override
    public void close() {
        children.close();
    }
}
