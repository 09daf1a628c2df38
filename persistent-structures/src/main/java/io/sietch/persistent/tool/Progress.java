package io.sietch.persistent.tool;

import java.io.PrintWriter;

/** Says on one line how far a long work is, if somebody watches. */
final class Progress {
    private final PrintWriter out;
    private final String what;
    private final long total;
    private final boolean shown;
    private long percent = -1;

    Progress(PrintWriter out, String what, long total, boolean shown) {
        this.out = out;
        this.what = what;
        this.total = Math.max(1, total);
        this.shown = shown;
    }

    void at(long done) {
        long now = Math.min(100, 100 * done / total);
        if (shown && now != percent) {
            percent = now;
            out.printf("\r%s: %d %%%s", what, now, now == 100 ? "\r\033[K" : "");
            out.flush();
        }
    }
}
