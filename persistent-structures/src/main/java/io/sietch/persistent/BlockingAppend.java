package io.sietch.persistent;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** An append that its caller waits for. */
final class BlockingAppend extends Sleeper implements AppendCallback {
    private long position;
    private @Nullable IOException failure;

    /** Notes what became of the append, for when its end is told. */
    void outcome(long at, @Nullable IOException why) {
        position = at;
        failure = why;
    }

    @Override
    public void completed(long at, @Nullable IOException why) {
        outcome(at, why);
        end();
        wake();
    }

    /**
     * Waits for the end of the append, whatever interrupts: its fate would be unknown otherwise. An interrupt is kept
     * for afterwards.
     *
     * @param spinNanos how long to look before parking
     */
    long await(long spinNanos) throws IOException {
        awaitEnd(spinNanos);
        if (failure != null) {
            throw failure;
        }
        return position;
    }
}
