package io.sietch.bench.report;

import java.util.concurrent.atomic.AtomicLong;

/**
 * The threads of {@link Lanes}.
 *
 * @param virtual whether the JVM schedules them, on as many carriers as there are processors
 */
public record LaneThreads(int count, boolean virtual) {
    private static final String VIRTUAL = "v";

    /** So many threads of the operating system. */
    public static LaneThreads platform(int count) {
        return new LaneThreads(count, false);
    }

    /** So many virtual threads. */
    public static LaneThreads virtual(int count) {
        return new LaneThreads(count, true);
    }

    /** Of an argument that {@link #argument} made. */
    public static LaneThreads parse(String argument) {
        boolean virtual = argument.endsWith(VIRTUAL);
        return new LaneThreads(Integer.parseInt(virtual ? argument.replace(VIRTUAL, "") : argument), virtual);
    }

    public String argument() {
        return count + (virtual ? VIRTUAL : "");
    }

    public String title() {
        return count + (virtual ? " virtual" : "") + (count == 1 ? " thread" : " threads");
    }

    /**
     * When the first of the threads began, by a number that is 0 before. Virtual threads that keep their carriers let
     * the others begin when they are done; those find the time over then.
     */
    public static long beginning(AtomicLong begun) {
        begun.compareAndSet(0, System.nanoTime());
        return begun.get();
    }

    Thread unstarted(Runnable work) {
        return (virtual ? Thread.ofVirtual() : Thread.ofPlatform()).unstarted(work);
    }
}
