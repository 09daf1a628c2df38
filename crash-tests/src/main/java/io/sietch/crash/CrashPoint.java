package io.sietch.crash;

/**
 * Where a life ends: after so many of its events, of which the last, if it is a write, may still be under way.
 *
 * @param killed whether only the process ends and the power stays on
 */
record CrashPoint(int events, boolean killed) {
    @Override
    public String toString() {
        return (killed ? "k" : "") + events;
    }

    static CrashPoint parse(String text) {
        boolean killed = text.startsWith("k");
        return new CrashPoint(Integer.parseInt(text.substring(killed ? 1 : 0)), killed);
    }
}
