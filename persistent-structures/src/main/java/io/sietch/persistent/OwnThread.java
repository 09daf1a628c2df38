package io.sietch.persistent;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** Runs file I/O on a thread that nobody interrupts: an interrupt would close the file's channel. */
final class OwnThread {
    private OwnThread() {}

    /** Runs the body on a new thread and waits for it, whatever interrupts the caller. */
    static <T> T run(String name, LogRunner.Call<T> body) throws IOException {
        CompletableFuture<T> result = new CompletableFuture<>();
        Thread.ofPlatform().daemon().name(name).start(() -> {
            try {
                result.complete(body.run());
            } catch (Throwable e) {
                result.completeExceptionally(e);
            }
        });
        try {
            return result.join();
        } catch (CompletionException e) {
            throw ThreadRunner.unwrapped(e);
        }
    }
}
