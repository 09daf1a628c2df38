package io.sietch.crash.torture;

import io.sietch.crash.torture.Hunt.Tally;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;

/** One line about a session: rewritten on a terminal, now and then a new one elsewhere. */
final class Progress {
    private static final int BAR = 20;
    private static final Duration LINE_EVERY = Duration.ofSeconds(30);

    private final Session session;
    private final Duration time;
    private final long states;
    private final boolean terminal = Boolean.getBoolean("sietch.torture.terminal");
    private final PrintStream err = System.err;
    private Duration nextLine = LINE_EVERY;

    /** Of a session that takes so long, or until there are so many distinct states. */
    Progress(Session session, Duration time, long states) {
        this.session = session;
        this.time = time;
        this.states = states;
    }

    void show() {
        Duration elapsed = session.elapsed();
        if (terminal) {
            err.print("\r\033[K" + line(elapsed));
        } else if (elapsed.compareTo(nextLine) >= 0) {
            err.println(line(elapsed));
            nextLine = nextLine.plus(LINE_EVERY);
        }
    }

    /** Something else is about to be shown. */
    void clear() {
        if (terminal) {
            err.print("\r\033[K");
        }
    }

    /** It is over: the last line stays where lines stay. */
    void end() {
        clear();
        if (!terminal) {
            err.println(line(session.elapsed()));
        }
    }

    private String line(Duration elapsed) {
        Tally total = session.total();
        double ofTime = (double) elapsed.toMillis() / time.toMillis();
        double part = Math.min(1, Math.max(ofTime, (double) total.distinct() / states));
        int full = (int) (BAR * part);
        return String.format(
                Locale.ROOT,
                "[%s%s] %,d states (%,.0f/s), %,d distinct, %,d by a second crash, %,d faults, %,d bits, %d violations",
                "=".repeat(full),
                " ".repeat(BAR - full),
                total.states(),
                total.states() / Math.max(1e-3, elapsed.toMillis() / 1e3),
                total.distinct(),
                total.nested(),
                total.faults(),
                total.bits(),
                session.broken().size());
    }
}
