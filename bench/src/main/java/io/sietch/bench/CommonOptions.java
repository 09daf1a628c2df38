package io.sietch.bench;

import io.sietch.bench.report.RatePlot;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What {@code bench log} and {@code bench redis} have in common. */
public final class CommonOptions {
    @Spec(Spec.Target.MIXEE)
    private @Nullable CommandSpec spec;

    @Option(
            names = "--rounds",
            paramLabel = "N",
            defaultValue = "3",
            description = "Interleaved rounds; the median counts (default: ${DEFAULT-VALUE}).")
    private int rounds = 3;

    @Option(
            names = "--seconds",
            paramLabel = "S",
            defaultValue = "5",
            description = "How long each measure takes (default: ${DEFAULT-VALUE}).")
    private double seconds = 5;

    @Option(
            names = "--warmup",
            paramLabel = "S",
            defaultValue = "3",
            description = "How long each contender is warmed up before (default: ${DEFAULT-VALUE}).")
    private double warmup = 3;

    @Option(
            names = "--dir",
            paramLabel = "DIR",
            description =
                    "Where the data goes: on the disk that is to be measured. What is written there is removed again"
                            + " (default: bench/target/data).")
    private @Nullable Path dir;

    @Option(names = "--json", paramLabel = "FILE", description = "Write every figure of every round to a file.")
    private @Nullable Path json;

    @Option(names = "--markdown", paramLabel = "FILE", description = "Write the tables to a file.")
    private @Nullable Path markdown;

    @Option(names = "--plot", paramLabel = "FILE", description = "Draw the rates to a file, which ends in .png.")
    private @Nullable Path plot;

    @Option(
            names = "--only",
            paramLabel = "TEXT",
            description = "Run only the measures whose name or contender contains this text.")
    private @Nullable String only;

    /** Refuses values that make no sense, as a wrong flag is refused. */
    public void check() {
        if (rounds < 1 || rounds > 1000) {
            throw refused("--rounds " + rounds + ": must be from 1 to 1000");
        }
        if (!(seconds > 0 && seconds <= 3600)) {
            throw refused("--seconds " + seconds + ": must be more than 0 and at most 3600");
        }
        if (!(warmup >= 0 && warmup <= 3600)) {
            throw refused("--warmup " + warmup + ": must be from 0 to 3600");
        }
        if (plot != null) {
            checkPlot(plot);
        }
    }

    /** Before the run: what cannot be drawn afterwards shall not have taken an hour. */
    private void checkPlot(Path file) {
        if (!file.toString().endsWith(".png")) {
            throw refused("--plot " + file + ": must end in .png");
        }
        String obstacle = RatePlot.obstacle();
        if (obstacle != null) {
            throw refused("--plot " + file + ": " + obstacle);
        }
    }

    /** Refuses an {@code --only} that leaves nothing to do. */
    void checkLeaves(int steps) {
        if (only != null && steps == 0) {
            throw refused("--only '" + only + "': no measure and no contender contains this text");
        }
    }

    private ParameterException refused(String why) {
        if (spec == null) {
            throw new IllegalStateException("not parsed by picocli");
        }
        return new ParameterException(spec.commandLine(), why);
    }

    public int rounds() {
        return rounds;
    }

    public double seconds() {
        return seconds;
    }

    public double warmup() {
        return warmup;
    }

    public Path dir() {
        return dirOr(dir);
    }

    /** Where the data of this command goes if the user names no other place. */
    public void dirUnlessGiven(Path place) {
        dir = dir == null ? place : dir;
    }

    /** Writes to where a command's results go. */
    public static void print(CommandSpec command, String text) {
        PrintWriter out = command.commandLine().getOut();
        out.print(text);
        out.flush();
    }

    /** Where the data goes if nothing else was given. */
    public static Path dirOr(@Nullable Path given) {
        return given != null ? given : Path.of(System.getProperty("sietch.bench.dir", "bench-data"));
    }

    public @Nullable Path json() {
        return json;
    }

    public @Nullable Path markdown() {
        return markdown;
    }

    public @Nullable Path plot() {
        return plot;
    }

    /** Whether a measure was asked for. */
    public boolean wants(String measure, String contender) {
        String wanted = only;
        return wanted == null
                || (measure + " / " + contender).toLowerCase(Locale.ROOT).contains(wanted.toLowerCase(Locale.ROOT));
    }

    /** The flags that make up this run, for the report. */
    public String asFlags() {
        return String.format(
                Locale.ROOT, "--rounds %d --seconds %s --warmup %s", rounds, plain(seconds), plain(warmup));
    }

    private static String plain(double value) {
        return value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
    }
}
