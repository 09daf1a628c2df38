package io.sietch.vnic;

import java.util.function.BooleanSupplier;

/**
 * Looking at memory that another process writes, and the pause between two looks.
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

    /** So many looks between two of at the clock, which takes as long as several. */
    private static final int LOOKS = 8;

    private Spinning() {}

    /**
     * Looks for something, for so long at most, give or take a few looks.
     *
     * @param arrived whether it has come
     * @return false if the time is over
     */
    static boolean look(BooleanSupplier arrived, long nanos) {
        long start = System.nanoTime();
        long spun = 0;
        while (spun < nanos) {
            for (int i = 0; i < LOOKS; i++) {
                if (arrived.getAsBoolean()) {
                    return true;
                }
                Thread.onSpinWait();
            }
            spun = System.nanoTime() - start;
            pause(spun);
        }
        return false;
    }

    /** @param spunNanos for how long nothing has come */
    static void pause(long spunNanos) {
        if (spunNanos < KEPT_NANOS) {
            Thread.onSpinWait();
        } else {
            Thread.yield();
        }
    }
}
