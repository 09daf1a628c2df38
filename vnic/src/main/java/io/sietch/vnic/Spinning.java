package io.sietch.vnic;

/**
 * The pause between two looks at memory that another process writes.
 *
 * <p>The scheduler may have put both ends on one processor, which it does when one wakes the other while the second
 * processor is busy. There whoever looks keeps the other from doing what is looked for, for as long as it looks: both
 * then look and sleep in turn, and each answer takes the sum of both waits. So after a moment every look is followed by
 * an offer of the processor. Where there is nobody else to take it, that is a system call of a fraction of a
 * microsecond.
 */
final class Spinning {
    /** So long an answer from another processor may be awaited without a system call. */
    private static final long KEPT_NANOS = 2_000;

    private Spinning() {}

    /** @param spunNanos for how long nothing has come */
    static void pause(long spunNanos) {
        if (spunNanos < KEPT_NANOS) {
            Thread.onSpinWait();
        } else {
            Thread.yield();
        }
    }
}
