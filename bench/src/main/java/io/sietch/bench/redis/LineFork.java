package io.sietch.bench.redis;

import io.sietch.bench.report.Children;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.TimeUnit;

/**
 * How long a line of memory takes to another processor and back. Whoever hosts virtual processors puts them onto real
 * ones, and moves them: two threads of one core, two cores with a cache in common, and two without differ by a factor
 * of ten, and so does what one process waits for another's answer.
 */
final class LineFork {
    private static final VarHandle WORD = MethodHandles.arrayElementVarHandle(long[].class);
    private static final long LOOKING_NANOS = TimeUnit.MILLISECONDS.toNanos(200);
    private static final int TRIPS = 100;
    /** Words in different lines, and apart from whatever else is there. */
    private static final int THERE = 32;

    private static final int BACK = 64;
    private static final int WORDS = 96;
    private static final long END = -1;

    private LineFork() {}

    /** To be bound to the processors in question. Prints nanoseconds: the mean of the best run of trips. */
    public static void main(String[] args) throws InterruptedException {
        Children.endWithParent();
        System.out.println(Measured.line(nanos()));
    }

    static double nanos() throws InterruptedException {
        long[] words = new long[WORDS];
        Thread other = Thread.ofPlatform().daemon().name("line-answers").start(() -> answer(words));
        long best = Long.MAX_VALUE;
        long start = System.nanoTime();
        long before = start;
        long number = 0;
        while (before - start < LOOKING_NANOS) {
            for (int i = 0; i < TRIPS; i++) {
                WORD.setRelease(words, THERE, ++number);
                while ((long) WORD.getAcquire(words, BACK) != number) {
                    Thread.onSpinWait();
                }
            }
            long now = System.nanoTime();
            best = Math.min(best, now - before);
            before = now;
        }
        WORD.setRelease(words, THERE, END);
        other.join();
        return (double) best / TRIPS;
    }

    private static void answer(long[] words) {
        long seen = 0;
        while (seen != END) {
            long now = (long) WORD.getAcquire(words, THERE);
            if (now == seen) {
                Thread.onSpinWait();
            } else {
                seen = now;
                WORD.setRelease(words, BACK, seen);
            }
        }
    }
}
