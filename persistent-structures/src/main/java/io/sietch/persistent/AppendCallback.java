package io.sietch.persistent;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Told what became of an append. */
@FunctionalInterface
public interface AppendCallback {
    /**
     * Called once for each append, in the order of positions, on the thread of the log. Must be short, must not wait
     * for the log, and must not throw.
     *
     * @param position where the record starts, if it is durable; undefined after a failure
     * @param failure null if the record is durable; else {@link LogFullException} or {@link LogFailedException}
     */
    void completed(long position, @Nullable IOException failure);
}
