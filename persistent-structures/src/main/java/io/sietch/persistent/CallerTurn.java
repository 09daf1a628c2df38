package io.sietch.persistent;

/**
 * A structure that a caller may poll who would only wait for it. On one thread a durable append then takes a write, a
 * flush, and no change of threads.
 *
 * <p>No code of another user runs on the caller's thread: it may hold locks that such code wants to find free.
 */
interface CallerTurn {
    /** After so many polls there is more to do than what the caller waits for. */
    int POLLS_MAX = 64;

    /** What a caller waits for. */
    interface Awaited {
        /** Whether the wait is over. */
        boolean isOver();
    }

    /** As {@link Hosted#pollSafely}, but tells nobody except callers that sleep. By the runner's guest. */
    int pollForCaller();

    /** Whether there are others to be told, or something has failed: only the log's thread does that. */
    boolean owesOthers();

    /**
     * Polls on the calling thread until it has what it waits for and nothing else is left, if the log's thread has
     * nothing to do. Whatever is left, the log's thread does.
     *
     * @return false if the log's thread has to be woken
     */
    static boolean run(LogRunner runner, CallerTurn structure, Awaited awaited) {
        if (!runner.tryEnter()) {
            return false;
        }
        boolean owed = true;
        try {
            for (int i = 0; i < POLLS_MAX; i++) {
                // The device first: it wakes the thread that polled it last when another one submits to it.
                int work = runner.pollDevice() + structure.pollForCaller();
                if (work == 0) {
                    owed = !awaited.isOver() || structure.owesOthers();
                    break;
                }
                if (runner.isWanted() && awaited.isOver()) {
                    break;
                }
            }
        } finally {
            runner.leave(owed);
        }
        return true;
    }
}
