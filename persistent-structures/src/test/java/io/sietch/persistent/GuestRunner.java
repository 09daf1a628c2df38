package io.sietch.persistent;

import io.sietch.vsic.Poller;
import java.io.IOException;

/** A structure's thread, played by the test's: it works when it is woken, if it may, or when a guest owes it work. */
final class GuestRunner implements LogRunner {
    private final Poller device;
    private Hosted structure = new NoStructure();
    /** Whether the thread waits, so that a caller may be its guest. */
    boolean idle = true;
    /** Whether it works at once when it is woken. */
    boolean works = true;

    boolean guest;
    int visits;
    int wakes;
    boolean owed;

    private static final class NoStructure implements Hosted {
        @Override
        public String name() {
            return "none";
        }

        @Override
        public LogCore log() {
            throw new AssertionError();
        }

        @Override
        public int pollSafely() {
            return 0;
        }

        @Override
        public boolean isClosed() {
            return true;
        }

        @Override
        public boolean hasEnded() {
            return true;
        }
    }

    GuestRunner(Poller device) {
        this.device = device;
    }

    void runs(Hosted hosted) {
        structure = hosted;
    }

    void work() {
        while (structure.pollSafely() + device.poll() > 0) {
            // goes on
        }
    }

    @Override
    public <T> T call(Call<T> body) throws IOException {
        return body.run();
    }

    @Override
    public boolean isCurrent() {
        return guest;
    }

    @Override
    public void wake() {
        wakes++;
        if (works) {
            work();
        }
    }

    @Override
    public boolean tryEnter() {
        if (idle) {
            guest = true;
            visits++;
        }
        return idle;
    }

    @Override
    public int pollDevice() {
        return device.poll();
    }

    @Override
    public boolean isWanted() {
        return false;
    }

    @Override
    public void leave(boolean owes) {
        guest = false;
        owed = owes;
        if (owes) {
            work();
        }
    }
}
