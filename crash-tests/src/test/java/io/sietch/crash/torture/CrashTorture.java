package io.sietch.crash.torture;

import io.sietch.crash.CrashPage;
import io.sietch.crash.CrashViolation;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.TypeConversionException;

/** The command {@code crash-torture}. */
@Command(
        name = "crash-torture",
        mixinStandardHelpOptions = true,
        version = "crash-torture 0.1.0",
        usageHelpAutoWidth = true,
        sortOptions = false,
        description = {
            "Cuts the power under Sietch, fails its calls and flips its bits, for as long as you like, and checks that"
                    + " nothing acknowledged is lost.",
            ""
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:no promise was broken", "1:a promise was broken", "2:the options are wrong"})
public final class CrashTorture implements Callable<Integer> {
    private static final int BROKEN = 1;
    private static final Duration NO_END = Duration.ofDays(365);
    private static final Duration USUAL = Duration.ofMinutes(10);

    /** Of a line that is longer, these many characters are shown at its begin and at its end. */
    private static final int LINE_ENDS = 160;

    @Option(
            names = "--for",
            paramLabel = "TIME",
            converter = Time.class,
            description = "How long: 90s, 10m or 2h (default: 10m, or as long as --until takes).")
    private @Nullable Duration time;

    @Option(names = "--until", paramLabel = "N", description = "Ends when so many distinct states have been made.")
    private long states = Long.MAX_VALUE;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "1",
            description = "Determines everything that is drawn (default: ${DEFAULT-VALUE}).")
    private long seed;

    @Option(
            names = "--subject",
            paramLabel = "NAME",
            defaultValue = "all",
            description = "What is tortured: log, log-pair, control-plane, keyspace, table, queue or all (default:"
                    + " ${DEFAULT-VALUE}).")
    private String subject = "";

    @Option(
            names = "--threads",
            paramLabel = "N",
            description = "How many trials run at a time (default: one for each processor).")
    private int threads = Runtime.getRuntime().availableProcessors();

    @ArgGroup
    private Whole whole = new Whole();

    /** Instead of this and that for a time: one thing, all of it. */
    private static final class Whole {
        @Option(
                names = "--bits",
                description = "Flips each bit of the first 64 KiB once, and does nothing else; ends when that is done.")
        private boolean bits;

        @Option(
                names = "--faults",
                description = "Fails each call of each workload with a name in every way, once and from there on, and"
                        + " does nothing else; ends when that is done.")
        private boolean faults;

        @Option(
                names = "--tears",
                description = "Makes all power losses of an operation or two, and all in the recoveries from these,"
                        + " with one sector torn at each place or filled, and does nothing else; ends when that is"
                        + " done.")
        private boolean tears;

        /** The trials of that one thing; nothing if there is none. */
        Optional<Iterator<Trial>> trials(List<Prey> preys) {
            if (bits) {
                return Optional.of(Trial.everyBit(preys));
            }
            if (faults) {
                return Optional.of(Trial.everyFault(preys));
            }
            return tears ? Optional.of(Trial.everyTear(preys)) : Optional.empty();
        }
    }

    @Option(names = "--replay", paramLabel = "TOKEN", description = "Does again what a violation's token says.")
    private @Nullable String token;

    @Option(
            names = "--report",
            paramLabel = "FILE",
            defaultValue = "crash-torture.html",
            description = "Where the page about the first violation goes (default: ${DEFAULT-VALUE}).")
    private Path report = Path.of("");

    private final PrintStream out = System.out;

    private CrashTorture() {}

    /** Runs the command and ends the process. */
    public static void main(String[] arguments) {
        System.exit(run(arguments));
    }

    static int run(String... arguments) {
        return new CommandLine(new CrashTorture()).execute(arguments);
    }

    /** Reads {@code 90s}, {@code 10m}, {@code 2h}. */
    static final class Time implements ITypeConverter<Duration> {
        private static final Pattern FORM = Pattern.compile("([1-9][0-9]{0,5})(s|m|h)");

        @Override
        public Duration convert(String text) {
            Matcher matcher = FORM.matcher(text);
            if (!matcher.matches()) {
                throw new TypeConversionException("\"" + text + "\" is no time: write 90s, 10m or 2h");
            }
            long number = Long.parseLong(matcher.group(1));
            return switch (matcher.group(2)) {
                case "s" -> Duration.ofSeconds(number);
                case "m" -> Duration.ofMinutes(number);
                default -> Duration.ofHours(number);
            };
        }
    }

    @Override
    public Integer call() {
        try {
            return token == null ? torture() : replay(token);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(new CommandLine(this), String.valueOf(e.getMessage()), e);
        }
    }

    private int replay(String itsToken) {
        Trial trial = Trial.parse(itsToken);
        try {
            trial.replay(itsToken);
        } catch (CrashViolation violation) {
            tell(trial, violation);
            writePage(trial, violation);
            return BROKEN;
        }
        out.println("No promise was broken: " + itsToken);
        return 0;
    }

    private int torture() {
        List<Prey> preys = subject.equals("all") ? List.of(Prey.values()) : List.of(Prey.of(subject));
        if (threads < 1) {
            throw new IllegalArgumentException("--threads " + threads + ": at least one");
        }
        Optional<Iterator<Trial>> all = whole.trials(preys);
        Iterator<Trial> trials = all.orElseGet(() -> Trial.row(preys, seed));
        Duration most =
                all.isPresent() || time == null && states < Long.MAX_VALUE ? NO_END : time == null ? USUAL : time;
        Session session = new Session(preys, trials, seed, most, states, threads);
        session.run(new Progress(session, most, states), broken -> tell(broken.trial(), broken.violation()));
        out.print(session.table());
        for (Session.Broken broken : session.broken()) {
            out.println("Broken: " + command(broken.trial(), broken.violation()));
        }
        session.broken().stream().findFirst().ifPresent(first -> writePage(first.trial(), first.violation()));
        return session.broken().isEmpty() ? 0 : BROKEN;
    }

    private void tell(Trial trial, CrashViolation violation) {
        out.println();
        String.valueOf(violation.getMessage())
                .lines()
                .map(CrashTorture::shortened)
                .forEach(out::println);
        out.println("Do it again: " + command(trial, violation));
    }

    private static String shortened(String line) {
        int left = line.length() - 2 * LINE_ENDS;
        return left <= LINE_ENDS
                ? line
                : line.substring(0, LINE_ENDS) + " ... " + left + " characters ... "
                        + line.substring(line.length() - LINE_ENDS);
    }

    private static String command(Trial trial, CrashViolation violation) {
        return "crash-torture --replay '" + trial.token(violation.token()) + "'";
    }

    private void writePage(Trial trial, CrashViolation violation) {
        try {
            Files.writeString(report, CrashPage.of(violation, command(trial, violation)));
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "cannot write the page to " + report + ": name another file with --report", e);
        }
        out.println(String.format(
                Locale.ROOT, "The page about it: %s", report.toAbsolutePath().normalize()));
    }
}
