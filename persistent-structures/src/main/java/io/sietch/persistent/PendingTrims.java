package io.sietch.persistent;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Trims that were asked for and that a crash could still take back, oldest first. */
final class PendingTrims {
    private record Trim(long position, CompletableFuture<@Nullable Void> done) {}

    private final ArrayDeque<Trim> trims = new ArrayDeque<>();

    void add(long position, CompletableFuture<@Nullable Void> done) {
        trims.add(new Trim(position, done));
    }

    boolean isEmpty() {
        return trims.isEmpty();
    }

    /** The log is trimmed up to here, durably. Returns how many this ends. */
    int complete(long trimmed) {
        int completed = 0;
        while (!trims.isEmpty() && trims.getFirst().position <= trimmed) {
            trims.removeFirst().done.complete(null);
            completed++;
        }
        return completed;
    }

    /** None of the others will be durable. Returns how many there are. */
    int fail(IOException why) {
        int failed = trims.size();
        while (!trims.isEmpty()) {
            trims.removeFirst().done.completeExceptionally(why);
        }
        return failed;
    }
}
