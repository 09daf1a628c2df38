package io.sietch.bench.report;

import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;

/**
 * Says on one line what is being measured, how far the run is and how long the rest will take. On a terminal the line
 * is written over; elsewhere each step gets a line.
 */
public final class Progress {
    private final PrintStream out;
    private final boolean terminal;
    private final int steps;
    private final long startedAt = System.nanoTime();
    private int done;
    private int shown;

    public Progress(PrintStream out, boolean terminal, int steps) {
        this.out = out;
        this.terminal = terminal;
        this.steps = steps;
    }

    /** A step begins. */
    public void begin(String what) {
        show("[" + (done + 1) + "/" + steps + "] " + what + " ..." + rest(), !terminal);
    }

    /** The step is over. */
    public void end(String what, String outcome) {
        done++;
        show("[" + done + "/" + steps + "] " + what + ": " + outcome, !terminal);
    }

    /** Takes the line away before something else is printed. */
    public void clear() {
        if (terminal && shown > 0) {
            out.print("\r" + " ".repeat(shown) + "\r");
            out.flush();
            shown = 0;
        }
    }

    private String rest() {
        if (done == 0) {
            return "";
        }
        Duration left = Duration.ofNanos((System.nanoTime() - startedAt) / done * (steps - done));
        return String.format(Locale.ROOT, " (%d:%02d left)", left.toMinutes(), left.toSecondsPart());
    }

    private void show(String line, boolean ownLine) {
        if (ownLine) {
            out.println(line);
            return;
        }
        out.print("\r" + line + " ".repeat(Math.max(0, shown - line.length())));
        out.flush();
        shown = line.length();
    }
}
