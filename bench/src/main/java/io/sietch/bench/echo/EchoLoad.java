package io.sietch.bench.echo;

import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.HdrHistogram.Histogram;

/**
 * Keeps so many datagrams under way, and times each. The client looks all the time, whatever the server does, but for
 * offers of its processor: a server that was put on the same one could not answer before the client is made to stop.
 */
final class EchoLoad {
    private static final long LOST_AFTER_NANOS = 200_000_000L;

    /** So long an answer may take before the processor is offered to others between two looks. */
    private static final long KEPT_NANOS = 2_000;

    private final EchoLine line;
    private final int window;
    private final Histogram times = new Histogram(TimeUnit.SECONDS.toNanos(10), 3);
    private int outstanding;
    private long answers;
    private long lost;
    private long now;
    private long answeredAt;

    /**
     * @param window how many datagrams at once
     */
    EchoLoad(EchoLine line, int window) {
        this.line = line;
        this.window = window;
    }

    /** Goes on until it is told that it is enough. */
    void run(BooleanSupplier enough) throws IOException {
        answeredAt = System.nanoTime();
        while (!enough.getAsBoolean()) {
            now = System.nanoTime();
            while (outstanding < window && line.send(now)) {
                outstanding++;
            }
            line.receive(this::answered);
            if (now - answeredAt > KEPT_NANOS) {
                Thread.yield();
            }
            if (now - answeredAt > LOST_AFTER_NANOS) {
                lost += outstanding;
                outstanding = 0;
                answeredAt = now;
            }
        }
    }

    private void answered(long sentAt) {
        answeredAt = System.nanoTime();
        times.recordValue(Math.min(answeredAt - sentAt, times.getHighestTrackableValue()));
        answers++;
        outstanding = Math.max(0, outstanding - 1);
    }

    /** Forgets what was measured, but not what is under way. */
    void reset() {
        times.reset();
        answers = 0;
        lost = 0;
    }

    long answers() {
        return answers;
    }

    /** Datagrams that nothing came back for. */
    long lost() {
        return lost;
    }

    /** Nanoseconds from sending to receiving. */
    Histogram times() {
        return times;
    }
}
